"""Which kind suits a job: the kinds ranked by time, by money and by energy, and those left out with the reason."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from headrace.errors import InputError
from headrace.estimate.calibration import Calibration, shipped
from headrace.estimate.inference import BUSY, HOUR, KWH, Estimate, estimate, within
from headrace.estimate.interval import inverse
from headrace.estimate.operators import Plan
from headrace.estimate.origins import nearest
from headrace.estimate.plans import STEP_TOKENS, Held, best, fewest_to_train, ways
from headrace.estimate.question import Question
from headrace.estimate.speeds import MOST_WAYS
from headrace.estimate.train import train
from headrace.estimate.training import FAMILY, Run

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from headrace.estimate.chip import Chip
    from headrace.estimate.interval import Value
    from headrace.estimate.model import Shape

Phase: TypeAlias = Literal["serve", "prefill", "decode", "train"]
Reason: TypeAlias = Literal["memory", "none", "few", "limits"]
PHASES: Final[tuple[Phase, ...]] = ("serve", "prefill", "decode", "train")
REASONS: Final[tuple[Reason, ...]] = ("memory", "none", "few", "limits")
"""It does not fit, no such chip is there, fewer than one replica needs, or it cannot keep the limits."""
NO_LIMIT: Final = float("inf")


@dataclass(frozen=True)
class Job:
    """Work of `tokens` (in for prefill, out to serve and decode, all in training) of a model; limits in seconds.

    `there` is how many chips of each kind there are; where it is empty, as many as asked for, and time is chip-hours.
    """

    shape: Shape
    phase: Phase
    precision: str
    tokens: float
    input: float
    output: float
    there: Mapping[str, int] = field(default_factory=dict)
    ttft: float = NO_LIMIT
    tpot: float = NO_LIMIT
    kv_byte: float = 2.0
    engine: str = "vllm"
    generation: str = ""
    calibration: Calibration = field(default_factory=shipped, repr=False)

    def __post_init__(self) -> None:
        if self.tokens <= 0:
            raise InputError("job, work", f"is {self.tokens:g} tokens", "more than none")


@dataclass(frozen=True)
class Terms:
    """Money for an hour of a chip by kind, in one currency; and what a site draws for each kWh of its chips (PUE)."""

    costs: Mapping[str, float]
    pue: float


@dataclass(frozen=True)
class Suited:
    """A kind that can do the job, on `chips` chips cut as told; None where it cannot be told.

    Tokens a second of a chip, hours of all chips together, chip-hours, money, kWh.
    """

    kind: str
    cut: Mapping[str, int]
    chips: int
    rate: Value
    chip_hours: Value
    hours: Value | None
    money: Value | None
    energy: Value | None
    depth: int
    asked: Question | Run
    """What was estimated."""


@dataclass(frozen=True)
class Fit:
    """The kinds by each measure, the best first, and those left out by reason."""

    time: tuple[Suited, ...]
    money: tuple[Suited, ...]
    energy: tuple[Suited, ...]
    left_out: dict[Reason, tuple[str, ...]]


def fit(job: Job, kinds: Sequence[Chip], terms: Terms) -> Fit:
    """The three rankings; of equals the kind that is named first comes first."""
    suited: list[Suited] = []
    left_out: dict[Reason, tuple[str, ...]] = {}
    for kind in kinds:
        found = _trained(job, kind, terms) if job.phase == "train" else _served(job, kind, terms)
        if isinstance(found, Suited):
            suited.append(found)
        else:
            left_out[found] = (*left_out.get(found, ()), kind.name)
    time = _ranked(suited, lambda one: one.hours or one.chip_hours)
    return Fit(time, _ranked(suited, lambda one: one.money), _ranked(suited, lambda one: one.energy), left_out)


def _ranked(suited: Sequence[Suited], by: Callable[[Suited], Value | None]) -> tuple[Suited, ...]:
    told = [(value.value, one) for one in suited if (value := by(one)) is not None]
    return tuple(one for _, one in sorted(told, key=lambda pair: pair[0]))


def _served(job: Job, kind: Chip, terms: Terms) -> Suited | Reason:
    """On the fewest chips a replica that keep the limits, at the most requests at once that do."""
    lengths = (job.input, job.output, 0.0, job.kv_byte)
    asked = Question(job.shape, kind, Plan(), job.precision, *lengths, job.engine, job.generation, job.calibration)
    most = job.there.get(kind.name, 0) if job.there else MOST_WAYS
    if not most:
        return "none"
    if next(ways(asked, most), None) is None:
        return "memory" if next(ways(asked), None) is None else "few"
    for cut in ways(asked, most):
        nearby = replace(cut, generation=nearest(cut.stack, job.calibration).generation)
        if (found := _answer(job, nearby)) is not None:
            replicas = most // found.chips if job.there else 1
            rate = found.prefill if job.phase == "prefill" else found.decode
            shown = {"tp": cut.plan.tp, "pp": cut.plan.pp, "replicas": replicas}
            return _suited(job, terms, nearby, (shown, replicas * found.chips, rate, found.depth))
    return "limits"


def _answer(job: Job, question: Question) -> Estimate | None:
    prompts = job.phase != "decode"
    if min(job.ttft, job.tpot) < NO_LIMIT:
        return within(question, job.ttft, job.tpot, prompts)
    found = estimate(question, prompts)
    return found if isinstance(found, Estimate) else None


def _trained(job: Job, kind: Chip, terms: Terms) -> Suited | Reason:
    """By the fastest cut that fits, its state sharded; activations are recomputed only where nothing fits otherwise."""
    there = job.there.get(kind.name, 0)
    if job.there and not there:
        return "none"
    batch = max(STEP_TOKENS / job.input, 1.0)
    run = Run(job.shape, kind, job.precision, max(there, 1), job.input, batch=batch, engine=job.engine)
    run = replace(run, generation=job.generation, calibration=job.calibration)
    for attempt in (run, replace(run, recompute=True)):
        found = best(attempt, shard=True) if job.there else fewest_to_train(attempt, shard=True)
        if isinstance(found, Held):
            cut = found.run
            cut = replace(cut, generation=nearest(cut.stack, job.calibration, FAMILY).generation)
            trained = train(cut)
            shown = {"tp": cut.tp, "pp": cut.pp, "ep": cut.ep, "dp": round(cut.replicas)}
            return _suited(job, terms, cut, (shown, cut.chips, trained.rate, trained.depth))
    return "few" if job.there else "memory"


def _suited(job: Job, terms: Terms, asked: Question | Run, found: tuple[dict[str, int], int, Value, int]) -> Suited:
    (cut, chips, rate, depth), kind = found, asked.chip
    cost = terms.costs.get(kind.name)
    return Suited(
        kind=kind.name,
        cut=cut,
        chips=chips,
        rate=rate,
        chip_hours=inverse(job.tokens / HOUR, rate),
        hours=inverse(job.tokens / HOUR / chips, rate) if job.there else None,
        money=None if cost is None else inverse(job.tokens / HOUR * cost, rate),
        energy=inverse(job.tokens * kind.power * BUSY * terms.pue / KWH, rate) if kind.power else None,
        depth=depth,
        asked=asked,
    )
