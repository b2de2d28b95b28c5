"""Cuts of a model: the fewest chips that serve it, and every cut of a training run that its memory allows.

state        (2 weights + 2 gradients + 12 optimizer) bytes a parameter / (tp x pp), over the replicas if sharded
activations  layers x micro-batch x length x hidden x 34 bytes / (tp x cp), 2 in place of 34 where they are recomputed
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Final

from headrace.estimate.inference import Unfit
from headrace.estimate.operators import Plan
from headrace.estimate.question import BESIDE, USABLE, most_running
from headrace.estimate.speeds import MOST_WAYS
from headrace.estimate.train import train

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headrace.estimate.question import Question
    from headrace.estimate.training import Run

STATE: Final = 16.0
"""Bytes a parameter in mixed precision with Adam: Rajbhandari et al., ZeRO (SC 2020), section 3.1."""
ACTIVATED: Final = 34.0
"""Bytes a layer keeps for each token and hidden element, its attention recomputed, the sequence cut like heads."""
RECOMPUTED: Final = 2.0
"""The same where only the input of a layer is kept. Both: Korthikanti et al. (MLSys 2023), table 2."""
STEP_TOKENS: Final = 4 * 2**20
"""Tokens of a step where nobody tells: as Llama 2 was trained (Touvron et al., 2023, section 2.2)."""
NODE: Final = 8
"""Tensor ways at most: chips of one server."""
MOST_STAGES: Final = 16
"""Stages of the longest pipeline that is tried: that of DeepSeek-V3's report; the measured runs have no more."""
UNEVEN: Final = 1.1
"""Layers of the longest stage over the mean, at most, of a pipeline that is tried."""
MOST_CHIPS: Final = 2**16


@dataclass(frozen=True)
class Held:
    """A run and the bytes that one of its chips must hold, and may."""

    run: Run
    needed: float
    there: float

    @property
    def fits(self) -> bool:
        """Whether there is room for all of it."""
        return self.needed <= self.there


def ways(question: Question, most: int = MOST_WAYS) -> Iterator[Question]:
    """The question on every power of two up to `most` chips that hold it, the fewest first, tensor ways before all."""
    for count in _powers(min(most, MOST_WAYS)):
        cut = replace(question, plan=Plan(tp=min(count, NODE), pp=max(count // NODE, 1)))
        if most_running(cut) >= 1:
            yield cut


def held(run: Run, shard: bool) -> Held:
    """What one chip of a training run holds: state and activations; experts are spread over `ep` replicas."""
    shape, cut = run.shape, run.tp * run.pp
    routed = shape.moe_layers * shape.experts * shape.expert_inter * shape.hidden * shape.matrices
    whole = (shape.parameters - routed + routed / run.ep) / cut
    state = STATE * (shape.parameters / cut / run.replicas if shard else whole)
    each = RECOMPUTED if run.recompute else ACTIVATED
    kept = shape.layers * run.micro * run.length * shape.hidden * each / run.tp / run.cp
    return Held(run, state + kept, run.chip.memory * USABLE - BESIDE)


def cuts(run: Run) -> Iterator[Run]:
    """Every cut of the run's chips by powers of two that its heads, layers, experts and batch allow; `cp` is kept."""
    shape = run.shape
    for tp, pp in product(_powers(min(NODE, shape.heads)), _powers(min(MOST_STAGES, shape.layers))):
        replicas, rest = divmod(run.chips, tp * pp * run.cp)
        if rest or not replicas or shape.heads % tp or _uneven(shape.layers, pp):
            continue
        if run.batch and replicas * run.micro > run.batch:
            continue
        for ep in _powers(min(replicas, shape.experts)) if shape.experts else (1,):
            yield replace(run, tp=tp, pp=pp, ep=ep)


def best(run: Run, shard: bool) -> Held | Unfit | None:
    """The fastest cut that fits; how far the smallest is from fitting where none does; None where there is no cut."""
    every = [held(cut, shard) for cut in cuts(run)]
    fitting = [one for one in every if one.fits]
    if fitting:
        return max(fitting, key=lambda one: train(one.run).rate.value)
    least = min(every, key=lambda one: one.needed, default=None)
    return least and Unfit(least.needed, least.there)


def fewest_to_train(run: Run, shard: bool) -> Held | Unfit | None:
    """The fastest cut on the smallest power of two of chips that holds the run."""
    found: Held | Unfit | None = None
    chips = run.cp
    while chips <= MOST_CHIPS and not isinstance(found, Held):
        found = best(replace(run, chips=chips), shard) or found
        chips *= 2
    return found


def _uneven(layers: int, stages: int) -> bool:
    return -(-layers // stages) > UNEVEN * layers / stages


def _powers(most: int) -> Iterator[int]:
    power = 1
    while power <= most:
        yield power
        power *= 2
