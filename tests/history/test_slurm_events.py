from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from headrace.errors import InputError
from headrace.history.slurm_events import read_events

SLURM = Path(__file__).resolve().parents[1] / "fixtures" / "slurm"
HEADER = "NodeName|State|TimeStart|TimeEnd|Reason"


def text(path: Path, *rows: str, header: str = HEADER) -> Path:
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def test_real_slurm_s_events_are_all_accounted_for() -> None:
    events, rejects, lines = read_events(SLURM / "events.txt", UTC)
    assert (events.height, rejects) == (3, [])
    assert {name: count for name, count in lines.items() if count} == {"header": 1, "read": 3, "clusters": 1}


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("DOWN", "down"),
        ("DOWN*", "down"),
        ("DOWN+DRAIN", "down"),
        ("FAIL", "down"),
        ("IDLE*", "down"),
        ("POWERED_DOWN", "down"),
        ("DRAIN", "drain"),
        ("MIXED+DRAIN", "drain"),
        ("IDLE+DRAIN", "drain"),
        ("FAILING", "drain"),
        ("MAINT", "drain"),
        ("REBOOT", "drain"),
    ],
)
def test_slurm_s_states_of_nodes_are_ours(tmp_path: Path, said: str, state: str) -> None:
    events, rejects, _ = read_events(text(tmp_path / "e", f"n-1|{said}|1000000000|Unknown|"), None)
    assert (events["state"].to_list(), rejects) == ([state], [])


def test_a_state_in_which_a_node_works_is_a_reject(tmp_path: Path) -> None:
    events, rejects, _ = read_events(text(tmp_path / "e", "n-1|IDLE|1000000000|Unknown|"), None)
    assert events.is_empty()
    assert [(r.line, r.reason) for r in rejects] == [(2, "as a node event, has the state 'IDLE'")]


def test_an_end_that_is_unknown_has_not_come(tmp_path: Path) -> None:
    events, _, _ = read_events(text(tmp_path / "e", "n-1|DRAIN|1000000000|Unknown|x"), None)
    assert events.rows() == [("n-1", datetime(2001, 9, 9, 1, 46, 40, tzinfo=UTC), None, "drain", "x")]


def test_a_reason_may_hold_a_delimiter_anywhere_in_the_row(tmp_path: Path) -> None:
    path = text(tmp_path / "e", "a | b|n-1|DOWN|1000000000|1000000001", header="Reason|NodeName|State|Start|End")
    events, _, _ = read_events(path, None)
    assert events.select("node", "reason").rows() == [("n-1", "a | b")]


def test_times_without_a_zone_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="state no time zone"):
        read_events(text(tmp_path / "e", "n-1|DOWN|2025-01-01T00:00:00|Unknown|"), None)


def test_another_table_is_refused() -> None:
    with pytest.raises(InputError, match=r"has no column 'nodename'.*sacctmgr"):
        read_events(SLURM / "sacct.txt", UTC)
