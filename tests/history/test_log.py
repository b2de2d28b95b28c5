from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.errors import InputError
from headrace.history.log import COLUMNS, EVENT_COLUMNS, LINE, TEXT, JobLog, Reject, make_log, reject

if TYPE_CHECKING:
    from random import Random

EIGHT = datetime(2025, 3, 1, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
ROW = {
    "job": "a",
    "submit": EIGHT,
    "start": EIGHT + HOUR,
    "end": EIGHT + 2 * HOUR,
    "state": "completed",
    "chips": 8,
}


def log_of(*rows: dict[str, object], events: pl.DataFrame | None = None) -> JobLog:
    return make_log(frame_of(*rows), events, source="log.csv", sha256="00", format="own")


def frame_of(*rows: dict[str, object]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), infer_schema_length=None)


def reasons(log: JobLog) -> list[str]:
    return [refused.reason for refused in log.rejects]


def test_absent_columns_get_their_defaults() -> None:
    log = log_of({"job": "a", "submit": EIGHT, "chips": 8})
    row = log.jobs.row(0, named=True)
    assert log.jobs.schema == pl.Schema(COLUMNS)
    assert (row["run"], row["nodes"], row["share_milli"], row["class"]) == (0, 1, 1000, "normal")
    assert (row["tenant"], row["user"], row["kinds"], row["ran_on"]) == ("unknown", "", "", "")
    assert row["activity"] is None
    assert log.node_events.schema == pl.Schema(EVENT_COLUMNS)


def test_the_tenant_falls_back_to_the_user() -> None:
    log = log_of(ROW | {"tenant": "search", "user": "li"}, ROW | {"job": "b", "tenant": "", "user": "li"})
    assert log.jobs["tenant"].to_list() == ["search", "li"]


def test_columns_that_headrace_does_not_know_are_kept() -> None:
    log = log_of(ROW | {"zeta": 1, "alpha": "x"})
    assert log.jobs.columns == [*COLUMNS, "alpha", "zeta"]


@pytest.mark.parametrize("column", ["job", "submit", "chips"])
def test_a_log_without_a_required_column_is_refused_with_the_columns_found(column: str) -> None:
    with pytest.raises(InputError, match=rf"log.csv: has no column '{column}'; the columns found are: .*state"):
        log_of({name: value for name, value in ROW.items() if name != column})


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"job": ""}, "has no job"),
        ({"job": None}, "has no job"),
        ({"user": "a\x1b[2J"}, "has a control character in tenant"),
        ({"submit": None}, "has no time of submission"),
        ({"submit": datetime(1969, 12, 31, tzinfo=UTC)}, "times from 1970 to 2199 are possible"),
        ({"end": datetime(2200, 1, 1, tzinfo=UTC)}, "times from 1970 to 2199 are possible"),
        ({"end": EIGHT}, "before it starts"),
        ({"start": None, "end": EIGHT - HOUR, "state": "cancelled"}, "before it is submitted"),
        ({"end": None}, "is completed and has a start but no end"),
        ({"state": "pending", "end": None}, "is pending and yet has a start"),
        ({"state": "running"}, "is running and yet has an end"),
        ({"state": "done"}, "has the state 'done'; possible are completed, failed"),
        ({"state": None}, "has no state"),
        ({"class": "gold"}, "has the class 'gold'; possible are serving, normal, spare"),
        ({"run": -1}, "has run -1"),
        ({"chips": None}, "does not say how many chips"),
        ({"chips": -1}, "has chips -1"),
        ({"chips": 1000}, "has chips 1000"),
        ({"nodes": 0}, "has nodes 0"),
        ({"share_milli": 0}, "has share_milli 0; 1 to 1000"),
        ({"share_milli": 1001}, "has share_milli 1001"),
        ({"cpus_milli": -1}, "has cpus_milli -1"),
        ({"memory_mib": -1}, "has memory_mib -1"),
        ({"ran_on": "h20-1"}, "has ran_on 'h20-1'; its form is KIND:NODE;NODE"),
        ({"activity": 87.0}, "has the activity 87.0; 0 to 1 is possible"),
        ({"activity": -0.1}, "has the activity -0.1"),
        ({"idle_chips": 9}, "has 9 idle chips"),
        ({"checkpoint_s": 0.0}, "has checkpoint_s 0.0"),
        ({"limit_s": -5.0}, "has limit_s -5.0"),
        ({"limit_s": float("inf")}, "has limit_s inf"),
        ({"starting_s": -1.0}, "has starting_s -1.0"),
        ({"work_s": -1.0}, "has work_s -1.0"),
        ({"eligible": datetime(1960, 1, 1, tzinfo=UTC)}, "has the eligible 1960"),
    ],
)
def test_a_row_that_makes_no_sense_is_rejected_with_the_reason(change: dict[str, object], reason: str) -> None:
    good = {name: ROW.get(name) for name in ROW | change} | {"job": "good"}
    log = log_of(good, ROW | change)
    assert log.jobs["job"].to_list() == ["good"]
    assert [refused.line for refused in log.rejects] == [2]
    assert reason in log.rejects[0].reason


def test_a_reject_keeps_the_line_and_the_text_of_its_row() -> None:
    frame = frame_of(ROW | {"chips": -1, LINE: 17, TEXT: "a,2025-03-01,-1"}, ROW | {LINE: 18, TEXT: "a,..."})
    log = make_log(frame, source="log.csv", sha256="", format="own", rejects=[Reject(3, "has 2 fields", "x,y")])
    assert [(refused.line, refused.text) for refused in log.rejects] == [(3, "x,y"), (17, "a,2025-03-01,-1")]
    assert log.jobs.columns == list(COLUMNS)


def test_the_text_of_a_reject_is_bounded_and_cannot_steer_a_terminal() -> None:
    refused = reject(1, "why", "\x1b[2J" + "x" * 1000)
    assert refused.text.startswith("\\x1b[2J")
    assert len(refused.text) == 500


def test_a_number_that_is_not_a_number_is_not_known() -> None:
    log = log_of(ROW | {"activity": float("nan"), "limit_s": float("nan")})
    assert log.jobs["activity"].to_list() == log.jobs["limit_s"].to_list() == [None]


def test_a_run_that_starts_before_it_is_submitted_counts_as_submitted_then() -> None:
    log = log_of(ROW | {"submit": EIGHT + 2 * HOUR, "end": EIGHT + 3 * HOUR})
    assert log.jobs["submit"].to_list() == [EIGHT + HOUR]
    assert log.notes == ("rows that start before they are submitted, taken as submitted at their start: 1",)


@pytest.mark.parametrize(
    ("eligible", "kept"),
    [
        (None, None),
        (EIGHT - HOUR, EIGHT),
        (EIGHT + HOUR / 2, EIGHT + HOUR / 2),
        (EIGHT + 5 * HOUR, EIGHT + HOUR),
    ],
)
def test_a_job_becomes_eligible_between_its_submission_and_its_start(
    eligible: datetime | None, kept: datetime | None
) -> None:
    frame = frame_of(ROW).with_columns(pl.lit(eligible, pl.Datetime("ms", "UTC")).alias("eligible"))
    assert make_log(frame, source="", sha256="", format="own").jobs["eligible"].to_list() == [kept]


def test_a_log_without_states_takes_them_from_the_times() -> None:
    ended = {"job": "a", "submit": EIGHT, "start": EIGHT, "end": EIGHT + HOUR, "chips": 1, "work_s": None}
    rows = [ended, ended | {"job": "b", "end": None}, ended | {"job": "c", "start": None, "end": None}]
    measured = ended | {"job": "d", "start": None, "end": None, "work_s": 60.0}
    assert log_of(*rows, measured).jobs["state"].to_list() == ["completed", "running", "pending", "completed"]


def test_runs_of_one_job_are_told_apart_and_the_same_run_twice_is_rejected() -> None:
    again = ROW | {"start": None, "end": None, "state": "pending"}
    log = log_of(again, ROW, ROW | {"run": 1})
    assert log.jobs.select("run", "state").rows() == [(0, "completed"), (1, "completed")]
    assert log.rejects[0].line == 1
    assert "run 0 of job 'a' again" in log.rejects[0].reason


def test_a_log_says_whether_it_knows_any_start() -> None:
    assert log_of(ROW).has_starts
    assert not log_of(ROW | {"start": None, "end": None, "state": "pending"}).has_starts


def test_node_events_are_checked_and_sorted() -> None:
    events = pl.DataFrame(
        {
            "node": ["b", "a", "", "c", "c", "c"],
            "start": [EIGHT, EIGHT, EIGHT, None, EIGHT, EIGHT],
            "end": [None, EIGHT + HOUR, None, None, EIGHT - HOUR, None],
            "state": ["down", "drain", "down", "down", "down", "asleep"],
        }
    )
    log = log_of(ROW, events=events)
    assert log.node_events.select("node", "state", "reason").rows() == [("a", "drain", ""), ("b", "down", "")]
    assert [why.split(" (")[0] for why in reasons(log)] == [
        "as a node event, names no node",
        "as a node event, has no start",
        "as a node event, ends",
        "as a node event, has the state 'asleep'; possible are down, drain",
    ]


def test_a_log_of_no_jobs_is_a_log() -> None:
    log = log_of(ROW | {"chips": -1})
    assert log.jobs.height == 0
    assert log.jobs.schema == pl.Schema(COLUMNS)
    assert not log.has_starts


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "job": st.sampled_from(["a", "b", "c", ""]),
            "run": st.integers(-1, 2),
            "submit": st.integers(0, 5).map(lambda hours: EIGHT + hours * HOUR),
            "start": st.integers(0, 5).map(lambda hours: EIGHT + hours * HOUR),
            "end": st.integers(0, 9).map(lambda hours: EIGHT + hours * HOUR),
            "chips": st.integers(-1, 8),
            "state": st.sampled_from(["completed", "failed", "gone"]),
        }
    ),
    min_size=1,
    max_size=12,
)


@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_says_nothing(rows: list[dict[str, object]], random: Random) -> None:
    shuffled = random.sample(rows, len(rows))
    one, other = log_of(*rows), log_of(*shuffled)
    assert one.jobs.equals(other.jobs)
    assert one.notes == other.notes
    assert sorted(reasons(one)) == sorted(reasons(other))


@given(ROWS)
def test_every_row_is_in_the_log_or_among_the_rejects(rows: list[dict[str, object]]) -> None:
    log = log_of(*rows)
    assert log.jobs.height + len(log.rejects) == len(rows)
    assert len({refused.line for refused in log.rejects}) == len(log.rejects)
    assert log.jobs["submit"].is_sorted()
    assert bool((log.jobs["start"] <= log.jobs["end"]).all())
    assert bool((log.jobs["submit"] <= log.jobs["start"]).all())


@given(ROWS)
def test_a_log_made_of_a_log_is_the_same(rows: list[dict[str, object]]) -> None:
    once = log_of(*rows)
    twice = make_log(once.jobs, once.node_events, source="log.csv", sha256="00", format="own")
    assert twice.jobs.equals(once.jobs)
    assert not twice.rejects
    assert not twice.notes
