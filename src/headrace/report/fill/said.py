"""What is said of a fill beside its figures: the answer, how to read it, what was assumed, where it came from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from headrace.report.fill.tables import chips, share
from headrace.report.names import plain
from headrace.report.provenance import named_input

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headrace.report.fill.fills import Fills
    from headrace.report.words import Words

READ: Final = ("load", "allocated", "fragmented", "dropped")


def answer(fills: Fills, words: Words) -> str:
    """How full the fleet gets, under which rule, and what the rule makes of a difference."""
    best, worst = fills.fullest, fills.emptiest
    alike = best.left.mean == worst.left.mean
    told = words(
        "fill.answer.only" if len(fills.rules) == 1 else "fill.answer.alike" if alike else "fill.answer.fullest",
        load=f"{fills.load:.0%}",
        rule=best.place,
        allocated=share(best.allocated),
        left=chips(best.left.mean),
        chips=f"{fills.fleet.chips:,}",
    )
    if alike:
        return told
    more = chips(worst.left.mean - best.left.mean)
    return told + words("fill.answer.against", rule=worst.place, allocated=share(worst.allocated), more=more)


def seeds(fills: Fills, words: Words) -> str:
    """What the figures are means of."""
    if len(fills.seeds) == 1:
        return words("fill.one_seed", seed=fills.seeds[0])
    return words("fill.many_seeds", count=len(fills.seeds), seeds=spelled(fills.seeds))


def spelled(numbers: Sequence[int]) -> str:
    """Consecutive seeds as they are asked for: `42..51`."""
    return str(numbers[0]) if len(numbers) == 1 else f"{numbers[0]}..{numbers[-1]}"


def reading(words: Words) -> list[str]:
    """How to read the charts and the table."""
    return [words(f"fill.read.{key}") for key in READ]


def assumed(fills: Fills, words: Words) -> list[str]:
    """How jobs arrived, in which order nodes were looked at, rows that are in no figure, and the reader's notes."""
    origin = fills.origin
    lines = [words("synthetic")] if fills.fleet.synthetic else []
    drawn = words("fill.given") if origin.until is None else words("fill.drawn", until=f"{origin.until:.0%}")
    lines += [drawn, words("fill.shuffled" if origin.shuffled else "fill.in_order"), words("fill.departures")]
    if origin.walls:
        waived = words("list.comma").join(words(f"fill.wall.{wall}") for wall in origin.walls)
        lines.append(words("fill.waived", walls=waived))
    if origin.rejects:
        lines.append(words("rejects.some", count=f"{origin.rejects:,}", jobs=f"{origin.jobs:,}"))
    return [*lines, *map(plain, origin.notes)]


def provenance(fills: Fills, words: Words) -> list[tuple[str, str]]:
    """(what, which): version, inputs with their checksums, seeds and command."""
    origin = fills.origin
    files = ((words(f"fill.input.{what}"), named_input(name, sha256, words)) for what, name, sha256 in origin.inputs)
    return [
        (words("provenance.version"), f"headrace {plain(origin.version)}"),
        *files,
        (words("provenance.seed"), spelled(fills.seeds)),
        (words("provenance.command"), plain(origin.command)),
    ]
