"""What a replay costs: seconds and memory, how they grow with jobs and with nodes, and what plain Python would take."""

from __future__ import annotations

import resource
import time
from math import log
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.twins.replay import Twin

from headrace.history.asked import asked, outages
from headrace.history.sample import draw
from headrace.policy.policy import Policy, parse
from headrace.replay.replay import replay

if TYPE_CHECKING:
    from headrace.world.fleet import Fleet
    from headrace.world.record import Outages, Workload

JOBS = (30_000, 100_000, 300_000, 1_000_000)
NODES = (125, 250, 500, 1000)
SLICE = 300
"""Jobs that the plain twin replays: it takes minutes for thousands."""


def sampled(jobs: int, nodes: int | None = None) -> tuple[Fleet, Workload, Outages]:
    drawn = draw(np.random.default_rng(1), jobs=jobs, nodes=nodes)
    return drawn.fleet, asked(drawn.log, drawn.fleet).workload, outages(drawn.log, drawn.fleet)[0]


def seconds(policy: str, fleet: Fleet, workload: Workload, out: Outages) -> float:
    began = time.perf_counter()
    replay(fleet, workload, parse(policy), out)
    return time.perf_counter() - began


def slope(sizes: tuple[int, ...], times: list[float]) -> float:
    """Of log time on log size: 1 is in proportion."""
    return float(np.polyfit([log(size) for size in sizes], [log(took) for took in times], 1)[0])


def said(what: str, sizes: tuple[int, ...], unit: str, times: list[float]) -> None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    row = ", ".join(f"{size:,} {unit} {took:.2f} s" for size, took in zip(sizes, times, strict=True))
    print(f"\n{what:24} {row}; slope {slope(sizes, times):.2f}; peak {peak:.2f} GiB")


@pytest.mark.bench
@pytest.mark.parametrize("policy", ["fifo/first", "fair+easy/fgd", "fair+easy/worth", "oracle:smallest/best"])
def test_how_the_time_of_a_replay_grows_with_jobs_on_fleets_that_grow_with_them(policy: str) -> None:
    sizes = (5_000, 20_000, 80_000)
    said(policy, sizes, "jobs", [seconds(policy, *sampled(jobs)) for jobs in sizes])


@pytest.mark.bench
def test_how_the_time_of_a_replay_grows_to_a_million_jobs_on_ten_thousand_nodes() -> None:
    times = [seconds("fair+easy/fgd", *sampled(jobs, 10_000 * jobs // JOBS[-1])) for jobs in JOBS]
    said("fair+easy/fgd", JOBS, "jobs", times)
    assert slope(JOBS, times) <= 1.15


@pytest.mark.bench
def test_how_the_time_of_a_replay_grows_with_nodes_for_as_many_jobs() -> None:
    said("fair+easy/fgd, 40,000", NODES, "nodes", [seconds("fair+easy/fgd", *sampled(40_000, n)) for n in NODES])


@pytest.mark.bench
def test_how_much_faster_a_replay_is_than_its_plain_twin() -> None:
    fleet, workload, out = sampled(SLICE)
    policy: Policy = parse("fair+easy/fgd")
    began = time.perf_counter()
    Twin(fleet, workload, policy, out).replay()
    plain = time.perf_counter() - began
    ours = min(seconds("fair+easy/fgd", fleet, workload, out) for _ in range(5))
    print(f"\n{SLICE} jobs: plain Python {plain:.2f} s, compiled {ours:.4f} s, {plain / ours:,.0f} times")
