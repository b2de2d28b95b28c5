"""What a live round costs: more than ten thousand jobs that wait on a thousand nodes."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.live.given import from_sample
from tests.live.hand import DictStore, nodes_of

from headrace.live.desk import Desk
from headrace.live.engines.fake import FakeEngine
from headrace.live.turn import Turns
from headrace.policy.policy import parse
from headrace.units import DAY_MS, HOUR_MS, MINUTE_MS

if TYPE_CHECKING:
    from headrace.live.known import Step

JOBS, NODES, TURNS = 16_000, 1000, 60


class Timed(Desk):
    """A desk that notes how long its rounds take (s)."""

    def round(self, now: int) -> list[Step]:
        began = time.perf_counter()
        steps = super().round(now)
        self.took = [*getattr(self, "took", []), time.perf_counter() - began]
        return steps


def crowd(policy: str, *, alike: bool) -> tuple[FakeEngine, Timed, Turns]:
    """The jobs of the built-in sample, all submitted at once to a thousand nodes: most of them wait. Unless they are
    `alike`, each has a time limit of its own, and stands in a line of its own."""
    given, keys = from_sample(JOBS, NODES), count()
    engine, desk = FakeEngine(nodes_of(given.fleet)), Timed(parse(policy), given.fleet.tenants)
    for i, (asked, work) in enumerate(zip(given.asked, given.workload.work.tolist(), strict=True)):
        limit = asked.limit if alike else 30 * DAY_MS + i * MINUTE_MS
        engine.arrive(replace(asked, submit=0, limit=limit), work + HOUR_MS)
    return engine, desk, Turns(desk, engine, DictStore(), lambda: f"{next(keys)}", most=JOBS)


@pytest.mark.bench
@pytest.mark.parametrize("alike", [True, False])
@pytest.mark.parametrize("policy", ["fair+easy/fgd", "fifo+conservative/best", "las+easy/packing"])
def test_what_a_turn_and_its_round_cost_with_ten_thousand_jobs_waiting(policy: str, alike: bool) -> None:
    engine, desk, turns = crowd(policy, alike=alike)
    turns.turn()
    desk.took, whole = [], list[float]()
    for _ in range(TURNS):
        engine.until(engine.at + 5 * MINUTE_MS)
        began = time.perf_counter()
        turns.turn()
        whole.append(time.perf_counter() - began)
    said = (
        f"median {1000 * np.median(times):.0f} ms, worst {1000 * max(times):.0f} ms" for times in (desk.took, whole)
    )
    lines = len(desk.tables.lines)
    print(f"\n{policy}: {desk.waiting:,} wait, {lines:,} lines; round {next(said)}; whole turn {next(said)}")
