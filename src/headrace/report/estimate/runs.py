"""One training run asked of several kinds, and what is answered of each: its cut, whether it fits, how fast it is."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from headrace.errors import InputError
from headrace.estimate.calibration import Calibration, shipped
from headrace.estimate.inference import Unfit
from headrace.estimate.known import chips
from headrace.estimate.origins import nearest
from headrace.estimate.plans import STEP_TOKENS, Held, best, fewest_to_train, held
from headrace.estimate.train import train
from headrace.estimate.training import FAMILY, Run
from headrace.report.estimate.asked import MOST_LISTED
from headrace.report.estimate.tariff import hourly

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from headrace.estimate.chip import Chip
    from headrace.estimate.model import Shape
    from headrace.estimate.train import Training
    from headrace.report.estimate.tariff import Hourly


@dataclass(frozen=True)
class AskedRun:
    """What is asked of every kind. Counts of 0 are not told: `chips` the fewest, `batch` STEP_TOKENS, no `tokens`.

    `tp`, `pp`, `cp` and `ep` are taken as they are where one of them is told (`planned`), and searched otherwise.
    """

    shape: Shape
    precision: str
    chips: int = 0
    length: float = 4096.0
    micro: int = 1
    batch: float = 0.0
    tp: int = 1
    pp: int = 1
    cp: int = 1
    ep: int = 1
    planned: bool = False
    recompute: bool = False
    shard: bool = False
    tokens: float = 0.0
    engine: str = "megatron"
    generation: str = ""
    untold: tuple[str, ...] = ()
    calibration: Calibration = field(default_factory=shipped, repr=False)

    def run(self, chip: Chip) -> Run:
        """The run on one kind. Raises InputError where a plan does not divide the chips or has too small a batch."""
        ways = self.tp * self.pp * self.cp
        count = self.chips or ways
        batch = self.batch or max(STEP_TOKENS // self.length, 1.0)
        if self.planned and count % ways:
            right = f"a multiple of tp {self.tp} x pp {self.pp} x cp {self.cp}"
            raise InputError("--chips", f"is {count}", right)
        if self.planned and count // ways * self.micro > batch:
            least = count // ways * self.micro
            raise InputError("--batch", f"is {batch:g}", f"at least {least}: {self.micro} for each of the replicas")
        return Run(
            shape=self.shape,
            chip=chip,
            precision=self.precision,
            chips=count,
            length=self.length,
            micro=self.micro,
            batch=batch,
            tp=self.tp,
            pp=self.pp,
            cp=self.cp,
            ep=self.ep,
            recompute=self.recompute,
            engine=self.engine,
            generation=self.generation,
            calibration=self.calibration,
        )


@dataclass(frozen=True)
class Answered:
    """What is answered of one kind; `found` is None where it does not fit, `placed` where there is no cut at all."""

    kind: str
    placed: Held | Unfit | None
    found: Training | None
    hour: Hourly | None


def answer_runs(asked: AskedRun, kinds: Sequence[Chip], told: Mapping[str, Hourly]) -> list[Answered]:
    """The answer of each kind, in order; without kinds those of all that can train the model, the fastest first."""
    if kinds:
        return [_answer(asked, kind, told) for kind in kinds]
    every = [_answer(asked, kind, told) for kind in chips().values()]
    return sorted((one for one in every if one.found), key=_rate, reverse=True)[:MOST_LISTED]


def _answer(asked: AskedRun, kind: Chip, told: Mapping[str, Hourly]) -> Answered:
    placed, hour = _placed(asked, asked.run(kind)), hourly(kind.name, told)
    if not isinstance(placed, Held):
        return Answered(kind.name, placed, None, hour)
    stack = nearest(placed.run.stack, asked.calibration, FAMILY)
    run = replace(placed.run, generation=stack.generation)
    return Answered(kind.name, replace(placed, run=run), train(run), hour)


def _placed(asked: AskedRun, run: Run) -> Held | Unfit | None:
    if not asked.planned:
        return best(run, asked.shard) if asked.chips else fewest_to_train(run, asked.shard)
    placed = held(run, asked.shard)
    return placed if placed.fits else Unfit(placed.needed, placed.there)


def _rate(one: Answered) -> float:
    return one.found.rate.value if one.found else 0.0
