"""One question to several kinds, and what is answered of each: the estimate, its load, its limits and its money."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from headrace.estimate.arrivals import at_rate
from headrace.estimate.calibration import Calibration, shipped
from headrace.estimate.inference import Estimate, Unfit, estimate, within
from headrace.estimate.interval import Value
from headrace.estimate.known import chips
from headrace.estimate.operators import Plan
from headrace.estimate.origins import nearest
from headrace.estimate.plans import ways
from headrace.estimate.question import Question
from headrace.report.estimate.tariff import hourly

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from headrace.estimate.arrivals import Arrived
    from headrace.estimate.chip import Chip
    from headrace.estimate.model import Shape
    from headrace.report.estimate.tariff import Hourly

NO_LIMIT: Final = float("inf")
MOST_LISTED: Final = 12
"""Kinds that are shown where none is named."""
ONE: Final = Plan()


@dataclass(frozen=True)
class Asked:
    """What is asked of every kind: tokens, requests at once (0: as many as fit) or a second, limits in seconds.

    `kv_byte` is bytes of a cached value. `untold` names what nobody told and is assumed: precision, input, output.
    """

    shape: Shape
    precision: str
    plan: Plan = ONE
    input: float = 1024.0
    output: float = 1024.0
    batch: float = 0.0
    rate: float = 0.0
    kv_byte: float = 2.0
    engine: str = "vllm"
    generation: str = ""
    ttft: float = NO_LIMIT
    tpot: float = NO_LIMIT
    untold: tuple[str, ...] = ()
    calibration: Calibration = field(default_factory=shipped, repr=False)

    @property
    def limited(self) -> bool:
        """Whether a limit is given."""
        return min(self.ttft, self.tpot) < NO_LIMIT

    def question(self, chip: Chip) -> Question:
        """The question to one kind, of the generation of its engine of which most was measured."""
        load = (self.input, self.output, self.batch, self.kv_byte)
        asked = Question(self.shape, chip, self.plan, self.precision, *load, self.engine, self.generation)
        generation = nearest(asked.stack, self.calibration).generation
        return replace(asked, generation=generation, calibration=self.calibration)


@dataclass(frozen=True)
class Answer:
    """What is answered of one kind. `arrived` is None without a rate, or where it cannot be kept up with.

    `kept` is the estimate at the most requests at once that keep the limits; None where not even one request does.
    `fewest` is how many chips would hold a model that does not fit; None where no number that is tried does.
    """

    question: Question
    found: Estimate | Unfit
    arrived: Arrived | None
    kept: Estimate | None
    hour: Hourly | None
    fewest: int | None = None

    @property
    def kind(self) -> str:
        """The chip's own name."""
        return self.question.chip.name

    @property
    def most_requests(self) -> float:
        """Requests a second with which it just keeps up: those that run at once, by the time that each takes."""
        found = self.found
        return 0.0 if isinstance(found, Unfit) else found.running / found.tpot.value / self.question.output


def answers(asked: Asked, kinds: Sequence[Chip], told: Mapping[str, Hourly]) -> list[Answer]:
    """The answer of each kind, in order; without kinds those of all that hold the model, the fastest first."""
    if kinds:
        return [answer(asked, asked.question(kind), told) for kind in kinds]
    smallest = (next(ways(asked.question(kind)), None) for kind in chips().values())
    every = [answer(asked, question, told) for question in smallest if question is not None]
    return sorted(every, key=_decode, reverse=True)[:MOST_LISTED]


def answer(asked: Asked, question: Question, told: Mapping[str, Hourly]) -> Answer:
    """What is answered of one question. Where a rate is kept up with, as many tokens are served as are asked for."""
    arrived = at_rate(question, asked.rate) if asked.rate else None
    found = estimate(arrived.question if arrived else question)
    if arrived and isinstance(found, Estimate):
        served = asked.rate * question.output / found.chips
        found = replace(found, decode=Value(served, served, served))
    fits = isinstance(found, Estimate)
    kept = within(question, asked.ttft, asked.tpot) if fits and asked.limited else None
    larger = None if fits else next(ways(question), None)
    return Answer(
        question, found, arrived, kept, hourly(question.chip.name, told), larger.plan.chips if larger else None
    )


def _decode(one: Answer) -> float:
    return 0.0 if isinstance(one.found, Unfit) else one.found.decode.value
