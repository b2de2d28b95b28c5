"""What a policy would have made of a period that another scheduler ran: waits, chips held, and who is worse off.

The same jobs are replayed, cut at the same instants: a wait counts from the beginning of the period and to its end in
both, over the same jobs, whether they were started or not. See headrace.history.period for what lasts at either end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
import polars as pl

from headrace.errors import CheckFailedError
from headrace.explain.explain import explain
from headrace.explain.ledger import ALLOCATED, Ledger
from headrace.explain.metrics import quantile
from headrace.history.asked import asked, happened, outages
from headrace.history.demand import plain
from headrace.history.period import to_replay, up_to, with_named_nodes, withdrawn
from headrace.replay.replay import replay
from headrace.units import MINUTE_MS, NEVER, SECOND_MS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headrace.history.log import JobLog
    from headrace.policy.policy import Policy
    from headrace.world.fleet import Fleet
    from headrace.world.record import Bools, Ints, Runs, Workload

Progress: TypeAlias = Callable[[str, int, int], None]
"""Called with (what is being done, done, of how many)."""
LASTING: Final = pl.col("end").is_null()
WORSE_BY: Final = 2 * SECOND_MS
"""Mean waits that differ by less than this are alike: engines tell starts in whole seconds, and turns take one."""
LONGER_BY: Final = MINUTE_MS
"""A single job whose wait would have been longer by less than this is not counted."""


@dataclass(frozen=True)
class Waits:
    """How long jobs waited within the period, in ms."""

    mean: float
    median: int
    p95: int


@dataclass(frozen=True)
class Felt:
    """What the jobs of `tenant` ("": of all) felt: as it happened, and as it would have been.

    `started` are those that were, and would have been, started by the end of the period. `longer` would have waited
    at least a minute longer than they did, the worst of them by `longest` ms.
    """

    tenant: str
    jobs: int
    was: Waits
    would: Waits
    started: tuple[int, int]
    longer: int
    longest: int

    @property
    def worse(self) -> bool:
        """Whether its jobs would have waited longer on average."""
        return self.would.mean - self.was.mean >= WORSE_BY


@dataclass(frozen=True)
class Gain:
    """What `policy` would have made of a period; both ledgers are of it, and of the same fleet.

    `felt` is by all, then by each tenant; jobs that ran when the period began are in none. `lasting` jobs ran at its
    end and `waiting` ones waited; `unsure` (milli-chip-ms) is what these would have held beyond what they did, and
    nobody knows how long they take. `withdrawn` were cancelled before they started and are in neither; `moved` would
    have run on another kind of chip than they did.
    """

    policy: str
    was: Ledger
    would: Ledger
    felt: tuple[Felt, ...]
    unsure: int
    lasting: int
    waiting: int
    withdrawn: int
    moved: int

    @property
    def allocated(self) -> tuple[float, float, float]:
        """The share of what was paid that was held; that would have been, at least; and at most."""
        was, would = (sum(one.classes[c] for c in ALLOCATED) for one in (self.was, self.would))
        return was / self.was.paid, max(0, would - self.unsure) / self.would.paid, would / self.would.paid

    @property
    def worse(self) -> tuple[Felt, ...]:
        """The tenants that would have been worse off."""
        return tuple(one for one in self.felt[1:] if one.worse)


@dataclass(frozen=True)
class _Stood:
    """Per job: how long it waited (ms), whether it was started, and what it held (milli-chip-ms)."""

    wait: Ints
    started: Bools
    held: Ints


def gain(log: JobLog, fleet: Fleet, policy: Policy, period: tuple[int, int], progress: Progress) -> Gain:
    """Replay [begin, end) ms of `log` under `policy`, beside what happened. CheckFailedError where nothing ran then."""
    begin, end = period
    then, anew = up_to(log, end), to_replay(log, begin, end)
    if not anew.jobs.height:
        raise CheckFailedError("in that period no job ran, or waited, that could be replayed")
    out, _ = outages(log, fleet)
    fleet = with_named_nodes(fleet, anew)
    was, wanted = happened(then, fleet), asked(anew, fleet).workload
    runs = replay(fleet, wanted, policy, out, lambda done, jobs: progress(policy.name, done, jobs))
    names = tuple(dict.fromkeys(wanted.names))
    ledgers = tuple(explain(fleet, *of, out, begin, end) for of in ((was.workload, was.runs), (wanted, runs)))
    stood = (_stood(names, was.workload, was.runs, ledgers[0]), _stood(names, wanted, runs, ledgers[1]))
    lasting = log.jobs.filter(LASTING & pl.col("job").is_in(names))
    return Gain(
        policy=policy.name,
        was=ledgers[0],
        would=ledgers[1],
        felt=tuple(_felt(_tenants(names, wanted), _came(names, anew, begin), *stood)),
        unsure=_beyond(np.isin(names, lasting["job"]), *stood),
        lasting=lasting.height - lasting["start"].null_count(),
        waiting=lasting["start"].null_count(),
        withdrawn=withdrawn(log, end),
        moved=_moved(fleet, anew, wanted, runs, end),
    )


def _stood(names: tuple[str, ...], workload: Workload, runs: Runs, ledger: Ledger) -> _Stood:
    """What became of the jobs of `names` within the ledger's period; others are left out."""
    place = {name: i for i, name in enumerate(names)}
    job = np.array([place.get(name, len(names)) for name in workload.names], np.int64)
    wait, held = np.zeros((2, len(names) + 1), np.int64)
    left = np.clip(np.where(runs.start < NEVER, runs.start, runs.end), ledger.begin, ledger.end)
    np.add.at(wait, job[runs.job], left - np.clip(runs.queued, ledger.begin, ledger.end))
    np.add.at(held, job, ledger.by_job[list(ALLOCATED)].sum(axis=0))
    started = np.zeros(len(names) + 1, np.bool_)
    started[job[runs.job[runs.start < ledger.end]]] = True
    return _Stood(wait[:-1], started[:-1], held[:-1])


def _came(names: tuple[str, ...], anew: JobLog, begin: int) -> Bools:
    """Those that were not running when the period began: they might have been started otherwise."""
    first = dict(anew.jobs.group_by("job").agg(pl.col("start").min().dt.epoch("ms").fill_null(NEVER)).iter_rows())
    return np.array([first[name] >= begin for name in names], np.bool_)


def _tenants(names: tuple[str, ...], workload: Workload) -> list[str]:
    """The tenant of each of `names`."""
    of = {name: workload.tenants[t] for name, t in zip(workload.names, workload.tenant.tolist(), strict=True)}
    return [of[name] for name in names]


def _felt(tenants: list[str], came: Bools, was: _Stood, would: _Stood) -> Iterator[Felt]:
    """All, then each tenant, by name."""
    of = np.array(tenants)
    for tenant in ("", *sorted(set(of[came].tolist()))):
        jobs = came if not tenant else came & (of == tenant)
        later = would.wait[jobs] - was.wait[jobs]
        yield Felt(
            tenant=tenant,
            jobs=int(jobs.sum()),
            was=_waits(was.wait[jobs]),
            would=_waits(would.wait[jobs]),
            started=(int(was.started[jobs].sum()), int(would.started[jobs].sum())),
            longer=int((later >= LONGER_BY).sum()),
            longest=max(0, int(later.max(initial=0))),
        )


def _waits(waits: Ints) -> Waits:
    mean = int(waits.sum()) / len(waits) if len(waits) else 0.0
    return Waits(mean, quantile(waits, 50), quantile(waits, 95))


def _beyond(unsure: Bools, was: _Stood, would: _Stood) -> int:
    """What jobs whose length nobody knows would have held beyond what they did."""
    return int(np.maximum(would.held - was.held, 0)[unsure].sum())


def _moved(fleet: Fleet, anew: JobLog, workload: Workload, runs: Runs, end: int) -> int:
    """How many jobs would have run on another kind of chip than they did."""
    kinds = [plain(pool.kind) for pool in fleet.pools for _ in pool.node_names]
    ran = anew.jobs.filter((pl.col("chips") > 0) & (pl.col("ran_on") != "")).select("job", "ran_on")
    on = {job: plain(where.partition(":")[0]) for job, where in ran.iter_rows()}
    found = set[str]()
    for r in np.flatnonzero(runs.start < end).tolist():
        name, node = workload.names[int(runs.job[r])], int(runs.node[runs.first[r]])
        if node >= 0 and on.get(name, kinds[node]) != kinds[node]:
            found.add(name)
    return len(found)
