"""Chips by what they do now, kind by kind; and by class of the ledger so far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from headrace.explain.ledger import Class
from headrace.report.instants import minute
from headrace.report.live.size import chips as counted
from headrace.report.names import plain
from headrace.report.quantities import hours, share_scale
from headrace.serve.page.bar import Piece, pieces
from headrace.units import PPM

if TYPE_CHECKING:
    from collections.abc import Iterable

    from headrace.report.words import Words
    from headrace.serve.shapes import ClassSoFar, KindNow, Ledger

NOW: Final = (
    ("running", Class.UNKNOWN),
    ("starting", Class.STARTING),
    ("free", Class.NO_DEMAND),
    ("down", Class.DOWN),
)
"""What a chip does now, in the colour of its class in the ledger: how well a job uses it, nobody knows yet."""
SO_FAR: Final = tuple(reversed(Class))
"""As in the reports' charts: useful work first."""


@dataclass(frozen=True)
class Entry:
    """A line of a legend: a mark's class, what it is, how much, and how much of the whole."""

    mark: str
    name: str
    size: str
    share: str


@dataclass(frozen=True)
class Kind:
    """A kind's chips: how many there are and run, and the bar."""

    name: str
    size: str
    said: str
    bar: tuple[Piece, ...]


@dataclass(frozen=True)
class Chips:
    """The whole fleet's bar and legend, a bar a kind; and the same for chip-time so far, where it is known."""

    bar: tuple[Piece, ...]
    legend: tuple[Entry, ...]
    kinds: tuple[Kind, ...]
    since: str
    so_far_bar: tuple[Piece, ...]
    so_far: tuple[Entry, ...]


def part(ledger: Ledger, words: Words) -> Chips:
    """What is shown of `ledger`."""
    whole = {name: sum(_milli(kind, name) for kind in ledger.now) for name, _ in NOW}
    classes = {each.cls: each for each in ledger.classes or ()}
    known = ledger.since_ms is not None and bool(classes)
    return Chips(
        _bar(whole),
        _legend(whole, words),
        tuple(_kind(kind, words) for kind in ledger.now) if len(ledger.now) > 1 else (),
        words("page_live.since", time=minute(ledger.since_ms)) if known and ledger.since_ms is not None else "",
        pieces(((cls.word, classes[cls.word].share_ppm) for cls in SO_FAR if cls.word in classes), PPM),
        tuple(_so_far((classes[cls.word] for cls in SO_FAR if cls.word in classes), words)) if known else (),
    )


def _kind(kind: KindNow, words: Words) -> Kind:
    sizes = {name: _milli(kind, name) for name, _ in NOW}
    shown = (words("page_live.sized", name=words(f"page_live.now.{n}"), size=counted(s)) for n, s in sizes.items() if s)
    return Kind(plain(kind.kind), counted(kind.chips_milli), words("list.comma").join(shown), _bar(sizes))


def _bar(sizes: dict[str, int]) -> tuple[Piece, ...]:
    return pieces(((cls.word, sizes[name]) for name, cls in NOW), sum(sizes.values()))


def _legend(sizes: dict[str, int], words: Words) -> tuple[Entry, ...]:
    shares = share_scale(sum(sizes.values())).column(list(sizes.values()))
    return tuple(
        Entry(cls.word, words(f"page_live.now.{name}"), counted(sizes[name]), share)
        for (name, cls), share in zip(NOW, shares, strict=True)
    )


def _so_far(classes: Iterable[ClassSoFar], words: Words) -> Iterable[Entry]:
    for each in classes:
        if each.chip_time:
            share = share_scale(PPM).column([each.share_ppm])[0]
            yield Entry(each.cls, words(f"class.{each.cls}"), hours(each.chip_time), share)


def _milli(kind: KindNow, name: str) -> int:
    return int(getattr(kind, f"{name}_milli"))
