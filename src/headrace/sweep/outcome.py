"""What becomes of a cell: its figures, or one sentence on why there are none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from headrace.sweep.grid import Cell


@dataclass(frozen=True)
class Failed:
    """A cell without a result, and why."""

    sentence: str


Outcome: TypeAlias = dict[str, Any] | Failed
Hands: TypeAlias = Callable[[Sequence["Cell"]], Iterator[tuple["Cell", Outcome]]]
"""Whoever computes cells: gives back each with its outcome, in any order. Closing the iterator ends all its work."""
