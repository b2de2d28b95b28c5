"""What an estimate rests on: the rows of the calibration that answered, by their keys, and the nearest generation.

kernels   the grid of each family that the model needs, on whichever chip it was measured
engine    the constants, at the depth at which they were found
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from headrace.estimate.efficiency import Kernels
from headrace.estimate.engines import ANY, FAMILY, constants
from headrace.estimate.fleet import is_corrected, ran_by
from headrace.estimate.operators import Plan
from headrace.estimate.training import FAMILY as TRAINING
from headrace.estimate.work import BF16_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from headrace.estimate.calibration import Calibration, Row
    from headrace.estimate.chip import Chip
    from headrace.estimate.engines import Stack
    from headrace.estimate.model import Shape
    from headrace.estimate.question import Question
    from headrace.estimate.training import Run

    Key = tuple[str, str, str, str]

NUMBER: Final = re.compile(r"\d+")


@dataclass(frozen=True)
class Origin:
    """One row that answered, or none (`row` is None) where a family was measured nowhere and is assumed.

    `asked` is the family and the precision asked for; `key` is (family, chip, precision, generation or library).
    """

    asked: tuple[str, str]
    key: Key | None
    row: Row | None


def origins(question: Question, chips: Mapping[str, Chip]) -> tuple[Origin, ...]:
    """The rows behind an estimate of inference: kernels first, then the engine's constants."""
    known = question.calibration
    kernels = Kernels(question.chip, chips, known, question.engine)
    asked = families(question.shape, question.plan, question.precision, question.kv_byte)
    return (*(_kernel(kernels, *each) for each in asked), constants_of(question.stack, known))


def origins_of_run(run: Run, chips: Mapping[str, Chip]) -> tuple[Origin, ...]:
    """The rows behind an estimate of training: kernels by any library, then the framework's constants."""
    known = run.calibration
    kernels = Kernels(run.chip, chips, known)
    asked = families(run.shape, Plan(tp=run.tp, pp=run.pp, ep=run.ep), run.precision, BF16_BYTES)
    trained = (_kernel(kernels, *each) for each in asked if not each[0].endswith("decode"))
    return (*trained, constants_of(run.stack, known, TRAINING))


def constants_of(stack: Stack, known: Calibration, family: str = FAMILY) -> Origin:
    """The row of an engine's or of a training framework's constants."""
    _, depth = constants(known, stack, family)
    key = stack.key(depth, family)
    return Origin((family, stack.precision), key, known.rows[key])


def families(shape: Shape, plan: Plan, precision: str, kv_byte: float) -> Iterator[tuple[str, str]]:
    """The families of kernels that a model cut by a plan needs, each with its precision, as `work.py` names them."""
    latent = "mla_" if shape.kv_lora else ""
    yield "gemm", precision
    yield latent + "decode", "fp8" if kv_byte < BF16_BYTES and not latent else "bf16"
    yield latent + "prefill", "bf16"
    if shape.moe_layers:
        yield "moe", precision
    if plan.tp > 1 or (plan.dp > 1 and shape.moe_layers):
        yield "comm", "bf16"


def _kernel(kernels: Kernels, family: str, precision: str) -> Origin:
    found = kernels.find(family, precision)
    if found is None:
        return Origin((family, precision), None, None)
    return Origin((family, precision), found.key, kernels.calibration.rows[found.key])


def engines(known: Calibration, family: str = FAMILY) -> tuple[str, ...]:
    """The engines, or training frameworks, that were measured."""
    plain = {key[3] for key in known.rows if key[0] == family and key[1] == ANY}
    return tuple(sorted(name for name in plain if name != ANY and not {"/", " "} & set(name)))


def generations(known: Calibration, engine: str, family: str = FAMILY) -> tuple[str, ...]:
    """The generations of an engine that were measured, the newest first."""
    under = [key[3].split("/", 1) for key in known.rows if key[0] == family and key[1] == ANY]
    found = [parts[1] for parts in under if parts[0] == engine and len(parts) > 1 and " " not in parts[1]]
    return tuple(sorted(found, key=_numbers, reverse=True))


def nearest(stack: Stack, known: Calibration, family: str = FAMILY) -> Stack:
    """The stack of the generation that the fleet's own history corrects for this chip, precision and model.

    Else of the one of which most was measured for them; the newest of equals. A stack that tells its generation stays
    as it is.
    """
    if stack.generation:
        return stack
    names = dict.fromkeys((*generations(known, stack.engine, family), *ran_by(stack, known)))
    under = [replace(stack, generation=name) for name in names]
    return max(under, key=lambda one: (is_corrected(known, one), constants(known, one, family)[1]), default=stack)


def _numbers(generation: str) -> tuple[int, ...]:
    return tuple(int(part) for part in NUMBER.findall(generation)) if generation[:1].isdigit() else ()
