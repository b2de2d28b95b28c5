"""Number formats: how many bytes a weight, an activation and a cached value take, and which ceiling they run at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from headrace.errors import InputError


@dataclass(frozen=True)
class Precision:
    """Bytes of a weight and of an activation, bits of the arithmetic, and the kernel table's name for it."""

    name: str
    weight_bytes: float
    activation_bytes: float
    bits: float


PRECISIONS: Final = {
    one.name: one
    for one in (
        Precision("bf16", 2.0, 2.0, 16),
        Precision("fp8", 1.0, 1.0, 8),
        Precision("fp8_block", 1.02, 1.0, 8),
        Precision("int8", 1.0, 1.0, 8),
        Precision("int8_wo", 1.0, 2.0, 16),
        Precision("int4_wo", 0.53, 2.0, 16),
        Precision("mxfp4_wo", 0.53, 2.0, 16),
        Precision("fp4", 0.56, 0.56, 4),
    )
}
"""fp8_block: one scale a block of 128 by 128; *_wo: weights alone are small, arithmetic is in bf16."""


def usual_cache(engine: str, name: str) -> float:
    """Bytes of a cached value where nobody tells: 16 bits, but for small weights in TensorRT-LLM, whose published
    checkpoints ask for 8."""
    return 1.0 if engine == "trtllm" and name in ("fp8", "fp8_block", "fp4") else 2.0


def precision(name: str) -> Precision:
    """The precision of that name; CallError-like InputError names the known ones."""
    try:
        return PRECISIONS[name]
    except KeyError:
        raise InputError("precision", f"no precision is called {name}", f"known: {', '.join(PRECISIONS)}") from None
