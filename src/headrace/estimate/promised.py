"""The sets of rows on which the errors of others are published, or that matter by themselves: lines of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from headrace.estimate.accuracy import line
from headrace.estimate.measured import UNTOLD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from headrace.estimate.accuracy import Judged, Line

TRAINED_ON: Final = ("A100", "A100 40GB", "H100", "H800", "A800", "Ascend 910B")


def _qwen_fp8(one: Judged) -> bool:
    stack = one.stack
    return _qwen(one) and stack.precision.startswith("fp8") and stack.engine == "sglang"


def _qwen(one: Judged) -> bool:
    return one.stack.chip == "H20" and one.stack.model.startswith("Qwen3") and one.what == "request_s"


def _hopper(what: str) -> Callable[[Judged], bool]:
    return lambda one: one.stack.chip in ("H100", "H200") and one.what == what and UNTOLD not in one.stack.generation


SETS: Final[dict[str, Callable[[Judged], bool]]] = {
    "Qwen3 FP8 on one or more H20, SGLang": _qwen_fp8,
    "Qwen3 on H20, every engine": _qwen,
    "serving on H100 and H200, precision told, TPOT": _hopper("tpot_s"),
    "serving on H100 and H200, precision told, TTFT": _hopper("ttft_s"),
    "training on A100, H100, A800, H800, 910B": lambda one: one.what == "training" and one.stack.chip in TRAINED_ON,
}


def promised(judged: Sequence[Judged]) -> Iterator[Line]:
    """One line a set that has rows."""
    for name, holds in SETS.items():
        if rows := [one for one in judged if holds(one)]:
            yield line(name, rows)
