"""Whatever is done to the bytes of a log, reading it ends in a log or in one sentence."""

from __future__ import annotations

import gzip
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headrace.errors import HeadraceError
from headrace.history import read, write
from headrace.history.log import JobLog, make_log

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

LINES = [
    "job,run,tenant,user,submit,start,end,state,chips,nodes,share_milli,kinds,ran_on,class,activity,limit_s,remark",
    "1001,0,search,li,2025-03-01T08:00:00Z,2025-03-01T08:05:00Z,2025-03-01T10:00:00Z,completed,8,2,1000,H20,"
    'H20:h20-1;h20-2,normal,0.62,86400,"first, and good"',
    "1002,0,ads,wu,2025-03-01T16:03:07.250+08:00,2025-03-01T16:05:00+08:00,2025-03-01T16:06:11+08:00,failed,1,1,250,"
    "H20;A800,A800:gpu-07,normal,,3600,",
    "1002,1,ads,wu,2025-03-01T08:06:11Z,2025-03-01T08:07:00Z,,running,1,1,250,,:gpu-08,spare,0.1,3600,",
    '1003,0,搜索,zhao,2025-03-01T09:00:00Z,,,pending,4,1,1000,,,serving,,,"say ""hi"""',
]
BYTES = ("\n".join(LINES) + "\n").encode()
STRANGE = [
    *("", "-1", "0", "1e308", "nan", "inf", "9" * 30, '"', '""', "\t", "0x10", "+08:00", "É\u202e", "H20:;;", "#line"),
    *("9999-12-31T23:59:59Z", "-0001-01-01T00:00:00Z", "2025-03-01T08:00:00", "2025-02-30T00:00:00Z"),
    *("2025-03-01T08:00:60Z", "2025-03-01T24:00:00Z", "\x1b[2J", " ", ","),
]
FIELDS = st.sampled_from(STRANGE) | st.text(max_size=5)


def read_bytes(folder: Path, name: str, data: bytes) -> JobLog | None:
    path = folder / name
    path.write_bytes(data)
    with suppress(HeadraceError):
        return read(path)
    return None


@st.composite
def mutated(draw: st.DrawFn, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(changed)))
        changed[at : at + draw(st.integers(0, 6))] = draw(st.binary(max_size=4))
    return bytes(changed)


@st.composite
def mutated_lines(draw: st.DrawFn) -> tuple[list[str], int]:
    lines = [line.split(",") for line in draw(st.permutations(LINES[1:]))]
    for _ in range(draw(st.integers(1, 6))):
        fields = draw(st.sampled_from(lines))
        fields[draw(st.integers(0, len(fields) - 1))] = draw(FIELDS).replace("\n", " ").replace("\0", " ")
    texts = [",".join(fields).encode(errors="replace").decode() for fields in lines]
    return [LINES[0], *texts], sum(1 for text in texts if text.strip())


@settings(max_examples=150)
@given(mutated(BYTES))
def test_no_change_to_a_csv_log_ends_in_a_traceback(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    read_bytes(tmp_path_factory.mktemp("fuzz"), "log.csv", data)


@settings(max_examples=100)
@given(mutated(gzip.compress(BYTES, mtime=0)))
def test_no_change_to_a_packed_log_ends_in_a_traceback(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    read_bytes(tmp_path_factory.mktemp("fuzz"), "log.csv.gz", data)


@settings(max_examples=150)
@given(mutated_lines())
def test_every_line_of_a_strange_log_is_a_run_or_a_reject(
    tmp_path_factory: pytest.TempPathFactory, strange: tuple[list[str], int]
) -> None:
    lines, rows = strange
    log = read_bytes(tmp_path_factory.mktemp("fuzz"), "log.csv", "\n".join(lines).encode())
    if log is not None:
        assert log.jobs.height + len(log.rejects) == rows
        assert all(refused.reason and refused.text.isprintable() for refused in log.rejects)


def real_looking_parquet(folder: Path) -> bytes:
    begin = datetime(2025, 3, 1, 8, tzinfo=UTC)
    jobs = pl.DataFrame(
        {
            "job": [f"job-{i}" for i in range(50)],
            "tenant": ["search", "ads"] * 25,
            "submit": [begin + timedelta(minutes=i) for i in range(50)],
            "start": [begin + timedelta(minutes=2 * i) for i in range(50)],
            "end": [begin + timedelta(minutes=3 * i) for i in range(50)],
            "chips": [i % 9 for i in range(50)],
            "activity": [i / 50 for i in range(50)],
        }
    )
    write(make_log(jobs, source="fuzz", sha256="", format="own"), folder / "whole.parquet")
    return (folder / "whole.parquet").read_bytes()


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_change_to_a_parquet_log_ends_in_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, capfd: pytest.CaptureFixture[str], data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("fuzz")
    read_bytes(folder, "log.parquet", data.draw(mutated(real_looking_parquet(folder))))
    assert "panicked" not in capfd.readouterr().err
