"""The grid: every combination that a sweep file asks for is one cell, under a key that says what decides its result."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from functools import cache, cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import headrace
from headrace.sweep.sweep_file import STEPS, Sheet
from headrace.units import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from headrace.policy.policy import Policy
    from headrace.world.fleet import Fleet

DRAWING = frozenset({"random"})
"""Parts of a policy that draw by its seed. A policy without one has one cell, whatever the seeds."""


@dataclass(frozen=True)
class Cell:
    """One replay: a policy on a part (`scale`, thousandths) of a fleet, without `walls`.

    `columns` is the key of what is replayed (`shared`): the log and the fleet as a workload. `seed` is None where the
    policy draws nothing. `checkpoint` is assumed (ms), and the ledger is of the time from `begin` to `end` (ms), as in
    `report.assemble.Request`; UNKNOWN where the sweep file does not say.
    """

    columns: str
    fleet_name: str
    fleet: Fleet
    scale: int
    policy: Policy
    seed: int | None
    walls: tuple[str, ...]
    checkpoint: int = UNKNOWN
    begin: int = UNKNOWN
    end: int = UNKNOWN

    @cached_property
    def key(self) -> str:
        """The hash of everything that decides the result: equal keys, equal figures."""
        decides = [self.columns, self.scale, asdict(self.policy), self.walls, self.checkpoint, self.begin, self.end]
        return digest(decides)

    @property
    def name(self) -> str:
        """Which cell it is, in a sentence: `fair+easy/random (seed 2) on fleet.toml × 0.8 (any partition)`."""
        seed = "" if self.seed is None else f" (seed {self.seed})"
        scale = "" if self.scale == STEPS else f" × {self.scale / STEPS:g}"
        return f"{self.policy.name}{seed} on {self.fleet_name}{scale}" + "".join(f" (any {w})" for w in self.walls)


def grid(sheet: Sheet, fleets: Mapping[str, Fleet], columns: Mapping[str, str]) -> tuple[Cell, ...]:
    """The cells of a sweep: by fleet, then scale, walls, policy and seed, each in the order of the sweep file.

    `fleets` and `columns` (the keys of what each fleet replays) are by the fleets' names in the sweep file.
    """
    return tuple(
        Cell(columns[name], name, fleets[name], scale, policy, seed, walls, sheet.checkpoint, sheet.begin, sheet.end)
        for name, _ in sheet.fleets
        for scale in sheet.scales
        for walls in sheet.walls
        for policy, seed in _seeded(sheet)
    )


def _seeded(sheet: Sheet) -> Iterator[tuple[Policy, int | None]]:
    for policy in sheet.policies:
        if draws(policy):
            yield from ((replace(policy, seed=seed), seed) for seed in sheet.seeds)
        else:
            yield policy, None


def draws(policy: Policy) -> bool:
    """Whether the policy's seed makes a difference."""
    return not DRAWING.isdisjoint((policy.order, policy.backfill, policy.place))


def digest(decides: object) -> str:
    """A key of 32 hexadecimal digits for anything that JSON can write."""
    return sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()[:32]


@cache
def made_by() -> str:
    """Headrace's version and a hash of its sources: a clone that was changed is another Headrace."""
    root = Path(headrace.__file__).parent
    texts = (path.read_bytes() for path in sorted(root.rglob("*.py")))
    return f"{headrace.__version__} {sha256(b''.join(texts)).hexdigest()[:16]}"
