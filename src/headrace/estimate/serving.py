"""Continuous batching with chunked prefill, in closed form: how long for the first token, and for each next one.

A replica runs up to `running` requests at once; while one of them decodes `output` tokens, each of the others is
prefilled once, in chunks that share the steps. So, with constants that engines were measured to have:

    TPOT = products x dense products + beside x experts and exchanges + attention x reading the cache
         + layers x launch + fixed + overlap x (others / output) x prefill
    TTFT = start + steps x TPOT + waiting for a place
         + (compute x prefill + causal x its attention + layers x launch) x (1 + queue x others^power)

Requests beyond `running` wait for memory for their cache: by Little's law (asked / running - 1) x output x TPOT.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Number = float | Floats

NEXT_TOKEN: Final = ("products", "beside", "attention", "launch_us", "fixed_ms", "overlap")
FIRST_TOKEN: Final = ("prompt", "causal", "prompt_launch_us", "start_ms", "queue", "power", "steps")
TPOT: Final = len(NEXT_TOKEN)
MICRO: Final = 1e-6
MILLI: Final = 1e-3
USUAL: Final = np.log([1.0, 1.0, 1.0, 30.0, 0.5, 1.0, 1.1, 1.1, 30.0, 10.0, 0.1, 1.0, 1.0])
"""Logarithms of the constants of an engine that was never seen; launches in microseconds, fixed and start in ms."""


@dataclass(frozen=True)
class Load:
    """What a replica is asked to do, and what its kernels take for it; arrays of one shape, or single numbers.

    `products`, `beside` and `cached` (attention) are seconds of a decode step, `prefill` of one
    prompt without its `causal` attention; `copies` share the requests, each with its own
    attention; `asked` requests are there at any time, of which `running` have a place.
    """

    layers: Number
    products: Number
    beside: Number
    cached: Number
    prefill: Number
    causal: Number
    running: Number
    asked: Number
    copies: Number
    output: Number


def next_token(constants: Floats, load: Load) -> Number:
    """Mean seconds between tokens of one request (TPOT); `constants` are logarithms, first axis NEXT_TOKEN."""
    products, beside, attention, launch, fixed, overlap = np.exp(constants[:TPOT])
    step = products * load.products + beside * load.beside + attention * load.cached
    step = step + launch * MICRO * load.layers + fixed * MILLI
    return step + overlap * above(load.running / load.copies - 1) / load.output * (load.prefill + load.causal)  # type: ignore[no-any-return]


def first_token(constants: Floats, load: Load, tpot: Number) -> Number:
    """Mean seconds until the first token (TTFT); `constants` are logarithms, first axis FIRST_TOKEN."""
    compute, causal, launch, start, queue, power, steps = np.exp(constants[: len(FIRST_TOKEN)])
    own = compute * load.prefill + causal * load.causal + launch * MICRO * load.layers
    line = 1 + queue * above(load.running / load.copies - 1) ** power
    place = above(load.asked / load.running - 1) * load.output * tpot
    return start * MILLI + steps * tpot + own * line + place  # type: ignore[no-any-return]


def above(value: Number) -> Number:
    """What is above zero of it."""
    return np.maximum(value, 0.0) if isinstance(value, np.ndarray) else max(value, 0.0)


def arrivals_wait(utilisation: float, service: float, spread: float = 1.0) -> float:
    """Mean wait in line of a server that is busy that share of time: Pollaczek-Khinchine, M/G/1.

    `service` is the mean seconds of one request, `spread` its squared coefficient of variation.
    """
    busy = min(utilisation, 0.999)
    return busy / (1 - busy) * service * (1 + spread) / 2
