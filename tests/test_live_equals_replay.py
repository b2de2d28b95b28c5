"""The code that replays is the code that runs: the same log through both drivers gives identical decisions.

Replay is handed the log; live sees the same jobs and outages through a fake engine whose clock is moved by hand, and
acts on it. Every run of every job is compared: when it started, where, on which chips, when it ended and how.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.factories import make_workload, stays
from tests.live.given import Given, asked_of, from_sample
from tests.live.hand import DictStore, nodes_of
from tests.twins.inputs import fleets, often, outages, workloads

from headrace.history.asked import asked as requests
from headrace.history.asked import outages as outages_of
from headrace.history.own import read_own, write_own
from headrace.live import tables
from headrace.live.desk import Desk
from headrace.live.engines.fake import FakeEngine
from headrace.live.store.job_log import job_log
from headrace.live.store.store import Store
from headrace.live.turn import Turns
from headrace.policy.policy import Policy, parse
from headrace.policy.registry import BACKFILLS, ORDERS, PLACES
from headrace.replay.replay import replay
from headrace.serve.book import Book
from headrace.units import NEVER
from headrace.world.record import Outcome

if TYPE_CHECKING:
    from pathlib import Path

Ran = tuple[int, int, int, tuple[tuple[int, int], ...]]
"""(start, end, outcome, nodes and chips) of one run."""


def replayed(given: Given, policy: Policy) -> dict[str, list[Ran]]:
    """Each job's runs, as replay has them."""
    found: dict[str, list[Ran]] = {asked.job: [] for asked in given.asked}
    for stay in stays(replay(given.fleet, given.workload, policy, given.outages)):
        if stay.start < NEVER:
            found[given.asked[stay.job].job].append((stay.start, stay.end, stay.outcome, stay.places))
    return found


class Live:
    """The same through turns: at each instant at which something happens, the engine's part of it, then a turn."""

    def __init__(self, given: Given, policy: Policy, book: DictStore | Book | None = None) -> None:
        self.given, self.now, self.done = given, 0, 0
        work = {asked.job: int(w) for asked, w in zip(given.asked, given.workload.work, strict=True)}
        self.work = work
        self.engine = FakeEngine(nodes_of(given.fleet))
        self.desk = Desk(policy, given.fleet.tenants, work if policy.oracle else None)
        keys = count()
        self.turns = Turns(self.desk, self.engine, book or DictStore(), lambda: f"{next(keys)}", most=10**6)
        ends = zip(given.outages.end, [0] * len(given.outages), given.outages.node, strict=True)
        begins = zip(given.outages.start, 1 + given.outages.down.astype(int), given.outages.node, strict=True)
        self.outages = sorted((int(at), int(kind), int(n)) for at, kind, n in (*ends, *begins))
        self.out = [0] * len(given.fleet.node_names)

    def run(self) -> dict[str, list[Ran]]:
        while (now := self._next()) < NEVER:
            self.engine.until(now)
            self._break(now)
            self._arrive(now)
            turned = self.turns.turn()
            assert not turned.trouble
            self.now = now
        assert not self.engine.refused
        return {job: self._runs(job) for job in self.work}

    def _next(self) -> int:
        due = [asked.submit for asked in self.given.asked[self.done : self.done + 1]]
        broken = [at for at, _, _ in self.outages[:1]]
        return min([self.engine.next(), self.desk.wake(self.now), *due, *broken])

    def _break(self, now: int) -> None:
        while self.outages and self.outages[0][0] == now:
            _, kind, n = self.outages.pop(0)
            name = self.given.fleet.node_names[n]
            self.out[n] += 1 if kind else -1
            if kind == 2:
                self.engine.fail(name)
            elif self.out[n] > 0:
                self.engine.drain(name)
            if self.out[n] <= 0:
                self.engine.repair(name)

    def _arrive(self, now: int) -> None:
        while self.done < len(self.given.asked) and self.given.asked[self.done].submit == now:
            asked = self.given.asked[self.done]
            ends = Outcome(int(self.given.workload.ends[self.done]))
            self.engine.arrive(asked, self.work[asked.job], ends)
            self.done += 1

    def _runs(self, job: str) -> list[Ran]:
        number = {name: n for n, name in enumerate(self.given.fleet.node_names)}
        return [
            (run.start, run.end, int(run.outcome), tuple(sorted((number[name], mask) for name, mask in run.on)))
            for run in self.engine.jobs[job].runs
        ]


@st.composite
def givens(draw: st.DrawFn) -> Given:
    """A small fleet of one site, jobs that nothing holds back, and outages that may overlap."""
    fleet = draw(fleets())
    fleet = replace(fleet, pools=tuple(replace(pool, site="") for pool in fleet.pools))
    drawn = [replace(job, after=-1, gap=0, starting=0) for job in draw(workloads(fleet))]
    jobs = sorted(drawn, key=lambda job: job.submit)
    asked = tuple(asked_of(i, job) for i, job in enumerate(jobs))
    return Given(fleet, asked, make_workload(fleet, jobs), draw(outages(fleet)))


def every_policy(turn: int) -> list[Policy]:
    """Every order with every backfill, each with one of the places in turn."""
    places = list(PLACES)
    pairs = [(order, backfill) for order in ORDERS for backfill in BACKFILLS]
    return [Policy(*pair, places[(turn + 3 * i) % len(places)], seed=turn) for i, pair in enumerate(pairs)]


@often(60)
@given(givens(), st.integers(0, len(PLACES) - 1))
def test_live_decides_what_replay_decides_whatever_the_policy(drawn: Given, turn: int) -> None:
    """Same starts, same nodes, same chips, same ends: outages, quotas, gangs, shares and checkpoints included."""
    for policy in every_policy(turn):
        assert Live(drawn, policy).run() == replayed(drawn, policy), policy.name


@often(25)
@given(givens(), st.integers(0, len(PLACES) - 1))
def test_tables_that_are_made_anew_again_and_again_decide_the_same(drawn: Given, turn: int) -> None:
    """Jobs that ended leave room; the order among those that are left, and what was learnt, is kept. A draw at random
    is by a job's number, which may be another then."""
    with patch.object(tables, "LEAST_ROOM", 2):
        for policy in [policy for policy in every_policy(turn) if policy.place != "random"]:
            assert Live(drawn, policy).run() == replayed(drawn, policy), policy.name


@pytest.mark.parametrize("policy", ["fair+easy/fgd", "las+conservative/packing", "oracle:srsf/worth"])
def test_live_decides_what_replay_decides_on_the_built_in_sample(policy: str) -> None:
    """A mixed fleet with quotas, gangs, shares and outages, and a thousand jobs as they come."""
    given = from_sample(1000)
    assert Live(given, parse(policy)).run() == replayed(given, parse(policy))


@pytest.mark.parametrize("policy", ["fair+easy/fgd", "fifo+conservative/best"])
def test_a_runs_own_history_imported_replays_to_the_same_starts(policy: str, tmp_path: Path) -> None:
    """What a server wrote down of a thousand jobs, with quotas and outages, is a log like any other."""
    given, store = from_sample(1000), Store.open(f"sqlite:///{tmp_path / 'store.db'}")
    Live(given, parse(policy), Book(store, lambda _: None)).run()
    write_own(job_log(store), tmp_path / "log.parquet")
    log = read_own(tmp_path / "log.parquet")
    workload, (out, _) = requests(log, given.fleet).workload, outages_of(log, given.fleet)
    found = replay(given.fleet, workload, parse(policy), out)
    ran = {(workload.names[stay.job], stay.start, stay.end) for stay in stays(found) if stay.start < NEVER}
    assert ran == set(zip(log.jobs["job"], *(log.jobs[when].dt.epoch("ms") for when in ("start", "end")), strict=True))
    store.close()
