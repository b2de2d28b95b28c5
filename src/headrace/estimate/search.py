"""Which chips, cut how, at which load: every plan that fits, the best first; prefill and decode together or apart.

together   each replica does both
apart      replicas of one kind prefill, of another decode; their numbers are matched so that neither waits
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Final

import numpy as np

from headrace.errors import InputError
from headrace.estimate.engines import constants
from headrace.estimate.operators import Plan
from headrace.estimate.question import MOST_RUNNING, Question, loaded, most_running
from headrace.estimate.serving import TPOT, first_token, next_token

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from headrace.estimate.chip import Chip
    from headrace.estimate.model import Shape

    Floats = NDArray[np.float64]

WAYS: Final = (1, 2, 4, 8, 16, 32)
BATCHES: Final = np.unique(np.round(np.geomspace(1, MOST_RUNNING, 34)))
MOST_KINDS: Final = 3
MATCHED: Final = 0.9
"""Share of the slower side's rate that prefill and decode apart reach together, since arrivals are uneven: assumed."""


@dataclass(frozen=True)
class Wanted:
    """A model and its load, and the limits that it must keep, in seconds."""

    shape: Shape
    precision: str
    input: float
    output: float
    ttft: float = float("inf")
    tpot: float = float("inf")
    engine: str = "vllm"
    generation: str = ""


@dataclass(frozen=True)
class Choice:
    """One answer. Requests a second of all chips together, output tokens a second of a chip, seconds."""

    kinds: tuple[str, ...]
    plans: tuple[Plan, ...]
    replicas: tuple[int, ...]
    batch: float
    ttft: float
    tpot: float
    requests: float
    per_chip: float
    chips: int


@dataclass(frozen=True)
class Side:
    """A replica that prefills, or decodes, or both: requests a second and seconds, at the best batch in the limits."""

    kind: str
    plan: Plan
    requests: float
    batch: float
    ttft: float
    tpot: float


def search(wanted: Wanted, kinds: Sequence[Chip], chips: Mapping[str, int], top: int = 10) -> list[Choice]:
    """The best choices of up to `chips` of each kind, the most requests a second a chip first.

    Raises InputError where more kinds are named than MOST_KINDS.
    """
    if len(kinds) > MOST_KINDS:
        raise InputError("kinds", f"are {len(kinds)}", f"at most {MOST_KINDS} in one search")
    together: list[Side] = []
    prefills: list[Side] = []
    decodes: list[Side] = []
    for kind in kinds:
        for plan in plans(wanted.shape, chips[kind.name]):
            found = _sides(wanted, kind, plan)
            for side, where in zip(found, (together, prefills, decodes), strict=True):
                if side is not None:
                    where.append(side)
    choices = [*_whole(wanted, together, chips), *_apart(wanted, prefills, decodes, chips)]
    return sorted(choices, key=lambda choice: -choice.requests)[:top]


def plans(shape: Shape, most: int) -> Iterator[Plan]:
    """Cuts of one replica into at most that many chips that the model's heads, layers and experts allow."""
    for tp, pp, dp in product(WAYS, WAYS, WAYS):
        if tp * pp * dp > most or tp > min(8, shape.heads) or shape.heads % tp or pp > 4:
            continue
        if dp > 1 and not shape.experts:
            continue
        for ep in {1, tp * dp} if shape.experts else {1}:
            if (dp == 1 or ep > 1) and ep <= max(shape.experts, 1):
                yield Plan(tp=tp, pp=pp, ep=ep, dp=dp)


def _sides(wanted: Wanted, kind: Chip, plan: Plan) -> tuple[Side | None, Side | None, Side | None]:
    asked = Question(
        wanted.shape,
        kind,
        plan,
        wanted.precision,
        wanted.input,
        wanted.output,
        0,
        2.0,
        wanted.engine,
        wanted.generation,
    )
    most = min(most_running(asked), MOST_RUNNING * plan.dp)
    if most < 1:
        return None, None, None
    running = BATCHES[most >= BATCHES]
    loads = loaded(asked, running, running)
    fitted, _ = constants(asked.calibration, asked.stack)
    tpot = np.asarray(next_token(fitted[:TPOT], loads))
    ttft = np.asarray(first_token(fitted[TPOT:], loads, tpot))
    name = kind.name
    whole = _best(name, plan, running / (tpot * wanted.output + ttft), running, (ttft, tpot), wanted)
    apart = np.asarray(next_token(fitted[:TPOT], replace(loads, prefill=0.0, causal=0.0)))
    decode = _best(name, plan, running / (apart * wanted.output), running, (np.zeros_like(apart), apart), wanted)
    one = float(first_token(fitted[TPOT:], loaded(asked, 1.0, 1.0), 0.0))
    prefill = Side(name, plan, plan.dp * plan.pp / one, 1.0, one, 0.0) if one <= wanted.ttft else None
    return whole, prefill, decode


def _best(
    kind: str, plan: Plan, rate: Floats, running: Floats, seconds: tuple[Floats, Floats], wanted: Wanted
) -> Side | None:
    ttft, tpot = seconds
    kept = (ttft <= wanted.ttft) & (tpot <= wanted.tpot)
    if not kept.any():
        return None
    best = int(np.argmax(np.where(kept, rate, -1.0)))
    return Side(kind, plan, float(rate[best]), float(running[best]), float(ttft[best]), float(tpot[best]))


def _whole(wanted: Wanted, sides: Sequence[Side], chips: Mapping[str, int]) -> Iterator[Choice]:
    for side in sides:
        count = chips[side.kind] // side.plan.chips
        used = count * side.plan.chips
        rate = count * side.requests
        yield Choice(
            (side.kind,),
            (side.plan,),
            (count,),
            side.batch,
            side.ttft,
            side.tpot,
            rate,
            rate * wanted.output / used,
            used,
        )


def _apart(
    wanted: Wanted, prefills: Sequence[Side], decodes: Sequence[Side], chips: Mapping[str, int]
) -> Iterator[Choice]:
    """The best replica of each kind and size on either side, in every number that leaves chips for the other."""
    for first, second in product(_leading(prefills), _leading(decodes)):
        same = first.kind == second.kind
        for count in range(1, chips[first.kind] // first.plan.chips + 1):
            left = chips[second.kind] - (count * first.plan.chips if same else 0)
            most = left // second.plan.chips
            if most < 1:
                break
            needed = min(most, max(1, round(count * first.requests / second.requests)))
            rate = MATCHED * min(count * first.requests, needed * second.requests)
            used = count * first.plan.chips + needed * second.plan.chips
            yield Choice(
                (first.kind, second.kind),
                (first.plan, second.plan),
                (count, needed),
                second.batch,
                first.ttft,
                second.tpot,
                rate,
                rate * wanted.output / used,
                used,
            )


def _leading(sides: Sequence[Side]) -> list[Side]:
    """Of each kind and size the replica with the most requests a second."""
    best: dict[tuple[str, int], Side] = {}
    for side in sides:
        key = (side.kind, side.plan.chips)
        if key not in best or side.requests > best[key].requests:
            best[key] = side
    return list(best.values())
