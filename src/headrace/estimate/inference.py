"""An estimate of inference: whether it fits, how fast, what limits it, what a million tokens cost; with intervals."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from headrace.estimate.engines import constants
from headrace.estimate.fleet import corrected
from headrace.estimate.interval import Value, around, inverse, spread_of, widened
from headrace.estimate.question import MOST_RUNNING, load, most_running, room, weights
from headrace.estimate.serving import MICRO, TPOT, first_token, next_token
from headrace.estimate.work import BF16_BYTES

if TYPE_CHECKING:
    from headrace.estimate.calibration import Calibration
    from headrace.estimate.engines import Stack
    from headrace.estimate.question import Question
    from headrace.estimate.serving import Load

HOUR: Final = 3600.0
MILLION: Final = 1e6
KWH: Final = 3.6e6
BUSY: Final = 0.8
"""Share of its rated power that a chip draws under load: assumed."""


@dataclass(frozen=True)
class Unfit:
    """It does not fit: bytes a chip that weights need, and that there are."""

    needed: float
    there: float


@dataclass(frozen=True)
class Estimate:
    """Of one replica. Seconds; tokens a second of one chip; requests at once; bytes of one chip; share by limit."""

    tpot: Value
    ttft: Value
    decode: Value
    prefill: Value
    largest_batch: float
    running: float
    weights: float
    room: float
    limits: dict[str, float]
    chips: int
    power: float
    depth: int

    @property
    def limit(self) -> str:
        """What most of a decode step is spent on: compute, memory, links or launch; or capacity, if requests wait."""
        return max(self.limits, key=lambda name: self.limits[name])

    def money_per_million(self, chip_hour: float) -> Value:
        """Cost of a million output tokens, in the currency of `chip_hour`, prompts included."""
        return inverse(chip_hour / HOUR * MILLION, self.decode)

    def energy_per_million(self, pue: float) -> Value:
        """kWh of a million output tokens: BUSY of rated power, times what the site draws for each kWh of its chips."""
        return inverse(self.power * BUSY * pue / KWH * MILLION, self.decode)

    def meets(self, ttft: float, tpot: float) -> bool:
        """Whether it keeps both limits, in seconds, by the middle of its estimates."""
        return self.ttft.value <= ttft and self.tpot.value <= tpot


def within(question: Question, ttft: float, tpot: float, prompts: bool = True) -> Estimate | None:
    """The estimate with the most requests at once that keeps both limits, in seconds; None where one alone does not."""
    most = int(min(most_running(question), MOST_RUNNING * question.plan.dp))
    crowds = range(1, most + 1)
    kept = bisect_left(crowds, True, key=lambda asked: not _with(question, asked, prompts).meets(ttft, tpot))
    return _with(question, kept, prompts) if kept else None


def _with(question: Question, asked: int, prompts: bool) -> Estimate:
    found = estimate(replace(question, asked=float(asked)), prompts)
    if isinstance(found, Unfit):
        raise AssertionError(f"{asked} requests were counted to fit")
    return found


def estimate(question: Question, prompts: bool = True) -> Estimate | Unfit:
    """The estimate for one replica, or how far it is from fitting; without `prompts` other chips prefill for it."""
    there = load(question)
    if there is None:
        held = weights(question.shape, question.plan, question.precision)
        return Unfit(held, room(question) + held)
    fitted, depth = constants(question.calibration, question.stack)
    shared = there if prompts else replace(there, prefill=0.0, causal=0.0)
    tpot = float(next_token(fitted[:TPOT], shared))
    plan, chips = question.plan, question.plan.chips
    each = _told(question, "tpot", tpot, depth)
    compute, causal = (float(value) for value in np.exp(fitted[TPOT : TPOT + 2]))
    prompt = compute * float(there.prefill) + causal * float(there.causal)
    return Estimate(
        tpot=each,
        ttft=_told(question, "ttft", float(first_token(fitted[TPOT:], there, tpot)), depth),
        decode=inverse(float(there.running) / chips, each),
        prefill=inverse(question.input * plan.dp * plan.pp / chips, _told(question, "ttft", prompt, depth)),
        largest_batch=most_running(question),
        running=float(there.running),
        weights=weights(question.shape, plan, question.precision),
        room=room(question),
        limits=_limits(question, shared, fitted),
        chips=chips,
        power=question.chip.power,
        depth=depth,
    )


def _told(question: Question, what: str, seconds: float, depth: int) -> Value:
    """Seconds with their interval, as the fleet's own history corrects them; prefill is as sure as TTFT."""
    one = _second(question.calibration, question.stack, what, question.steps.level, depth)
    return Value(seconds * one.value, seconds * one.low, seconds * one.high)


@lru_cache(maxsize=4096)
def _second(calibration: Calibration, stack: Stack, what: str, level: str, depth: int) -> Value:
    """What a second of an estimate is told as."""
    spread = widened(spread_of(calibration, f"{what}_s", depth), level, depth)
    return corrected(calibration, stack, what, around(1.0, spread))


def _limits(question: Question, loaded: Load, fitted: np.ndarray[tuple[int], np.dtype[np.float64]]) -> dict[str, float]:
    """Seconds between tokens by what they are spent on; capacity counts what requests wait for a place."""
    table = question.steps
    products, beside, attention, launch, _, overlap = (float(value) for value in np.exp(fitted[:TPOT]))
    others = max(float(loaded.running / loaded.copies) - 1, 0.0)
    batch = max(float(loaded.running / loaded.copies), 1.0)
    links = beside * table.exchange(batch)
    step = products * float(loaded.products) + beside * float(loaded.beside) - links
    reading = attention * float(loaded.cached)
    prefill = overlap * others / question.output * float(loaded.prefill + loaded.causal)
    bound = batch * BF16_BYTES * question.chip.bandwidth / question.chip.bf16
    compute = min(bound, 1.0) * step
    waiting = max(float(loaded.asked / loaded.running) - 1, 0.0) * step
    return {
        "compute": compute + prefill,
        "memory": step - compute + reading,
        "links": links,
        "launch": launch * MICRO * float(loaded.layers),
        "capacity": waiting,
    }
