"""What is asked of an estimate: a model on chips, cut by a plan, under a load; and what its kernels take for that."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from math import floor
from typing import TYPE_CHECKING, Final

import numpy as np

from headrace.errors import InputError
from headrace.estimate.calibration import Calibration, shipped
from headrace.estimate.efficiency import Kernels
from headrace.estimate.engines import Stack
from headrace.estimate.known import chips
from headrace.estimate.operators import kv_bytes
from headrace.estimate.precision import PRECISIONS
from headrace.estimate.serving import Load
from headrace.estimate.step import steps

if TYPE_CHECKING:
    from headrace.estimate.chip import Chip
    from headrace.estimate.model import Shape
    from headrace.estimate.operators import Plan
    from headrace.estimate.serving import Number
    from headrace.estimate.step import Steps

USABLE: Final = 0.95
"""Share of memory that weights and cache may fill; engines ask for 0.90 to 0.95."""
BESIDE: Final = 1.5e9
"""Bytes a chip that hold neither weights nor cache: activations, captured graphs, buffers of exchanges."""
RESERVING: Final = ("trtllm",)
"""Engines that start a request once there is room for its longest answer (TensorRT-LLM: GUARANTEED_NO_EVICT)."""
MOST_RUNNING: Final = 2048
"""Requests that an engine runs at once at most."""


@dataclass(frozen=True)
class Question:
    """One replica: `asked` requests at any time (0: as many as fit), each of `input` and `output` tokens."""

    shape: Shape
    chip: Chip
    plan: Plan
    precision: str
    input: float
    output: float
    asked: float = 0.0
    kv_byte: float = 2.0
    engine: str = "vllm"
    generation: str = ""
    calibration: Calibration = field(default_factory=shipped, repr=False)

    def __post_init__(self) -> None:
        if self.input < 0 or self.output < 1 or self.asked < 0:
            raise InputError(
                "load", f"{self.input:g} in, {self.output:g} out, {self.asked:g} asked", "0, 1 and 0 at least"
            )

    @property
    def steps(self) -> Steps:
        """What the steps of one replica take."""
        how = (self.precision, self.kv_byte, self.engine)
        return tables(self.shape, self.chip, self.plan, *how, self.calibration)

    @property
    def stack(self) -> Stack:
        """The path of the engine's constants."""
        return Stack(self.engine, self.generation, self.chip.name, self.precision, self.shape.name)


@lru_cache(maxsize=4096)
def tables(
    shape: Shape, chip: Chip, plan: Plan, precision: str, kv_byte: float, engine: str, calibration: Calibration
) -> Steps:
    """Tables of a step, made once in a process."""
    return steps(shape, Kernels(chip, chips(), calibration, engine), plan, PRECISIONS[precision], kv_byte)


@lru_cache(maxsize=4096)
def weights(shape: Shape, plan: Plan, precision: str) -> float:
    """Bytes of weights on one chip; embeddings and head stay in 16 bits."""
    width = PRECISIONS[precision].weight_bytes
    table = shape.vocab * shape.hidden * (1 if shape.tied else 2)
    routed = shape.moe_layers * shape.experts * shape.expert_inter * shape.hidden * shape.matrices
    rest = shape.parameters - table - routed
    return (rest * width + table * 2) / plan.tp / plan.pp + routed * width / plan.expert_ways / plan.pp


def holds(shape: Shape, on: Chip, plan: Plan, precision: str) -> bool:
    """Whether the weights alone fit."""
    return weights(shape, plan, precision) < on.memory * USABLE - BESIDE


def room(question: Question) -> float:
    """Bytes for the cache on one chip; below zero where the weights do not fit."""
    return question.chip.memory * USABLE - BESIDE - weights(question.shape, question.plan, question.precision)


def most_running(question: Question) -> float:
    """Requests whose cache fits on the replica; below 1 where not even one does.

    Engines that never evict a request keep room for all of its answer; the others, on average, for half of it.
    """
    answer = question.output if question.engine in RESERVING else question.output / 2
    each = kv_bytes(question.shape, question.plan, question.kv_byte) * (question.input + answer)
    return question.plan.dp * room(question) / each if each else float(MOST_RUNNING)


def load(question: Question) -> Load | None:
    """What the kernels take for the question, or None where it does not fit."""
    most = floor(min(most_running(question), MOST_RUNNING * question.plan.dp))
    if most < 1:
        return None
    asked = question.asked or most
    return loaded(question, min(asked, most), asked)


def loaded(question: Question, running: Number, asked: Number) -> Load:
    """What the kernels take with that many requests running, one number or an array.

    In a pipeline the requests run in as many groups as there are stages, and a token passes through all stages.
    """
    plan = question.plan
    table = question.steps
    context, copies = question.input + question.output / 2, plan.dp * plan.pp
    each = np.maximum(running / copies, 1.0) if isinstance(running, np.ndarray) else max(running / copies, 1.0)
    prompt = question.input
    return Load(
        layers=table.layers * plan.pp,
        products=(table.dense(each) + table.logits(each)) * plan.pp,
        beside=table.beside(each) * plan.pp,
        cached=table.cached(each, context) * plan.pp,
        prefill=(table.dense(prompt) + table.beside(prompt) + table.logits(1.0)) * plan.pp,
        causal=table.causal(prompt) * plan.pp,
        running=running,
        asked=asked,
        copies=copies,
        output=question.output,
    )
