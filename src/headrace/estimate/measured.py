"""Reads a published measurement as a question and its answer, or says why it cannot be asked.

The columns are those of a table of one measured point a row; units are in their names.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from headrace.errors import HeadraceError, InputError
from headrace.estimate.calibration import shipped
from headrace.estimate.engines import generation
from headrace.estimate.known import chip, is_model, model
from headrace.estimate.operators import Plan
from headrace.estimate.question import Question, holds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headrace.estimate.calibration import Calibration
    from headrace.estimate.chip import Chip
    from headrace.estimate.model import Shape

FORMATS: Final = {
    "awq-int4": "int4_wo",
    "gptq-int4": "int4_wo",
    "gptq-int8": "int8_wo",
    "int4": "int4_wo",
    "uint4": "int4_wo",
    "int8": "int8",
    "nvfp4": "fp4",
    "fp4": "fp4",
    "fp8": "fp8",
    "bf16": "bf16",
    "fp16": "bf16",
    "": "",
}
MXFP4: Final = "mxfp4_wo"
MOST: Final = 1e12
MOST_WAYS: Final = 128
"""More chips than that are not one replica, whatever a row says."""
NODE: Final = 8
"""Chips above which latent attention is copied, not cut: its cache cannot be cut by heads."""
UNTOLD: Final = ", precision untold"
"""Marks the engine of a row that leaves its precision to be guessed, so that it does not speak for those that tell."""


@dataclass(frozen=True)
class Point:
    """A measured row that can be asked: what of, and what was measured, by name, in seconds or tokens a second."""

    id: str
    group: str
    question: Question
    answers: Mapping[str, float]

    @property
    def where(self) -> tuple[str, ...]:
        """Rows that share it were measured on one model, chip, precision and engine."""
        asked = self.question
        return (asked.chip.name, asked.shape.name, asked.precision, asked.engine, asked.generation)


@dataclass(frozen=True)
class Refused:
    """A row that cannot be asked, and why."""

    id: str
    group: str
    reason: str


def read_serving(row: Mapping[str, str], calibration: Calibration | None = None) -> Point | Refused:
    """An inference row as a question; a row that leaves something out is refused with the reason's key."""
    try:
        return _serving(row, calibration or shipped())
    except _UntoldError as untold:
        return Refused(row["id"], row["source_group"], str(untold))
    except InputError:
        return Refused(row["id"], row["source_group"], "numbers")


class _UntoldError(Exception):
    """Something that a row does not tell: the reason's key."""


def chip_of(name: str) -> Chip | None:
    """The chip, or None where none is known by that name."""
    try:
        return chip(name)
    except HeadraceError:
        return None


def shape_of(name: str) -> Shape | None:
    """The model's shape, or None where none is known by that name."""
    return model(name) if is_model(name) else None


def _serving(row: Mapping[str, str], calibration: Calibration) -> Point | Refused:
    if row["serving_mode"] == "disagg":
        raise _UntoldError("apart")
    on, shape = chip_of(row["chip"]), shape_of(row["model"])
    if on is None or shape is None:
        raise _UntoldError("chip" if on is None else "model")
    if not row["input_tokens"] or not row["output_tokens"]:
        raise _UntoldError("lengths")
    if not row["tp"] and not row["n_chips"]:
        raise _UntoldError("chips")
    asked = number(row["concurrency"]) or (1.0 if row["batch_total"] == "1" else 0.0)
    if not asked and row["serving_mode"] != "offline max load":
        raise _UntoldError("load")
    precision, engine = _precision(row, shape, on), row["engine"].strip().lower().replace("tensorrt-llm", "trtllm")
    plan = _plan(row, shape)
    if not row["weight_precision"] and shape.block_fp8 and not holds(shape, on, plan, precision):
        precision = "fp8_block"
    question = Question(
        shape=shape,
        chip=on,
        plan=plan,
        precision=precision,
        input=max(number(row["input_tokens"]), 1.0),
        output=number(row["output_tokens"]),
        asked=asked,
        kv_byte=cache_bytes(engine, precision, on),
        engine=engine,
        generation=generation(row["engine_version"]) + ("" if row["weight_precision"] else UNTOLD),
        calibration=calibration,
    )
    answers = _answers(row, question)
    if not answers:
        raise _UntoldError("nothing")
    return Point(row["id"], row["source_group"], question, answers)


def cache_bytes(engine: str, precision: str, on: Chip) -> float:
    """Bytes of a cached value where nobody tells: published runs of 8-bit and 4-bit models keep it in 8 bits with
    TensorRT-LLM and vLLM, and with any engine on chips that have 4-bit products."""
    small = precision in ("fp8", "fp8_block", "fp4")
    return 1.0 if small and (engine in ("trtllm", "vllm") or on.fp4) else 2.0


def number(text: str) -> float:
    """The number in a cell; 0 where there is none, or one that nothing can have: below zero, endless, or no number."""
    try:
        found = float(text)
    except ValueError:
        return 0.0
    return found if 0 <= found <= MOST else 0.0


def _precision(row: Mapping[str, str], shape: Shape, on: Chip) -> str:
    told = row["weight_precision"].lower()
    if told not in FORMATS:
        raise _UntoldError("precision")
    name = FORMATS[told] or ("fp8" if "fp8" in row["model"].lower() else shape.released)
    if shape.released == MXFP4:
        return "fp4" if on.fp4 else MXFP4
    if name == "fp4" and not on.fp4:
        return "int4_wo"
    return "fp8_block" if name == "fp8" and shape.block_fp8 else name


def _plan(row: Mapping[str, str], shape: Shape) -> Plan:
    """The cut of one replica. Where a source counts the chips of a group twice, as tensor and as expert ways, once."""
    tp, pp, ep, dp = (int(number(row[name])) or 1 for name in ("tp", "pp", "ep", "dp"))
    if row["tp"] == "" and (count := int(number(row["n_chips"]))):
        tp = count
    if tp > MOST_WAYS:
        raise _UntoldError("plan")
    if tp > 1 and dp > 1 and ep == tp * dp:
        return Plan(tp=1, pp=pp, ep=tp, dp=tp)
    if tp == 1 and 1 < ep < dp:
        return Plan(tp=1, pp=pp, ep=ep, dp=ep)
    if tp > NODE and tp == ep * ep:
        return Plan(tp=ep, pp=pp, ep=ep)
    if shape.kv_lora and tp > NODE:
        return Plan(tp=1, pp=pp, ep=tp, dp=tp)
    if tp > shape.heads:
        raise _UntoldError("plan")
    return Plan(tp=tp, pp=pp, ep=ep, dp=dp)


def _answers(row: Mapping[str, str], question: Question) -> dict[str, float]:
    found = {name: number(row[name]) for name in ("tpot_s", "ttft_s") if number(row[name]) > 0}
    if found:
        return found
    if question.asked == 1 and (total := number(row["total_tokens_per_s_total"])):
        tokens = number(row["input_tokens"]) + question.output
        return {"request_s": tokens / total}
    if not question.asked and (rate := number(row["output_tokens_per_s_total"])):
        return {"output_rate": rate}
    return {}
