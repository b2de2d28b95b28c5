"""A workload that a log names, rated: its speed on each kind, and what those speeds rest on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from headrace.estimate.interval import Value
from headrace.estimate.known import chip
from headrace.estimate.speeds import PHASES, Workload, smallest, speeds, workload

GROUNDS: Final = ("others", "others", "others", "chip", "model")
"""What an estimate rests on, by the depth at which its constants were found: measurements of other chips, of that chip
with other models, or of that very model on that chip."""


@dataclass(frozen=True)
class Rated:
    """A known workload: model, phase and precision.

    By kind: its speed, of which only ratios count, and what that rests on. A kind that is in neither is one of which
    too little is known, or which cannot hold the model.
    """

    name: str
    speeds: Mapping[str, Value]
    grounds: Mapping[str, str]


@lru_cache(maxsize=4096)
def rated(text: str, kinds: tuple[str, ...]) -> Rated | None:
    """The workload that `text` names, rated on `kinds`; None where no model and phase are known by it."""
    work = workload(text)
    if work is None:
        return None
    found = speeds(work, kinds)
    return Rated(
        f"{work.shape.name} {work.phase} {work.precision}", found, {kind: _ground(work, kind) for kind in found}
    )


def _ground(work: Workload, kind: str) -> str:
    found = smallest(work.shape, chip(kind), work.precision, PHASES[work.phase])
    return GROUNDS[found.depth if found is not None else 0]
