"""An estimate of training: time of a step, tokens a second, share of the peak; each with its interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headrace.estimate.engines import constants
from headrace.estimate.interval import Value, around, inverse, spread_of, widened
from headrace.estimate.training import FAMILY, flops_per_token, micro, steps_of, tokens_per_second

if TYPE_CHECKING:
    from headrace.estimate.training import Run


@dataclass(frozen=True)
class Training:
    """Tokens a second of one chip, share of the 16-bit peak (MFU), and seconds of a step (of all replicas' batch)."""

    rate: Value
    utilisation: Value
    step: Value
    depth: int


def train(run: Run) -> Training:
    """The estimate of one run; without a batch a step is one micro-batch of every replica."""
    known = run.calibration
    fitted, depth = constants(known, run.stack, FAMILY)
    parts = micro(run)
    spread = widened(spread_of(known, FAMILY, depth), steps_of(run).level, depth)
    rate = around(float(tokens_per_second(fitted, parts)), spread)
    share = flops_per_token(run.shape, run.length) / run.chip.bf16
    sequences = run.batch or run.micro * run.replicas
    step = inverse(sequences * run.length / run.chips, rate)
    return Training(rate, Value(rate.value * share, rate.low * share, rate.high * share), step, depth)
