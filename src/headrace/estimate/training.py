"""How fast a model trains: a step by its operators, cut by data, tensor, pipeline and context ways.

    micro step = (products x work + attention x its own) x passes + layers x passes x launch + exposed x exchange
    tokens/s a chip = micro-batch tokens / (micro step x (1 + bubble) x chips of one pipeline)

Backward takes twice forward; recomputing activations takes another forward; the bubble of a pipeline of p stages is
(p - 1) / micro-batches, divided by the parts into which each stage is interleaved.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from headrace.errors import InputError
from headrace.estimate.calibration import Calibration, shipped
from headrace.estimate.chip import NETWORK
from headrace.estimate.efficiency import BEST
from headrace.estimate.engines import Stack
from headrace.estimate.operators import Plan
from headrace.estimate.precision import PRECISIONS
from headrace.estimate.question import tables
from headrace.estimate.work import BF16_BYTES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headrace.estimate.chip import Chip
    from headrace.estimate.model import Shape
    from headrace.estimate.step import Steps

    Floats = NDArray[np.float64]

FAMILY: Final = "training"
CONSTANTS: Final = ("products", "attention", "launch_us", "exposed")
USUAL_TRAINING: Final = np.log([1.2, 1.5, 100.0, 0.3])
"""Logarithms of the constants of software never seen; the launch is in microseconds a layer."""
FORWARD_BACKWARD: Final = 3.0
MICRO: Final = 1e-6


@dataclass(frozen=True)
class Run:
    """One training run on `chips`: micro-batches of `micro` sequences of `length` tokens, `batch` of them a step."""

    shape: Shape
    chip: Chip
    precision: str
    chips: int
    length: float
    micro: float = 1.0
    batch: float = 0.0
    tp: int = 1
    pp: int = 1
    cp: int = 1
    ep: int = 1
    interleaved: int = 1
    recompute: bool = False
    engine: str = "megatron"
    generation: str = ""
    calibration: Calibration = field(default_factory=shipped, repr=False)

    def __post_init__(self) -> None:
        if self.chips < self.tp * self.pp * self.cp:
            right = f"at least {self.tp} x {self.pp} x {self.cp}"
            raise InputError("training plan", f"is for more than {self.chips} chips", right)

    @property
    def stack(self) -> Stack:
        """The path of the constants."""
        return Stack(self.engine, self.generation, self.chip.name, self.precision, self.shape.name)

    @property
    def replicas(self) -> float:
        """Copies of the pipeline, each with its own data."""
        return self.chips / (self.tp * self.pp * self.cp)


@dataclass(frozen=True)
class Micro:
    """What one micro-batch takes on the stage of one chip: seconds by part, and what turns them into a rate."""

    work: Floats
    attention: Floats
    exchange: Floats
    layers: Floats
    tokens: Floats
    """Tokens of a micro-batch for each chip of the pipeline, less what the bubble loses."""
    passes: Floats
    """Forward, backward and recomputed, in forwards."""
    bound: Floats
    """Seconds at the best rate that products were measured at on any chip."""


def steps_of(run: Run) -> Steps:
    """What steps of one stage take; replicas share the experts of `ep` chips."""
    plan = Plan(tp=run.tp, pp=run.pp, ep=run.ep, dp=max(run.ep // run.tp, 1))
    return tables(run.shape, run.chip, plan, run.precision, BF16_BYTES, "", run.calibration)


def micro(run: Run) -> Micro:
    """The parts of one micro-batch of a run."""
    table = steps_of(run)
    tokens = run.micro * run.length / run.cp
    attention = run.micro * table.causal(run.length) / run.cp
    steps = max(run.batch / (run.replicas * run.micro), 1.0) if run.batch else 8.0 * run.pp
    bubble = (run.pp - 1) / steps / run.interleaved
    share = tokens / (run.tp * run.pp) / (1 + bubble)
    passes = FORWARD_BACKWARD + (1.0 if run.recompute else 0.0)
    work = table.dense(tokens) + table.beside(tokens) + table.logits(tokens) / run.pp
    least = passes / FORWARD_BACKWARD * flops_per_token(run.shape, run.length) * tokens / (run.tp * run.pp)
    bound = BEST * least / run.chip.peak(PRECISIONS[run.precision].bits)
    values = (work, attention, _exchange(run, steps), run.shape.layers / run.pp, share, passes, bound)
    return Micro(*(np.float64(value) for value in values))  # type: ignore[arg-type]


def _exchange(run: Run, steps: float) -> float:
    """Seconds a micro-batch to add gradients and gather weights among replicas, were nothing hidden behind work."""
    if run.replicas <= 1:
        return 0.0
    link = run.chip.link / (1 if run.chips <= run.chip.domain else NETWORK)
    return 3 * run.shape.parameters * 2 / (run.tp * run.pp * run.ep) / link / min(steps, 4)


def seconds(constants: Floats, parts: Micro) -> Floats:
    """Seconds of a micro-batch; `constants` are logarithms, first axis CONSTANTS."""
    products, attention, launch, exposed = np.exp(constants)
    work = (products * parts.work + attention * parts.attention) * parts.passes
    beside = launch * MICRO * parts.layers * parts.passes + exposed * parts.exchange
    return np.asarray(np.maximum(work, parts.bound) + beside)


def tokens_per_second(constants: Floats, parts: Micro) -> Floats:
    """Tokens a second of one chip."""
    return np.asarray(parts.tokens / seconds(constants, parts))


def flops_per_token(shape: Shape, length: float) -> float:
    """FLOPs that training one token needs, forward and backward, causal attention among `length` tokens included."""
    per_token = 2 * shape.heads * shape.head_dim * length * shape.full_layers
    return 6 * shape.active_parameters + 3 * per_token
