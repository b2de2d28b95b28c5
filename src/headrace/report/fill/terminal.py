"""The terminal's form of a fill: the answer, the table, and what to be careful of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headrace.report.fill.said import answer, assumed, seeds
from headrace.report.fill.tables import fill_table
from headrace.report.names import plain
from headrace.report.screen import Screen
from headrace.report.words import languages, load

if TYPE_CHECKING:
    from rich.console import Console

    from headrace.report.fill.fills import Fills


def render(fills: Fills, console: Console, lang: str) -> None:
    """Print the rules side by side, once for each language that `lang` (en, zh, both) asks for."""
    screen = Screen(console)
    for words in map(load, languages(lang)):
        screen.say(words("title.of", title=words("fill.title"), fleet=plain(fills.fleet.name)), "bold cyan")
        screen.console.line()
        screen.say(answer(fills, words), "bold")
        screen.title(words("fill.titles.table"))
        screen.table(fill_table(fills, words))
        screen.say(words("fill.counts") if fills.reasons else "", "dim")
        screen.say(seeds(fills, words), "dim")
        for line in assumed(fills, words):
            screen.say(words("bullet", text=line), "dim", hanging=2)
