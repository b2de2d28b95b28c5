"""The terminal's form of a sweep: the answer, a table for each setting, what to be careful of, and what failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from headrace.report.screen import Screen
from headrace.report.words import languages, load
from headrace.sweep.said import answer, caveats, failures
from headrace.sweep.tables import setting_table, settings

if TYPE_CHECKING:
    from rich.console import Console

    from headrace.sweep.sweep import Swept

MOST_ROWS: Final = 60


def render(swept: Swept, console: Console, lang: str) -> None:
    """Print the first cells side by side, once for each language that `lang` (en, zh, both) asks for."""
    screen = Screen(console)
    for words in map(load, languages(lang)):
        screen.say(words("sweep.title"), "bold cyan")
        screen.console.line()
        screen.say(answer(swept, words), "bold")
        for title, cells in settings(swept.cells[:MOST_ROWS], words):
            screen.title(title)
            screen.table(setting_table(cells, swept, words))
        if len(swept.cells) > MOST_ROWS:
            screen.say(words("sweep.more", count=f"{len(swept.cells) - MOST_ROWS:,}"), "dim")
        if any(cell.policy.oracle for cell in swept.cells):
            screen.say(words("oracle_note"), "dim")
        for line in caveats(swept, words):
            screen.say(words("bullet", text=line), "dim", hanging=2)
        for line in failures(swept, words):
            screen.say(line, "bold red")
