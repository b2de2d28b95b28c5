"""The demands of a log against a fleet: which pools each job may use, its shape, and the nodes that it ran on.

Names of kinds are compared by their letters and digits alone, so `ascend910b`, as Slurm prints it, is `Ascend 910B`.
A partition that no pool of the fleet carries says nothing about where a job may run, and is counted in a note.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headrace.units import MILLI
from headrace.world.record import Bools, Ints, Shapes
from headrace.world.table import alike

if TYPE_CHECKING:
    import polars as pl

    from headrace.history.log import JobLog
    from headrace.world.fleet import Fleet

WHERE = ("kinds", "pool", "site")
SIZES = ("nodes", "chips", "share_milli", "cpus_milli", "memory_mib")


@dataclass(frozen=True)
class Demands:
    """The `shapes` of a log's rows, each row's `shape`, and where it ran (`ran_on`, as the log has it)."""

    shapes: Shapes
    shape: Ints
    ran_on: pl.Series
    fleet: Fleet
    notes: tuple[str, ...]

    def places(self, begun: Bools, first: Ints) -> Ints:
        """Node numbers, row by row, for the rows that `begun`: -2 - kind where only the kind is known, else -1."""
        number = {name: i for i, name in enumerate(self.fleet.node_names)}
        kinds = {plain(kind): i for i, kind in enumerate(self.fleet.kinds)}
        gangs = self.shapes.nodes[self.shape]
        out = np.full(first[-1], -1, np.int64)
        seen: dict[tuple[str, int], Ints] = {}
        for row in np.flatnonzero(begun).tolist():
            key = (self.ran_on[row], int(gangs[row]))
            if key not in seen:
                seen[key] = _places(*key, number, kinds)
            out[first[row] : first[row + 1]] = seen[key]
        return out


def plain(kind: str) -> str:
    """A kind's name by its letters and digits alone."""
    return "".join(c for c in kind.casefold() if c.isalnum())


def _places(ran_on: str, gang: int, number: dict[str, int], kinds: dict[str, int]) -> Ints:
    kind, _, nodes = ran_on.partition(":")
    unknown = -2 - kinds[plain(kind)] if plain(kind) in kinds else -1
    named = [number.get(node, unknown) for node in nodes.split(";") if node][:gang]
    return np.array(named + [unknown] * (gang - len(named)), np.int64)


def demands(log: JobLog, fleet: Fleet) -> Demands:
    """Read the demands of every row. Nothing is refused: what the fleet cannot give shows as never fitting."""
    asked, where = _numbered(log.jobs.select(WHERE).rows())
    pools = np.array([_allowed(fleet, *key) for key in asked]).reshape(-1, len(fleet.pools))
    kinds = np.array([_allowed(fleet, key[0], "", "") for key in asked]).reshape(-1, len(fleet.pools))
    sizes = np.column_stack([log.jobs[name].to_numpy() for name in SIZES]).astype(np.int64)
    sizes[sizes[:, 1] == 0, 2] = MILLI
    distinct, shape = alike(*sizes.T, where)
    return Demands(
        shapes=_shapes(distinct, pools, kinds),
        shape=shape,
        ran_on=log.jobs["ran_on"],
        fleet=fleet,
        notes=_notes(fleet, Counter(log.jobs.select(WHERE).rows())),
    )


def _shapes(distinct: Ints, pools: Bools, kinds: Bools) -> Shapes:
    nodes, chips, share, cpu, memory, where = distinct.T.copy()
    return Shapes(nodes, chips, share, cpu, memory, pools[where], kinds[where])


def _numbered(rows: list[tuple[str, ...]]) -> tuple[list[tuple[str, ...]], Ints]:
    distinct = sorted(set(rows))
    number = {key: i for i, key in enumerate(distinct)}
    return distinct, np.array([number[key] for key in rows], np.int64)


def _allowed(fleet: Fleet, kinds: str, pool: str, site: str) -> list[bool]:
    """For each pool of the fleet: may a job run there that asked for this."""
    wanted = {plain(kind) for kind in kinds.split(";") if kind}
    named = {name for name in pool.replace(",", ";").split(";") if name} & _partitions(fleet)
    sites = {site} & {p.site for p in fleet.pools if p.site}
    return [
        (not wanted or plain(p.kind) in wanted)
        and (not named or bool(named & {p.name, *p.partitions}))
        and (not sites or p.site in sites)
        for p in fleet.pools
    ]


def _partitions(fleet: Fleet) -> set[str]:
    return {name for p in fleet.pools for name in (p.name, *p.partitions)}


def _notes(fleet: Fleet, counts: Counter[tuple[str, ...]]) -> tuple[str, ...]:
    known, kinds = _partitions(fleet), {plain(kind) for kind in fleet.kinds}
    strange = Counter[str]()
    foreign = Counter[str]()
    for (asked, pool, _), rows in counts.items():
        if pool and not set(pool.replace(",", ";").split(";")) & known:
            strange[pool] += rows
        for kind in asked.split(";"):
            if kind and plain(kind) not in kinds:
                foreign[kind] += rows
    return (
        *(
            f"the partition {name!r} is in no pool of the fleet; jobs that named it, taken as free to run anywhere: {n}"
            for name, n in sorted(strange.items())[:10]
        ),
        *(
            f"the kind {name!r} is not in the fleet; jobs that asked for it: {n}"
            for name, n in sorted(foreign.items())[:10]
        ),
    )
