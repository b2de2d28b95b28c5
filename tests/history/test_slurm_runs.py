from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.history.log import LINE
from headrace.history.slurm_runs import parse_tasks, unfold


@pytest.mark.parametrize(
    ("job", "tasks"),
    [
        ("7_[5-9%2]", [5, 6, 7, 8, 9]),
        ("7_[3]", [3]),
        ("7_[1,4-6,10-20:5%3]", [1, 4, 5, 6, 10, 15, 20]),
        ("7_4", []),
        ("7_[]", []),
        ("7_[9-5]", []),
        ("7_[1,x]", []),
        ("7_[1-3,...]", []),
    ],
)
def test_a_range_of_tasks_is_its_tasks(job: str, tasks: list[int]) -> None:
    assert [task for part in parse_tasks(job) for task in part] == tasks


@given(st.sets(st.integers(0, 500), min_size=1))
def test_any_set_of_tasks_comes_back(tasks: set[int]) -> None:
    job = f"7_[{','.join(map(str, sorted(tasks)))}%4]"
    assert [task for part in parse_tasks(job) for task in part] == sorted(tasks)


def frame(*jobs: str) -> pl.DataFrame:
    return pl.DataFrame({LINE: range(2, len(jobs) + 2), "job": jobs}, schema={LINE: pl.UInt32, "job": pl.String})


def test_rows_without_a_range_stay_as_they_are() -> None:
    rows = frame("7", "7_1", "7+0")
    assert unfold(rows, 10)[0].equals(rows)


def test_unfolded_tasks_keep_their_row_s_line() -> None:
    rows, wrong, left = unfold(frame("7", "8_[1-3]"), 10)
    assert rows.rows() == [(2, "7"), (3, "8_1"), (3, "8_2"), (3, "8_3")]
    assert (wrong, left) == ([], 7)


def test_more_tasks_than_are_read_make_a_reject_and_cost_no_memory() -> None:
    rows, wrong, left = unfold(frame("7_[0-4000000]", "8_[1-3]", "9_[1-2]"), 4)
    assert rows["job"].to_list() == ["8_1", "8_2", "8_3"]
    assert [r.line for r in wrong] == [2, 4]
    assert left == 1
