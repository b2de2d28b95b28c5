"""Replays of queues that theory solves, and what theory says: Erlang C, Pollaczek-Khinchine, Little, and fair shares.

    Poisson arrivals  ->  one line, first come first served  ->  c chips, each job on one of them for its service

Times of the theory are in mean services; the replay's are in ms, and a mean service is an hour of them, so that
rounding a time to a whole ms moves it by less than a millionth.
"""

from __future__ import annotations

from dataclasses import replace
from heapq import heappop, heappush
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from tests.factories import Job, make_fleet, make_pool, make_workload

from headrace.policy.policy import parse
from headrace.replay.replay import replay
from headrace.units import HOUR_MS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from headrace.world.fleet import Fleet
    from headrace.world.record import Floats, Ints, Runs, Workload

MEAN = HOUR_MS
REPLICATIONS = 30
T_99 = 2.756386
"""The 99.5 % quantile of Student's t with 29 degrees of freedom: 30 replications, 99 % on both sides."""


class Service(NamedTuple):
    """A law of service times with the mean one: how it is drawn, and its squared coefficient of variation."""

    draw: Callable[[np.random.Generator, int], Floats]
    scv: float


def _constant(chance: np.random.Generator, many: int) -> Floats:
    return np.ones(many)


def _exponential(chance: np.random.Generator, many: int) -> Floats:
    return chance.exponential(size=many)


def _lognormal(chance: np.random.Generator, many: int) -> Floats:
    """Mean one and scv 2: exp(s²) - 1 = 2."""
    square = np.log(3.0)
    return chance.lognormal(-square / 2, np.sqrt(square), many)


def _hyperexponential(chance: np.random.Generator, many: int) -> Floats:
    """Two exponentials of balanced means, p1/r1 = p2/r2 = 1/2, with scv 4: p1 = (1 + √((4 - 1)/(4 + 1)))/2."""
    often = (1 + np.sqrt(3 / 5)) / 2
    mean = np.where(chance.random(many) < often, 1 / (2 * often), 1 / (2 * (1 - often)))
    return mean * chance.exponential(size=many)


SERVICES = {
    "constant": Service(_constant, 0),
    "exponential": Service(_exponential, 1),
    "lognormal": Service(_lognormal, 2),
    "hyperexponential": Service(_hyperexponential, 4),
}


def erlang_c(servers: int, load: float) -> float:
    """The chance that a job has to wait in M/M/c, `load` = λ/(cμ) < 1.

    With a = cρ: B(0) = 1, B(k) = a·B(k-1) / (k + a·B(k-1)); C = B(c) / (1 - ρ·(1 - B(c))). (A. K. Erlang, 1917;
    L. Kleinrock, Queueing Systems I, 1975, section 3.5.)
    """
    offered, blocked = servers * load, 1.0
    for k in range(1, servers + 1):
        blocked = offered * blocked / (k + offered * blocked)
    return blocked / (1 - load * (1 - blocked))


def wait_mmc(servers: int, load: float) -> float:
    """The mean wait of M/M/c in mean services: W = C / (c·(1 - ρ)) (Erlang; Kleinrock I, section 3.5)."""
    return erlang_c(servers, load) / (servers * (1 - load))


def wait_mg1(load: float, scv: float) -> float:
    """The mean wait of M/G/1 in mean services: W = λ·E[S²] / (2·(1 - ρ)) = ρ·(1 + scv) / (2·(1 - ρ)).

    Constant service, M/D/1, is scv = 0. (F. Pollaczek, 1930; A. Khinchine, 1932; Kleinrock I, section 5.6.)
    """
    return load * (1 + scv) / (2 * (1 - load))


def one_node(chips: int) -> Fleet:
    return make_fleet(make_pool(chips=chips))


def many_nodes(chips: int) -> Fleet:
    return make_fleet(make_pool(nodes=chips, chips=1))


def single_chip_jobs(submit: Ints, work: Ints, tenant: Ints | None = None) -> Workload:
    """Jobs of one chip in the order given, `tenant` by number (None: one tenant has them all)."""
    many = len(submit)
    tenant = np.zeros(many, np.int64) if tenant is None else tenant
    one = make_workload(one_node(1), [Job()])
    same = ("shape", "limit", "checkpoint", "starting", "ends", "service", "activity", "idle_chips", "after", "gap")
    return replace(
        one,
        names=tuple(f"job-{i}" for i in range(many)),
        tenants=tuple(f"tenant-{i}" for i in range(int(tenant.max()) + 1)),
        tenant=tenant,
        submit=submit,
        work=work,
        **{name: np.repeat(getattr(one, name), many) for name in same},
    )


def drawn(chips: int, load: float, service: str, jobs: int, seed: int) -> Workload:
    """`jobs` Poisson arrivals that offer `load` to each of `chips` chips; every queue draws from a stream of its own.

    No service is of zero ms.
    """
    chance = np.random.default_rng((seed, chips, round(1000 * load), list(SERVICES).index(service)))
    gaps = chance.exponential(MEAN / (chips * load), jobs)
    work = MEAN * SERVICES[service].draw(chance, jobs)
    return single_chip_jobs(np.rint(np.cumsum(gaps)).astype(np.int64), np.ceil(work).astype(np.int64))


def waits(runs: Runs) -> Ints:
    """The wait of each job in ms, by its number."""
    found = np.full(len(runs), -1)
    found[runs.job] = runs.start - runs.queued
    return found


def recursion(workload: Workload, chips: int) -> Ints:
    """The same waits by the recursion of Kiefer and Wolfowitz (1955; for one server Lindley's of 1952).

    Each job, in the order of arrival, takes the server that is free first: start = max(arrival, that instant).
    """
    free, found = [0] * chips, []
    for submit, work in zip(workload.submit.tolist(), workload.work.tolist(), strict=True):
        start = max(submit, heappop(free))
        heappush(free, start + work)
        found.append(start - submit)
    return np.array(found)


class Estimate(NamedTuple):
    """A mean over independent replications, and half the width of its 99 % confidence interval."""

    mean: float
    half: float


def estimate(means: Sequence[float]) -> Estimate:
    """Student's interval: mean ± t · s / √n, for n = REPLICATIONS."""
    assert len(means) == REPLICATIONS
    return Estimate(float(np.mean(means)), float(T_99 * np.std(means, ddof=1) / np.sqrt(REPLICATIONS)))


def mean_wait(fleet: Fleet, load: float, service: str, jobs: int, warm_up: int) -> Estimate:
    """The mean wait in mean services, over seeds 0, 1, 2, ...; the first `warm_up` jobs of each are not counted."""
    policy, means = parse("fifo/first"), []
    for seed in range(REPLICATIONS):
        runs = replay(fleet, drawn(fleet.chips, load, service, jobs, seed), policy)
        means.append(float(waits(runs)[warm_up:].mean()) / MEAN)
    return estimate(means)


class Level(NamedTuple):
    """How many there are from `time[i]` to `time[i + 1]`: `many[i]`; none before, none after."""

    time: Ints
    many: Ints

    @property
    def span(self) -> int:
        return int(self.time[-1] - self.time[0])

    @property
    def area(self) -> int:
        """The exact integral over time."""
        return int(self.many[:-1] @ np.diff(self.time))

    def at(self, instants: Ints) -> Ints:
        """How many there are just after each of `instants`, none of them before the first time."""
        return self.many[np.searchsorted(self.time, instants, side="right") - 1]


def level(enter: Ints, leave: Ints) -> Level:
    """How many have entered and not left; all that happens in one instant happens at once."""
    time, where = np.unique(np.concatenate([enter, leave]), return_inverse=True)
    change = np.zeros(len(time), np.int64)
    np.add.at(change, where, np.repeat([1, -1], [len(enter), len(leave)]))
    return Level(time, np.cumsum(change))


def chip_levels(runs: Runs) -> dict[tuple[int, int], Level]:
    """How many jobs hold each chip, by (node, chip), for runs of one chip each."""
    place = np.stack([runs.node, np.log2(runs.chipmask).astype(np.int64)], axis=1)
    chips, chip = np.unique(place, axis=0, return_inverse=True)
    return {
        (int(n), int(c)): level(runs.start[chip == i], runs.end[chip == i]) for i, (n, c) in enumerate(chips.tolist())
    }


def little(enter: Ints, leave: Ints) -> tuple[float, float, float]:
    """L, λ and W over the span from the first to enter to the last to leave: L = λW (J. D. C. Little, 1961).

    L is the exact integral of how many there are, over the span; λ is how many came a ms; W is their mean stay in ms.
    """
    here = level(enter, leave)
    return here.area / here.span, len(enter) / here.span, float(np.mean(leave - enter))


def busy_periods(enter: Ints, leave: Ints) -> list[tuple[int, int, int]]:
    """Each period without an empty system: its jobs, the integral of how many there are, the sum of their stays."""
    here = level(enter, leave)
    areas = np.append(here.many[:-1] * np.diff(here.time), 0)
    first = np.append(0, np.flatnonzero(here.many[:-1] == 0) + 1)
    period = np.searchsorted(here.time[first], enter, side="right") - 1
    stays = np.zeros(len(first), np.int64)
    np.add.at(stays, period, leave - enter)
    jobs = np.bincount(period, minlength=len(first))
    return list(zip(jobs.tolist(), np.add.reduceat(areas, first).tolist(), stays.tolist(), strict=True))


def alike_tenants(works: Sequence[Ints], interleaved: bool) -> Workload:
    """For each tenant as many jobs, of the lengths in `works`, all submitted at once.

    They are numbered in turn (0, 1, 2, 0, 1, 2, ...), or tenant by tenant, so that first come would be first served.
    """
    work = np.array(works)
    owner = np.broadcast_to(np.arange(len(work))[:, None], work.shape)
    order = "F" if interleaved else "C"
    return single_chip_jobs(np.zeros(work.size, np.int64), work.ravel(order), owner.ravel(order))


def saturated_until(workload: Workload, runs: Runs) -> int:
    """When the first tenant starts its last job: until then all have jobs that wait."""
    owner = workload.tenant[runs.job]
    return min(int(runs.start[owner == t].max()) for t in range(len(workload.tenants)))


def held_by(workload: Workload, runs: Runs, instant: int) -> Ints:
    """The chip-ms that each tenant has held by `instant`."""
    held = np.clip(instant - runs.start, 0, runs.end - runs.start)
    found = np.zeros(len(workload.tenants), np.int64)
    np.add.at(found, workload.tenant[runs.job], held)
    return found


def apart(workload: Workload, runs: Runs, until: int) -> tuple[int, int]:
    """Chip-ms held by the tenant with the most beyond the one with the least: at most ever, and at `until`.

    Every chip is held, and changes hands only when a job ends: between two ends each tenant's chip-time grows evenly,
    so that no instant in between has them further apart than both ends.
    """
    ends = np.unique(runs.end[runs.end < until])
    ever = [int(np.ptp(held_by(workload, runs, instant))) for instant in [*ends.tolist(), until]]
    return max(ever), ever[-1]
