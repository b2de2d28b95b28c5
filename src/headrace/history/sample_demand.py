"""The sample's jobs, drawn population by population, then stretched until each partition is asked for its load."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from headrace.history.sample_centre import PARTITIONS, TENANTS, Centre
from headrace.history.sample_chance import ONE, chance, parts, pick
from headrace.history.sample_habits import DAY, EARLY, HOUR, LIMITS, PINNED, RHYTHMS, SLACK
from headrace.history.sample_mix import MIX, Population
from headrace.units import PPM

if TYPE_CHECKING:
    from headrace.world.record import Bools, Ints

EMPTY: Final = -1
"""In an integer column: the log leaves this field empty."""
STATES: Final = ("completed", "failed", "cancelled", "timeout")
FAILED, TIMEOUT = STATES.index("failed"), STATES.index("timeout")
CLOCK_H: Final = 8
"""The centre's clock is UTC+08:00."""
LEAST_S: Final = 60
"""A job that was already running when the period began runs for at least this long in it."""
TURNS: Final = 4
"""How often the stretch is corrected: what is asked for does not grow quite in proportion to it."""


@dataclass(frozen=True)
class Demand:
    """One row a job, in no order. Times in seconds, `submit` counts from the begin of the period.

    `population` is a place in MIX, `tenant` in TENANTS, `pool` in PARTITIONS, `state` in STATES; `user` counts within
    the tenant. `kinds`: 0 the pool's own kind, 1 either NVIDIA kind, 2 any. `share` and `activity` are in thousandths,
    `idle` in chips. `elastic` jobs may be stretched. Where the log leaves a field empty it is EMPTY.
    """

    population: Ints
    tenant: Ints
    user: Ints
    pool: Ints
    kinds: Ints
    nodes: Ints
    chips: Ints
    share: Ints
    heavy: Bools
    spare: Bools
    submit: Ints
    work: Ints
    state: Ints
    limit: Ints
    activity: Ints
    idle: Ints
    starting: Ints
    checkpoint: Ints
    elastic: Bools

    def __len__(self) -> int:
        return len(self.submit)

    @property
    def width(self) -> Ints:
        """Milli-chips that each job holds while it runs."""
        return self.nodes * self.chips * self.share


def demand(rng: np.random.Generator, centre: Centre, jobs: int) -> Demand:
    """`jobs` jobs in the proportions of MIX."""
    counts = parts(jobs, [population.jobs for population in MIX])
    drawn = [_drawn(rng, centre, number, count) for number, count in enumerate(counts) if count]
    joined = Demand(**{f.name: np.concatenate([getattr(d, f.name) for d in drawn]) for f in fields(Demand)})
    return _limited(_stretched(joined, centre))


def _drawn(rng: np.random.Generator, centre: Centre, number: int, n: int) -> Demand:
    """`n` jobs of one population, before they are stretched; `limit` is still how many limits the user skips."""
    population = MIX[number]
    burst, place = _bursts(rng, population, n)
    bursts = int(burst[-1]) + 1
    tenant, user, pool = _who(rng, population, bursts)
    shape = np.array(list(population.shapes))[pick(rng, list(population.shapes.values()), bursts)]
    nodes = np.minimum(shape[:, 0], centre.largest_gang[pool])
    heavy = chance(rng, population.heavy, bursts) & (shape[:, 1] <= 4)
    spare = chance(rng, population.spare, bursts)
    kinds = _kinds(rng, pool)
    begin, gap = _begins(rng, centre, population, bursts), population.gap.draw(rng, bursts)
    work, state, elastic = _ends(rng, population, n)
    activity, idle = _activity(rng, population, (nodes * shape[:, 1])[burst])
    checkpoint = np.array(list(population.checkpoints))[pick(rng, list(population.checkpoints.values()), n)]
    limit = pick(rng, SLACK, n) if population.limited else np.full(n, EMPTY)
    return Demand(
        population=np.full(n, number),
        tenant=tenant[burst],
        user=user[burst],
        pool=pool[burst],
        kinds=kinds[burst],
        nodes=nodes[burst],
        chips=shape[burst, 1],
        share=shape[burst, 2],
        heavy=heavy[burst],
        spare=spare[burst],
        submit=begin[burst] + place * gap[burst],
        work=work,
        state=state,
        limit=limit,
        activity=activity,
        idle=idle,
        starting=population.starting.draw(rng, n),
        checkpoint=np.where(checkpoint > 0, checkpoint, EMPTY),
        elastic=elastic,
    )


def _bursts(rng: np.random.Generator, population: Population, n: int) -> tuple[Ints, Ints]:
    """Per job: its burst, and its place in that burst."""
    sizes = population.burst.draw(rng, n)
    upto = np.cumsum(sizes)
    burst = np.searchsorted(upto, np.arange(n), side="right")
    return burst, np.arange(n) - (upto - sizes)[burst]


def _who(rng: np.random.Generator, population: Population, bursts: int) -> tuple[Ints, Ints, Ints]:
    """Per burst: tenant, user and partition; the first users of a tenant submit the most."""
    names, pools = list(TENANTS), [partition.name for partition in PARTITIONS]
    seats = [seat.split("@") for seat in population.seats]
    places = np.array([(names.index(tenant), pools.index(pool)) for tenant, pool in seats])
    tenant, pool = places[pick(rng, list(population.seats.values()), bursts)].T
    u = rng.integers(0, ONE, bursts)
    return tenant, np.array(list(TENANTS.values()))[tenant] * (u * u // ONE) // ONE, pool


def _kinds(rng: np.random.Generator, pool: Ints) -> Ints:
    """Per burst: how narrow the request is (0 pinned, 1 either NVIDIA kind, 2 any)."""
    bounds = np.cumsum([PINNED[partition.server.kind] for partition in PARTITIONS], axis=1)[pool]
    u = rng.integers(0, 1000, len(pool))
    return np.asarray((u[:, None] >= bounds).sum(axis=1), np.int64)


def _begins(rng: np.random.Generator, centre: Centre, population: Population, bursts: int) -> Ints:
    """When each burst begins, by the hours of the day and the days of the week."""
    by_hour, weekend = RHYTHMS[population.rhythm]
    hour = np.arange(centre.hours) + CLOCK_H
    per_cent = np.where(hour // 24 % 7 >= 5, weekend, 100)
    weights = np.array(by_hour)[hour % 24] * per_cent
    return pick(rng, weights, bursts) * HOUR + rng.integers(0, HOUR, bursts)


def _ends(rng: np.random.Generator, population: Population, n: int) -> tuple[Ints, Ints, Bools]:
    """Per job: how long it runs, how it ends, and whether it may be stretched."""
    work, state = population.work.draw(rng, n), pick(rng, population.ends, n)
    early = (state == FAILED) & ~chance(rng, population.late, n)
    work = np.where(early, np.minimum(work, EARLY.draw(rng, n)), work)
    if not population.steady:
        work = np.where(state == TIMEOUT, np.array(LIMITS)[np.searchsorted(LIMITS, work)], work)
    return work, state, ~early & population.steady


def _activity(rng: np.random.Generator, population: Population, chips: Ints) -> tuple[Ints, Ints]:
    """Per job: its mean activity over its chips, and how many of them stood at zero."""
    n = len(chips)
    silent, half, blind = (chance(rng, p, n) for p in (population.silent, population.half, population.blind))
    idle = np.where(silent, chips, np.where(half, chips // 2, 0))
    activity = population.activity.draw(rng, n) * (chips - idle) // chips
    return np.where(blind, EMPTY, activity), np.where(blind, EMPTY, idle)


def _stretched(drawn: Demand, centre: Centre) -> Demand:
    """The jobs with the elastic ones' run times scaled, between a quarter and four times, to meet each load."""
    ratio = [PPM] * len(PARTITIONS)
    for _ in range(TURNS):
        fitted = _fitted(drawn, centre, ratio)
        asked = fitted.width * fitted.work
        for pool, target in enumerate(centre.target):
            elastic = int(asked[drawn.elastic & (drawn.pool == pool)].sum())
            rigid = int(asked[~drawn.elastic & (drawn.pool == pool)].sum())
            better = ratio[pool] * (target - rigid) // elastic if elastic else PPM
            ratio[pool] = min(max(better, PPM // 4), 4 * PPM)
    return _fitted(drawn, centre, ratio)


def _fitted(drawn: Demand, centre: Centre, ratio: list[int]) -> Demand:
    """The jobs stretched by `ratio` (parts per million, per partition) and moved so that all fit into the period.

    An elastic job that would run past the end is taken for one that was running at the begin: its last part runs then.
    Any other moves whole days earlier, to the same hour.
    """
    end = centre.seconds
    longest = np.array([min(partition.longest * DAY, end // 2) for partition in PARTITIONS])[drawn.pool]
    stretched = np.minimum(drawn.work * np.array(ratio)[drawn.pool] // PPM, longest)
    over = drawn.submit % end + stretched - end
    before = drawn.elastic & (over > 0)
    work = np.where(drawn.elastic, np.where(before, np.maximum(over, LEAST_S), stretched), drawn.work)
    work = np.where(drawn.elastic & (drawn.state == TIMEOUT), _limit_within(work), work)
    late = -(-np.maximum(drawn.submit + work - end, 0) // DAY)
    submit = np.where(drawn.elastic, drawn.submit % end, drawn.submit - late * DAY)
    return replace(drawn, submit=np.where(before, drawn.submit % (2 * HOUR), submit), work=work)


def _limit_within(work: Ints) -> Ints:
    """The largest limit that is not above `work`; the least limit where there is none."""
    return np.array(LIMITS)[np.maximum(np.searchsorted(LIMITS, work, side="right") - 1, 0)]


def _limited(fitted: Demand) -> Demand:
    """The jobs with the limits that their users set, and with start-ups that end before the job does."""
    first = np.searchsorted(LIMITS, fitted.work)
    chosen = np.array(LIMITS)[np.minimum(first + np.maximum(fitted.limit, 0), len(LIMITS) - 1)]
    limit = np.where(fitted.state == TIMEOUT, fitted.work, np.where(fitted.limit == EMPTY, EMPTY, chosen))
    return replace(fitted, limit=limit, starting=np.minimum(fitted.starting, fitted.work))
