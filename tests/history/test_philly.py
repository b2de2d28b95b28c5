from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from headrace.errors import CallError, InputError
from headrace.history import read

if TYPE_CHECKING:
    from pathlib import Path

HEADER = "timestamp,duration,num_gpus,gpu_time,cluster"
LIST = f"""{HEADER}
2017-10-09 07:01:55,66.0,1,66.0,11cb48
2017-10-09 06:13:03,2951.5,16,47224.0,6214e9
2017-10-09 06:13:03,-1,1,-1,6214e9
2017-10-09 06:13,30,one,30,6214e9
"""


@pytest.fixture
def philly_csv(tmp_path: Path) -> Path:
    path = tmp_path / "philly.csv"
    path.write_text(LIST)
    return path


def test_a_philly_job_is_its_submission_its_length_and_its_gpus(philly_csv: Path) -> None:
    log = read(philly_csv)
    columns = ("job", "tenant", "submit", "state", "chips", "nodes", "work_s")
    assert log.jobs.select(columns).rows() == [
        ("philly-2", "6214e9", datetime(2017, 10, 9, 6, 13, 3, tzinfo=UTC), "completed", 8, 2, 2951.5),
        ("philly-1", "11cb48", datetime(2017, 10, 9, 7, 1, 55, tzinfo=UTC), "completed", 1, 1, 66.0),
    ]
    assert log.format == "philly"
    assert not log.has_starts


def test_a_philly_row_that_makes_no_sense_is_rejected(philly_csv: Path) -> None:
    assert [(refused.line, refused.reason) for refused in read(philly_csv).rejects] == [
        (4, "has the duration -1.0, which is no length of time in seconds"),
        (5, "has num_gpus 'one', which is not a whole number"),
    ]
    assert read(philly_csv).rejects[0].text == LIST.splitlines()[3]


def test_the_zone_of_a_philly_list_is_said_and_may_be_stated(philly_csv: Path) -> None:
    assert "times were read as UTC, because the Philly trace does not state its zone" in read(philly_csv).notes
    there = read(philly_csv, tz=ZoneInfo("America/Los_Angeles"))
    assert "times were read as America/Los_Angeles" in there.notes
    assert (there.jobs["submit"] - read(philly_csv).jobs["submit"]).to_list() == [timedelta(hours=7)] * 2


@pytest.mark.parametrize(
    ("gpus", "nodes", "chips"),
    [
        (0, 1, 0),
        (1, 1, 1),
        (5, 1, 5),
        (8, 1, 8),
        (9, 3, 3),
        (11, 11, 1),
        (12, 2, 6),
        (16, 2, 8),
        (24, 3, 8),
        (128, 16, 8),
    ],
)
def test_a_gang_takes_the_fewest_nodes_that_share_its_chips_evenly(
    tmp_path: Path, gpus: int, nodes: int, chips: int
) -> None:
    path = tmp_path / "philly.csv"
    path.write_text(f"{HEADER}\n2017-10-09 07:01:55,66.0,{gpus},66.0,11cb48\n")
    assert read(path).jobs.select("nodes", "chips").row(0) == (nodes, chips)


def test_a_philly_list_without_a_column_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "philly.csv"
    path.write_text("timestamp,duration,num_gpus\n")
    with pytest.raises(
        InputError, match="has no column 'cluster'; the columns found are: timestamp, duration, num_gpus"
    ):
        read(path)


def test_a_philly_list_has_no_use_for_node_events(philly_csv: Path) -> None:
    with pytest.raises(CallError, match="no nodes"):
        read(philly_csv, node_events=philly_csv)


def test_the_whole_trace_is_read(reference_data: Path) -> None:
    log = read(reference_data / "philly" / "philly_jobs.csv.gz")
    gpu_hours = (log.jobs["chips"] * log.jobs["nodes"] * log.jobs["work_s"]).sum() / 3600
    assert (log.jobs.height, round(gpu_hours), log.rejects) == (82_247, 978_078, ())
