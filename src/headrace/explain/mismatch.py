"""The overlay `mismatch`: what the work of known workloads would have taken on the kinds that suit it best.

    held on the kind that it ran on  x  speed there / speed on the kind that suits it  =  what it would have taken

It is an estimate beside the ledger: it changes no class, and it does not ask whether the other kind was free or
allowed. Speeds are estimated (`estimate.speeds`); a job whose workload is not known is counted, never guessed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass
from fractions import Fraction
from math import exp, hypot, log

import numpy as np

from headrace.estimate.interval import Value
from headrace.explain.findings import largest
from headrace.explain.ledger import ALLOCATED, Ledger
from headrace.explain.ran_on import Parts, parts
from headrace.explain.rated import Rated, rated
from headrace.units import CHIP_HOUR, UNKNOWN
from headrace.world.fleet import Fleet
from headrace.world.record import Bools, Floats, Ints, Runs, Workload
from headrace.world.table import alike


@dataclass(frozen=True)
class Taken:
    """What work `had`, what it would have `taken`, and between what (`low`, `high`), with 90 %.

    In milli-chip-ms, or in the smallest unit of money.
    """

    had: int
    taken: int
    low: int
    high: int


@dataclass(frozen=True)
class Pair:
    """The work that ran on one kind and that `suits` suits best; the two are one where nothing was amiss.

    `useful` is the part of `held` that telemetry knows to be useful. `money` is None where kinds are compared chip for
    chip. `tenants` and `names` (of jobs) are those behind most of it, largest first, as (name, milli-chip-ms held).
    """

    ran_on: str
    suits: str
    jobs: int
    held: Taken
    useful: Taken
    money: Taken | None
    tenants: tuple[tuple[str, int], ...]
    names: tuple[tuple[str, int], ...]

    @property
    def amiss(self) -> bool:
        return self.ran_on != self.suits

    @property
    def certain(self) -> bool:
        """Whether the whole interval lies below what was paid, or held."""
        of = self.held if self.money is None else self.money
        return of.high < of.had


@dataclass(frozen=True)
class Count:
    """Jobs, by name, and the milli-chip-ms that they held."""

    jobs: int
    chip_time: int


@dataclass(frozen=True)
class Mismatch:
    """`pairs`: amiss before not, each largest first. `known` and `unknown` sum to all that was allocated.

    Of the `known` workloads, `compared` is in the pairs; `unrated` is where the kind that it ran on is not told, or the
    speed there not known. `grounds` counts the speeds that were compared by what was measured:
    the `model` on the chip, other models on the `chip`, `others` (other chips). `currency` is that of the prices by
    which kinds were compared, or "" where they were compared chip for chip.
    """

    pairs: tuple[Pair, ...]
    currency: str
    known: Count
    compared: Count
    unrated: Count
    unknown: Count
    grounds: Mapping[str, int]

    @property
    def amiss(self) -> tuple[Pair, ...]:
        return tuple(pair for pair in self.pairs if pair.amiss)

    @property
    def allocated(self) -> int:
        return self.known.chip_time + self.unknown.chip_time


def mismatch(fleet: Fleet, workload: Workload, runs: Runs, ledger: Ledger, texts: Mapping[str, str]) -> Mismatch | None:
    """The overlay of a ledger, from what each job's workload is called; None where no job that ran has a known one."""
    kinds = with_chips(fleet)
    known = {text: found for text in sorted(set(texts.values())) if (found := rated(text, kinds)) is not None}
    jobs = {job: known[text] for job, text in texts.items() if text in known}
    return compare(fleet, workload, runs, ledger, jobs) if jobs else None


def compare(fleet: Fleet, workload: Workload, runs: Runs, ledger: Ledger, jobs: Mapping[str, Rated]) -> Mismatch | None:
    """The same, from each known job's rated workload."""
    works = list({work.name: work for work in jobs.values()}.values())
    number = {work.name: i for i, work in enumerate(works)}
    which = np.array([number[jobs[name].name] if name in jobs else UNKNOWN for name in workload.names], np.int64)
    ran = parts(fleet, workload, runs, ledger, which != UNKNOWN)
    if not len(ran.job):
        return None
    prices, currency = kind_prices(fleet)
    distinct, place = alike(which[ran.job], ran.kind)
    chosen = [_chosen(works[work], fleet, kind, prices) for work, kind in distinct.tolist()]
    suits = np.array([kind for kind, _ in chosen], np.int64)[place]
    ratios = np.array([astuple(ratio) for _, ratio in chosen])[place]
    rest = np.where(which == UNKNOWN, ledger.by_job[list(ALLOCATED)].sum(axis=0), 0)
    return Mismatch(
        pairs=_pairs(fleet, workload, ran, suits, ratios, prices),
        currency=currency,
        known=_count(workload, ran.job, ran.held),
        compared=_count(workload, ran.job[suits >= 0], ran.held[suits >= 0]),
        unrated=_count(workload, ran.job[suits < 0], ran.held[suits < 0]),
        unknown=_count(workload, np.flatnonzero(rest), rest[rest > 0]),
        grounds=_grounds(works[i] for i in np.unique(which[ran.job[suits >= 0]]).tolist()),
    )


def with_chips(fleet: Fleet) -> tuple[str, ...]:
    """The kinds of which the fleet has any chip."""
    return tuple(dict.fromkeys(pool.kind for pool in fleet.pools if pool.chips))


def kind_prices(fleet: Fleet) -> tuple[dict[str, Fraction], str]:
    """What a chip-hour of each kind costs, the mean of its pools' by chips, and in which currency.

    Nothing, and "", unless every pool with chips has a price, and all in one currency.
    """
    pools = [pool for pool in fleet.pools if pool.chips]
    currencies = {pool.currency if pool.price != UNKNOWN else "" for pool in pools}
    if len(currencies) != 1 or "" in currencies:
        return {}, ""
    chips, cost = Counter[str](), Counter[str]()
    for pool in pools:
        chips[pool.kind] += pool.nodes * pool.chips
        cost[pool.kind] += pool.nodes * pool.chips * pool.price
    return {kind: Fraction(cost[kind], chips[kind]) for kind in chips}, currencies.pop()


def summed(parts_of_it: Iterable[Taken]) -> Taken:
    """The sum, part by part: estimates that err, err together."""
    rows = [(0, 0, 0, 0), *(astuple(each) for each in parts_of_it)]
    return Taken(*(sum(column) for column in zip(*rows, strict=True)))


def _chosen(work: Rated, fleet: Fleet, ran_on: int, prices: Mapping[str, Fraction]) -> tuple[int, Value]:
    """The number of the kind that suits `work` best, and the time there over that on the kind where it `ran_on`.

    UNKNOWN where that kind, or the speed on it, is not known. Of equals the kind where it ran, then the fleet's order.
    """
    own = fleet.kinds[ran_on] if ran_on != UNKNOWN else ""
    rated_kinds = [kind for kind in with_chips(fleet) if kind in work.speeds]
    if own not in rated_kinds:
        return UNKNOWN, Value(0, 0, 0)
    cost = {kind: float(prices.get(kind, 1)) / work.speeds[kind].value for kind in rated_kinds}
    best = min(cost, key=lambda kind: (cost[kind], kind != own))
    return fleet.kinds.index(best), Value(1, 1, 1) if best == own else over(work.speeds[own], work.speeds[best])


def over(speed: Value, other: Value) -> Value:
    """One speed over another. The errors of the two are taken as independent, so their logarithms add as squares do."""
    middle = speed.value / other.value
    down = hypot(log(speed.value / speed.low), log(other.high / other.value))
    up = hypot(log(speed.high / speed.value), log(other.value / other.low))
    return Value(middle, middle * exp(-down), middle * exp(up))


def _pairs(
    fleet: Fleet,
    workload: Workload,
    ran: Parts,
    suits: Ints,
    ratios: Floats,
    prices: Mapping[str, Fraction],
) -> tuple[Pair, ...]:
    held, useful = _taken(ran.held, ratios), _taken(ran.useful, ratios)
    pairs = []
    for kind, suit in alike(ran.kind[suits >= 0], suits[suits >= 0])[0].tolist():
        mine, names = (ran.kind == kind) & (suits == suit), (fleet.kinds[kind], fleet.kinds[suit])
        chip_time = _sum(held[mine])
        pairs.append(
            Pair(
                *names,
                jobs=_count(workload, ran.job[mine], ran.held[mine]).jobs,
                held=chip_time,
                useful=_sum(useful[mine]),
                money=_cost(chip_time, prices[names[0]], prices[names[1]]) if prices else None,
                tenants=largest(workload.tenants, _added(workload.tenant[ran.job], ran.held, mine, workload.tenants)),
                names=largest(workload.names, _added(ran.job, ran.held, mine, workload.names)),
            )
        )
    return tuple(sorted(pairs, key=lambda pair: (not pair.amiss, -pair.held.had)))


def _taken(had: Ints, ratios: Floats) -> Ints:
    """Columns had, taken, low, high; each job's part rounded once, so that sums are of integers."""
    return np.column_stack([had, np.rint(had[:, None] * ratios).astype(np.int64)])


def _sum(rows: Ints) -> Taken:
    return Taken(*rows.sum(axis=0).tolist())


def _cost(chip_time: Taken, price: Fraction, other: Fraction) -> Taken:
    """The money of `chip_time`: had at `price`, taken at the `other` kind's."""
    there = (round(Fraction(each) * other / CHIP_HOUR) for each in (chip_time.taken, chip_time.low, chip_time.high))
    return Taken(round(Fraction(chip_time.had) * price / CHIP_HOUR), *there)


def _added(index: Ints, amounts: Ints, mine: Bools, names: tuple[str, ...]) -> Ints:
    out = np.zeros(len(names), np.int64)
    np.add.at(out, index[mine], amounts[mine])
    return out


def _count(workload: Workload, job: Ints, held: Ints) -> Count:
    return Count(len({workload.names[i] for i in job.tolist()}), int(held.sum()))


def _grounds(works: Iterable[Rated]) -> Mapping[str, int]:
    return Counter(ground for work in works for ground in work.grounds.values())
