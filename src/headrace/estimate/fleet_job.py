"""A served job of a fleet's log as a question and its answer, or why it cannot be asked.

workload   "Qwen3-32B decode": a model that is known        ran_on    the chip
chips, nodes   tensor ways in a node, and pipeline stages    engine, engine_version, precision   as `estimate` asks
input, output  tokens of a request                           batch     requests that run at once
tpot_ms, ttft_ms, tokens_per_s                               what was measured; the last is of the whole job's output
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isfinite, log
from typing import TYPE_CHECKING, Final

from headrace.errors import HeadraceError
from headrace.estimate.engines import generation
from headrace.estimate.fleet import Seen
from headrace.estimate.inference import Unfit, estimate
from headrace.estimate.known import chip
from headrace.estimate.operators import Plan
from headrace.estimate.origins import nearest
from headrace.estimate.precision import PRECISIONS, usual_cache
from headrace.estimate.question import Question
from headrace.estimate.speeds import workload

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headrace.estimate.calibration import Calibration
    from headrace.estimate.inference import Estimate

    Job = Mapping[str, object]

ASKED: Final = ("input", "output", "batch", "engine", "engine_version", "precision")
MEASURED: Final = ("tokens_per_s", "tpot_ms", "ttft_ms")
REASONS: Final = ("workload", "chip", "share", "lengths", "load", "precision", "measured", "fit")
"""Why a job cannot be asked: not known, or not told, is its model; its chip; ...; or it should not fit at all."""
WHOLE: Final = 1000
KILO: Final = 1e3


@dataclass(frozen=True)
class Unasked:
    """A job that cannot be asked, by one of REASONS."""

    reason: str


def read_job(job: Job, kind: str, calibration: Calibration) -> Seen | Unasked:
    """What the job on chips of `kind` took beside the estimate of `calibration`, which should have no correction."""
    question = _question(job, kind, calibration)
    if isinstance(question, Unasked):
        return question
    found = estimate(question)
    if isinstance(found, Unfit):
        return Unasked("fit")
    off = dict(_off(job, found))
    return Seen(question.stack, off) if off else Unasked("measured")


def _question(job: Job, kind: str, calibration: Calibration) -> Question | Unasked:
    work = workload(_text(job, "workload"))
    if work is None:
        return Unasked("workload")
    try:
        on = chip(kind)
    except HeadraceError:
        return Unasked("chip")
    if (_number(job, "share_milli") or WHOLE) != WHOLE:
        return Unasked("share")
    tokens_in, tokens_out, batch = (_number(job, name) for name in ("input", "output", "batch"))
    if not tokens_in or not tokens_out:
        return Unasked("lengths")
    if not batch:
        return Unasked("load")
    form = _text(job, "precision") or work.precision
    if form not in PRECISIONS:
        return Unasked("precision")
    form = "fp8_block" if form == "fp8" and work.shape.block_fp8 else form
    engine, version = _text(job, "engine").lower() or "vllm", _text(job, "engine_version")
    plan = Plan(tp=int(_number(job, "chips")) or 1, pp=int(_number(job, "nodes")) or 1)
    load = (tokens_in, max(tokens_out, 1.0), batch, usual_cache(engine, form))
    told = generation(version) if version else ""
    asked = Question(work.shape, on, plan, form, *load, engine, told, calibration)
    return replace(asked, generation=nearest(asked.stack, calibration).generation)


def _off(job: Job, found: Estimate) -> list[tuple[str, float]]:
    """What was measured over what is estimated; a rate stands for the time of a token where that was not measured."""
    tpot, ttft, rate = (_number(job, name) for name in ("tpot_ms", "ttft_ms", "tokens_per_s"))
    each = tpot / KILO / found.tpot.value if tpot else found.decode.value * found.chips / rate if rate else 0.0
    first = ttft / KILO / found.ttft.value
    return [(what, log(times)) for what, times in (("tpot", each), ("ttft", first)) if times > 0]


def _text(job: Job, name: str) -> str:
    return str(job.get(name) or "").strip()


def _number(job: Job, name: str) -> float:
    """The number in a column, whether the log holds it as one or as text; 0 where there is none."""
    try:
        found = float(_text(job, name) or 0)
    except ValueError:
        return 0.0
    return found if isfinite(found) and found > 0 else 0.0
