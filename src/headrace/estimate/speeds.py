"""How fast a known workload runs on each kind, beside the kind on which it runs fastest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from headrace.errors import HeadraceError
from headrace.estimate.inference import Estimate, estimate
from headrace.estimate.interval import Value
from headrace.estimate.known import chip, is_model, model
from headrace.estimate.operators import Plan
from headrace.estimate.question import Question

if TYPE_CHECKING:
    from collections.abc import Iterable

    from headrace.estimate.chip import Chip
    from headrace.estimate.model import Shape

PHASES: Final = {"prefill": (4096.0, 1.0), "decode": (1024.0, 1024.0), "serve": (1024.0, 256.0)}
"""Phase -> tokens in and out of the request that it stands for: assumed where a workload does not tell."""
MOST_WAYS: Final = 32


@dataclass(frozen=True)
class Workload:
    """A model in a phase: `Qwen3-32B decode`, `DeepSeek-V3 prefill`."""

    shape: Shape
    phase: str
    precision: str


def workload(text: str) -> Workload | None:
    """The workload that a job's log names, or None where no model or phase is known by it."""
    name, _, phase = text.strip().rpartition(" ")
    if phase not in PHASES:
        name, phase = text, "serve"
    if not is_model(name):
        return None
    shape = model(name)
    return Workload(shape, phase, shape.released)


def speeds(work: Workload, kinds: Iterable[str]) -> dict[str, Value]:
    """Tokens a second of a chip of each kind, by the fastest's; kinds of which too little is known are left out."""
    rates = {kind: rate for kind in kinds if (rate := _rate(work, kind)) is not None}
    fastest = max((rate.value for rate in rates.values()), default=1.0)
    return {kind: Value(*(v / fastest for v in (rate.value, rate.low, rate.high))) for kind, rate in rates.items()}


def _rate(work: Workload, kind: str) -> Value | None:
    try:
        on = chip(kind)
    except HeadraceError:
        return None
    found = smallest(work.shape, on, work.precision, PHASES[work.phase])
    if found is None:
        return None
    return found.prefill if work.phase == "prefill" else found.decode


def smallest(shape: Shape, on: Chip, precision: str, lengths: tuple[float, float]) -> Estimate | None:
    """The estimate on the fewest chips that hold the model, tensor ways first; None where even MOST_WAYS do not."""
    ways = 1
    while ways <= MOST_WAYS:
        plan = Plan(tp=min(ways, 8), pp=max(ways // 8, 1))
        found = estimate(Question(shape, on, plan, precision, *lengths))
        if isinstance(found, Estimate):
            return found
        ways *= 2
    return None
