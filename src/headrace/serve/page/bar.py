"""Bars of several pieces. They are drawn as SVG, since the page forbids itself styles that stand in elements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

LENGTH: Final = 1000
"""Of a whole bar, in the units of its drawing."""


@dataclass(frozen=True)
class Piece:
    """From `begin`, `length` long, in the colour of the class `mark`."""

    mark: str
    begin: int
    length: int


def pieces(parts: Iterable[tuple[str, int]], whole: int) -> tuple[Piece, ...]:
    """The parts (mark, size) side by side; `whole` is as long as the bar. Each ends where it would end if alone were
    rounded what comes before, so that the last ends with the bar."""
    drawn, before = [], 0
    for mark, size in parts:
        begin, end = (LENGTH * at // max(whole, 1) for at in (before, before + size))
        drawn += [Piece(mark, begin, end - begin)] if end > begin else []
        before += size
    return tuple(drawn)
