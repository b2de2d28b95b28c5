"""The overlay `mismatch` as a table: by the kind that work ran on and the kind that suits it best."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headrace.explain.mismatch import Taken, summed
from headrace.report.names import plain
from headrace.report.quantities import hours_scale, money_scale
from headrace.report.tables.table import Column, Row, Table, Tone

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from headrace.explain.mismatch import Mismatch, Pair
    from headrace.report.quantities import Scale
    from headrace.report.words import Words


@dataclass(frozen=True)
class _Line:
    """A row before it has a form: its first three cells, its chip-time, and its money where there is any."""

    cells: tuple[str, str, str]
    held: Taken
    money: Taken | None
    amiss: bool


def mismatch_table(overlay: Mismatch, words: Words, most: int) -> Table:
    """A row for each of the first `most` pairs of kinds, one for the others, and one for all.

    The columns of chip-hours and of money add up as printed; an interval is that of its own row.
    """
    lines = _lines(overlay, words, most)
    titles = [words(f"mismatch.column.{key}") for key in ("ran_on", "suits", "jobs", "held", "taken", "interval")]
    held, scale = [line.held for line in lines], hours_scale(summed_of(overlay.pairs).had)
    columns = [*_columns(held, scale), [interval(part, scale, words) for part in (*held, summed(held))]]
    if overlay.currency:
        money = [line.money for line in lines if line.money is not None]
        columns += _columns(money, money_scale(summed(money).had))
        unit = plain(overlay.currency)
        titles += [words(f"mismatch.column.{key}", currency=unit) for key in ("paid", "cost")]
    firsts = [*(line.cells for line in lines), (words("mismatch.column.all"), "", f"{overlay.compared.jobs:,}")]
    tones: list[Tone] = [*("plain" if line.amiss else "muted" for line in lines), "total"]
    rows = zip(firsts, tones, zip(*columns, strict=True), strict=True)
    return Table(
        tuple(Column(title, numeric=i > 1) for i, title in enumerate(titles)),
        tuple(Row((*first, *figures), tone) for first, tone, figures in rows),
    )


def summed_of(pairs: Iterable[Pair]) -> Taken:
    """The chip-time of `pairs` together."""
    return summed(pair.held for pair in pairs)


def interval(of: Taken, scale: Scale, words: Words) -> str:
    """From low to high, as printed; none where the work ran where it suits, and nothing is estimated."""
    if of.low == of.high == of.had:
        return words("none")
    low, high = (scale.column([each])[0] for each in (of.low, of.high))
    return words("mismatch.interval", low=low, high=high)


def _lines(overlay: Mismatch, words: Words, most: int) -> list[_Line]:
    shown, others = overlay.pairs[:most], overlay.pairs[most:]
    lines = [
        _Line((plain(pair.ran_on), plain(pair.suits), f"{pair.jobs:,}"), pair.held, pair.money, pair.amiss)
        for pair in shown
    ]
    if others:
        money = summed(pair.money for pair in others if pair.money is not None) if overlay.currency else None
        name = words("others", count=f"{len(others):,}")
        lines.append(_Line((name, "", ""), summed_of(others), money, any(pair.amiss for pair in others)))
    return lines


def _columns(parts: Sequence[Taken], scale: Scale) -> Iterator[list[str]]:
    """What was had, and what would have been taken, of each part and of all of them."""
    for name in ("had", "taken"):
        steps = scale.steps([getattr(part, name) for part in parts])
        yield [scale.text(each) for each in (*steps, sum(steps))]
