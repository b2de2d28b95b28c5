"""A replay written as a log and read back is the same history: the same ledger, and the same replay again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.explain.logs import Row, make, row
from tests.explain.records import often
from tests.factories import make_pool, stays
from tests.twins.inputs import policies

from headrace.explain.explain import explain
from headrace.explain.ledger import ALLOCATED
from headrace.history import read, write
from headrace.history.asked import asked, happened, outages, span
from headrace.history.rewrite import with_runs
from headrace.policy.policy import Policy, parse
from headrace.replay.replay import replay
from headrace.units import NEVER
from headrace.world.fleet import Fleet, Tenant

if TYPE_CHECKING:
    from pathlib import Path

    from headrace.history.log import JobLog
    from headrace.world.record import Outages, Runs, Workload

FLEET = Fleet(
    "test",
    (
        make_pool("h20", nodes=3, chips=4, cpu=16_000, memory=64),
        make_pool("npu", nodes=2, chips=2, kind="Ascend 910B", cpu=8000, memory=64),
    ),
    (Tenant("b", {"H20": 4, "Ascend 910B": 2}),),
)
JOB = st.fixed_dictionaries(
    {
        "submit": st.integers(0, 60),
        "work_s": st.integers(0, 90).map(float),
        "chips": st.sampled_from([0, 1, 1, 2, 4]),
        "nodes": st.sampled_from([1, 1, 1, 2]),
        "cpus_milli": st.sampled_from([0, 1000, 5000]),
        "memory_mib": st.sampled_from([0, 20]),
        "tenant": st.sampled_from("aab"),
        "kinds": st.sampled_from(["", "", "H20", "ascend910b"]),
        "pool": st.sampled_from(["", "", "h20", "npu"]),
        "class": st.sampled_from(["normal", "normal", "serving"]),
        "state": st.sampled_from(["completed", "completed", "failed", "timeout", "cancelled"]),
        "checkpoint_s": st.sampled_from([None, 0.5, 10.0]),
        "starting_s": st.sampled_from([None, 2.0, 30.0]),
        "limit_s": st.sampled_from([None, 20.0, 100.0]),
        "activity": st.sampled_from([None, 0.0, 0.5, 1.0]),
    }
)
EVENTS = st.lists(
    st.tuples(
        st.sampled_from(FLEET.node_names), st.integers(0, 100), st.integers(0, 60), st.sampled_from(["down", "drain"])
    ),
    max_size=3,
)


@st.composite
def logs(draw: st.DrawFn, shares: tuple[int, ...] = (1000,)) -> JobLog:
    """What was asked for, named in the order of submission; no times."""
    drawn = sorted(draw(st.lists(JOB, min_size=1, max_size=14)), key=lambda job: job["submit"])
    share = [draw(st.sampled_from(shares)) if 0 < job["chips"] <= 2 else 1000 for job in drawn]
    rows: list[Row] = [{"job": f"j{i:02d}", "share_milli": share[i]} | job for i, job in enumerate(drawn)]
    return make(*rows, events=tuple((node, at, at + for_, state) for node, at, for_, state in draw(EVENTS)))


def played(log: JobLog, policy: Policy, fleet: Fleet = FLEET) -> tuple[Workload, Runs, Outages]:
    workload, out = asked(log, fleet).workload, outages(log, fleet)[0]
    return workload, replay(fleet, workload, policy, out), out


@often(80)
@given(logs(), policies())
def test_a_replay_read_back_has_the_same_ledger(log: JobLog, policy: Policy) -> None:
    workload, runs, out = played(log, policy)
    back = with_runs(log, FLEET, workload, runs)
    was, (begin, end) = happened(back, FLEET), span(back)
    one = explain(FLEET, workload, runs, out, begin, end)
    other = explain(FLEET, was.workload, was.runs, outages(back, FLEET)[0], begin, end)
    assert back.rejects == ()
    assert other.overcommit is None
    assert other.tenants == one.tenants
    assert other.cells.tolist() == one.cells.tolist()
    assert other.short == one.short


@often(80)
@given(logs(), policies())
def test_a_replay_read_back_replays_to_the_same_starts(log: JobLog, policy: Policy) -> None:
    workload, runs, _ = played(log, policy)
    back = with_runs(log, FLEET, workload, runs)
    ran = set(runs.job[runs.start < NEVER].tolist())
    if ran == set(range(len(workload))):
        again_workload, again, _ = played(back, policy)
        assert again_workload.names == workload.names
        assert again_workload.work.tolist() == workload.work.tolist()
        assert stays(again) == stays(runs)


@often(60)
@given(logs(shares=(1000, 500, 334, 250)), policies())
def test_shares_read_back_are_held_for_as_long_and_never_more_than_there_is(log: JobLog, policy: Policy) -> None:
    workload, runs, out = played(log, policy)
    was = happened(with_runs(log, FLEET, workload, runs), FLEET)
    one = explain(FLEET, workload, runs, out, was.begin, was.end)
    other = explain(FLEET, was.workload, was.runs, out, was.begin, was.end)
    assert other.overcommit is None
    assert [other.classes[c] for c in ALLOCATED] == [one.classes[c] for c in ALLOCATED]


@pytest.mark.parametrize("name", ["log.parquet", "log.csv"])
def test_a_replay_survives_being_written_to_a_file(tmp_path: Path, name: str) -> None:
    rows = [row(f"j{i}", i, work_s=20.0, chips=4, state="completed") for i in range(6)]
    log = make(*rows, events=(("h20-1", 5, 30, "down"),))
    workload, runs, _ = played(log, parse("fifo/first"))
    back = with_runs(log, FLEET, workload, runs)
    write(back, tmp_path / name)
    again = read(tmp_path / name)
    assert again.jobs.equals(back.jobs)
    assert happened(again, FLEET).runs.start.tolist() == happened(back, FLEET).runs.start.tolist()


def test_a_run_that_was_cut_off_is_a_row_of_its_own_and_the_next_begins_with_its_return() -> None:
    log = make(row("a", 0, work_s=50.0, chips=4, checkpoint_s=8.0), events=(("h20-1", 20, 40, "down"),))
    workload, runs, _ = played(log, parse("fifo/first"))
    jobs = with_runs(log, FLEET, workload, runs).jobs
    assert jobs["run"].to_list() == [0, 1]
    assert jobs["state"].to_list() == ["node_fail", "completed"]
    assert jobs["submit"][1] == jobs["end"][0]
    assert jobs["ran_on"].to_list() == ["H20:h20-1", "H20:h20-2"]


def test_a_job_that_never_started_waits_still() -> None:
    log = make(row("a", 0, work_s=50.0, chips=8), row("b", 1, work_s=5.0))
    workload, runs, _ = played(log, parse("fifo+easy/first"))
    jobs = with_runs(log, FLEET, workload, runs).jobs.filter(pl.col("job") == "a")
    assert jobs.select("state", "start", "end", "ran_on").rows() == [("pending", None, None, "")]


def test_a_job_that_was_still_running_is_written_as_one_that_ended_where_the_log_did() -> None:
    log = make(row("a", 0, 0, None, state="running"), row("b", 0, 10, 20))
    workload, runs, _ = played(log, parse("fifo/first"))
    back = with_runs(log, FLEET, workload, runs)
    assert back.rejects == ()
    assert set(back.jobs["job"]) == {"a", "b"}


def test_what_else_the_log_said_is_kept() -> None:
    log = make(row("a", 0, work_s=5.0, user="u", limit_s=60.0, activity=0.5, workload="llama", remark="mine"))
    workload, runs, _ = played(log, parse("fifo/first"))
    back = with_runs(log, FLEET, workload, runs)
    kept = back.jobs.select("user", "limit_s", "activity", "workload", "remark").rows()
    assert kept == [("u", 60.0, 0.5, "llama", "mine")]
    assert "work_s" not in back.jobs.columns
    assert (back.source, back.notes) == (log.source, log.notes)


def test_the_nodes_of_a_gang_are_named_in_the_fleets_order() -> None:
    log = make(row("a", 0, work_s=5.0, chips=4, nodes=3))
    workload, runs, _ = played(log, parse("fifo/first"))
    turned = replace(runs, node=runs.node[::-1].copy(), chipmask=runs.chipmask[::-1].copy())
    assert with_runs(log, FLEET, workload, turned).jobs["ran_on"].to_list() == ["H20:h20-1;h20-2;h20-3"]
    assert np.unique(runs.node).tolist() == [0, 1, 2]
