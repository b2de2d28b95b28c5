"""Which chips, cut how, at which load: the best replica of every size in each role, put together by `split.py`."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import product
from typing import TYPE_CHECKING, Final

import numpy as np

from headrace.errors import InputError
from headrace.estimate.calibration import Calibration, shipped
from headrace.estimate.chip import NETWORK
from headrace.estimate.engines import constants
from headrace.estimate.operators import Plan, kv_bytes
from headrace.estimate.question import MOST_RUNNING, Question, loaded, most_running
from headrace.estimate.serving import TPOT, first_token, next_token
from headrace.estimate.split import BOTH, DECODE, PREFILL, Choice, Side, choices

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from headrace.estimate.chip import Chip
    from headrace.estimate.model import Shape
    from headrace.estimate.serving import Load

    Floats = NDArray[np.float64]

WAYS: Final = (1, 2, 4, 8, 16, 32)
STAGES: Final = 4
"""Pipeline stages that are tried at most."""
BATCHES: Final = np.unique(np.round(np.geomspace(1, MOST_RUNNING, 34)))
MOST_KINDS: Final = 3


@dataclass(frozen=True)
class Wanted:
    """A model and its load, and the limits that it must keep, in seconds."""

    shape: Shape
    precision: str
    input: float
    output: float
    ttft: float = float("inf")
    tpot: float = float("inf")
    engine: str = "vllm"
    generation: str = ""
    kv_byte: float = 2.0
    calibration: Calibration = field(default_factory=shipped, repr=False)

    def question(self, kind: Chip, plan: Plan) -> Question:
        """What is asked of one replica."""
        load = (self.input, self.output, 0.0, self.kv_byte)
        return Question(self.shape, kind, plan, self.precision, *load, self.engine, self.generation, self.calibration)


def search(wanted: Wanted, kinds: Sequence[Chip], chips: Mapping[str, int], top: int = 10) -> list[Choice]:
    """The best choices of up to `chips` of each kind, the most requests a second first.

    Raises InputError where more kinds are named than MOST_KINDS.
    """
    if len(kinds) > MOST_KINDS:
        raise InputError("kinds", f"are {len(kinds)}", f"at most {MOST_KINDS} in one search")
    sides = [
        side for kind in kinds for plan in plans(wanted.shape, chips[kind.name]) for side in _sides(wanted, kind, plan)
    ]
    return choices(sides, chips, wanted.output)[:top]


def plans(shape: Shape, most: int) -> Iterator[Plan]:
    """Cuts of one replica into at most that many chips that the model's heads, layers and experts allow."""
    for tp, pp, dp in product(WAYS, WAYS, WAYS):
        if tp * pp * dp > most or tp > min(8, shape.heads) or shape.heads % tp or pp > STAGES:
            continue
        if dp > 1 and not shape.experts:
            continue
        for ep in {1, tp * dp} if shape.experts else {1}:
            if (dp == 1 or ep > 1) and ep <= max(shape.experts, 1):
                yield Plan(tp=tp, pp=pp, ep=ep, dp=dp)


def _sides(wanted: Wanted, kind: Chip, plan: Plan) -> Iterator[Side]:
    """The replica in each role that it can have within the limits."""
    asked = wanted.question(kind, plan)
    most = min(most_running(asked), MOST_RUNNING * plan.dp)
    if most < 1:
        return
    running = BATCHES[most >= BATCHES]
    loads = loaded(asked, running, running)
    fitted, _ = constants(asked.calibration, asked.stack)
    tpot = np.asarray(next_token(fitted[:TPOT], loads))
    ttft = np.asarray(first_token(fitted[TPOT:], loads, tpot))
    apart = np.asarray(next_token(fitted[:TPOT], replace(loads, prefill=0.0, causal=0.0)))
    one = _first_apart(asked, loaded(asked, 1.0, 1.0), fitted)
    yield from _best(BOTH, kind.name, plan, running / (tpot * wanted.output + ttft), (running, ttft, tpot), wanted)
    yield from _best(DECODE, kind.name, plan, running / (apart * wanted.output), (running, 0 * apart, apart), wanted)
    if one <= wanted.ttft:
        yield Side(PREFILL, kind.name, plan, plan.dp * plan.pp / one, 1.0, one, 0.0)


def _first_apart(asked: Question, load: Load, fitted: Floats) -> float:
    """Seconds until the first token of a request alone whose cache then goes to other chips over the network."""
    size = kv_bytes(asked.shape, asked.plan, asked.kv_byte) * asked.input
    return float(first_token(fitted[TPOT:], load, 0.0)) + size * NETWORK / asked.chip.link


def _best(
    role: str, kind: str, plan: Plan, rate: Floats, columns: tuple[Floats, Floats, Floats], wanted: Wanted
) -> Iterator[Side]:
    running, ttft, tpot = columns
    kept = (ttft <= wanted.ttft) & (tpot <= wanted.tpot)
    if kept.any():
        best = int(np.argmax(np.where(kept, rate, -1.0)))
        yield Side(role, kind, plan, *(float(column[best]) for column in (rate, running, ttft, tpot)))
