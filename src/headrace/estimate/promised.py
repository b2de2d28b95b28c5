"""The sets of rows that are told: those on which the errors of others are published, and every source by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from headrace.estimate.judged import line
from headrace.estimate.measured import UNTOLD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from headrace.estimate.judged import Judged, Line

TRAINED_ON: Final = ("A100", "A100 40GB", "H100", "H800", "A800", "Ascend 910B")


def _qwen_fp8(one: Judged) -> bool:
    stack = one.stack
    return _qwen(one) and stack.precision.startswith("fp8") and stack.engine == "sglang"


def _qwen(one: Judged) -> bool:
    return one.stack.chip == "H20" and one.stack.model.startswith("Qwen3") and one.what == "request_s"


def _hopper(what: str) -> Callable[[Judged], bool]:
    return lambda one: one.stack.chip in ("H100", "H200") and one.what == what and UNTOLD not in one.stack.generation


SETS: Final[dict[str, Callable[[Judged], bool]]] = {
    "qwen_fp8": _qwen_fp8,
    "qwen_sglang": lambda one: _qwen(one) and one.stack.engine == "sglang",
    "qwen": _qwen,
    "hopper_tpot": _hopper("tpot_s"),
    "hopper_ttft": _hopper("ttft_s"),
    "training": lambda one: one.what == "training" and one.stack.chip in TRAINED_ON,
}
"""By the key of their name in the reports."""


def promised(judged: Sequence[Judged]) -> Iterator[Line]:
    """One line a set that has rows."""
    for name, holds in SETS.items():
        if rows := [one for one in judged if holds(one)]:
            yield line(name, rows)


def by_source(judged: Sequence[Judged]) -> Iterator[Line]:
    """One line for every source and what it measured; names are `source what`."""
    rows: dict[str, list[Judged]] = {}
    for one in judged:
        rows.setdefault(f"{one.source} {one.what}", []).append(one)
    for name, mine in rows.items():
        yield line(name, mine)
