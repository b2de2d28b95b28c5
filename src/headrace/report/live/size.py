"""Counts of chips, demands and places, as a person reads them."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from headrace.report.names import plain
from headrace.units import MILLI

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from headrace.report.live.told import Demand, Place
    from headrace.report.words import Words

FEW: Final = 4
"""So many places are named; of more the first and how many others."""


def chips(milli: int) -> str:
    """Chips from thousandths: `8`, `0.5`, `1,024`."""
    return f"{milli / MILLI:,.3f}".rstrip("0").rstrip(".")


def demand(job: Demand, words: Words) -> str:
    """What it asks for: `2 × 8 chips of H20 or A800`, `0.5 of a chip`, `no chips`."""
    size = _per_node(job, words)
    gang = words("live.size.gang", nodes=job.nodes, size=size) if job.nodes > 1 else size
    kinds = words("live.size.or").join(map(plain, job.kinds))
    return words("live.size.of", size=gang, kinds=kinds) if kinds and job.chips else gang


def _per_node(job: Demand, words: Words) -> str:
    if not job.chips:
        return words("live.size.none")
    one = "_one" if job.chips == 1 else ""
    if job.share_milli < MILLI:
        return words(f"live.size.share{one}", share=chips(job.share_milli), chips=job.chips)
    return words(f"live.size.chips{one}", chips=job.chips)


def places(on: Sequence[Place], words: Words) -> str:
    """Nodes with their chips: `h20-1 [0-3,6], h20-2`; of many the first few."""
    shown = words("list.comma").join(map(_place, on[:FEW]))
    more = len(on) - FEW
    return f"{shown} {words('others', count=more)}" if more > 0 else shown


def _place(place: Place) -> str:
    return f"{plain(place.node)} [{','.join(spans(place.chips))}]" if place.chips else plain(place.node)


def spans(numbers: Iterable[int]) -> Iterator[str]:
    """Runs of neighbours: 0 1 2 5 -> `0-2`, `5`."""
    for _, run in groupby(enumerate(sorted(numbers)), lambda pair: pair[1] - pair[0]):
        first, *others = (number for _, number in run)
        yield f"{first}-{others[-1]}" if others else str(first)
