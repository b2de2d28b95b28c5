"""`headrace jobs --watch`: the jobs anew as they change, until Ctrl-C; a server that is away for a while is waited for.

On a terminal the table stays in its place; elsewhere it is printed each time that it is another.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, replace
from io import StringIO
from typing import TYPE_CHECKING, Final

from headrace.cli.client import AbsentError, wall_ms
from headrace.report.live.jobs import render, render_age

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console

    from headrace.serve.shapes import Job

PAUSE_S: Final = 2.0
"""Between two looks."""
BESIDE: Final = 8
"""Lines of a terminal that are not jobs: headings, what is said below, the cursor."""


@dataclass(frozen=True)
class Look:
    """The jobs as they were at `at` (ms), and whether there are more; `trouble` is why they could not be had since."""

    jobs: list[Job]
    more: bool
    at: int
    trouble: str = ""

    @property
    def key(self) -> object:
        """What makes another look of it; that time passes does not."""
        return self.trouble, self.more, [(job.job, job.status, job.run, job.outcome, job.on) for job in self.jobs]


def watch(ask: Callable[[], tuple[list[Job], bool]], console: Console, lang: str) -> None:
    """Show what `ask` gives until Ctrl-C. The first time that it cannot be had is an error as ever; later ones pass."""
    with suppress(KeyboardInterrupt):
        if console.is_terminal:
            _in_place(looks(ask), console, lang)
        else:
            _in_turn(looks(ask), console, lang)


def looks(ask: Callable[[], tuple[list[Job], bool]]) -> Iterator[Look]:
    """One look after another. Raises ServerError where the first fails, or a later one is refused."""
    look = Look(*ask(), wall_ms())
    while True:
        yield look
        time.sleep(PAUSE_S)
        try:
            look = Look(*ask(), wall_ms())
        except AbsentError as error:
            look = replace(look, trouble=str(error))


def _in_place(looks: Iterator[Look], console: Console, lang: str) -> None:
    from rich.live import Live
    from rich.text import Text

    with Live(console=console, auto_refresh=False) as live:
        for look in looks:
            live.update(Text.from_ansi(_printed(look, console, lang)), refresh=True)


def _printed(look: Look, console: Console, lang: str) -> str:
    """As the terminal would show it: as many jobs as it has lines for."""
    from rich.console import Console

    room = max(1, console.height - BESIDE)
    page = Console(file=StringIO(), width=console.width, force_terminal=True, color_system="standard", highlight=False)
    with page.capture() as text:
        _show(replace(look, jobs=look.jobs[:room], more=look.more or len(look.jobs) > room), page, lang)
    return text.get().rstrip("\n")


def _in_turn(looks: Iterator[Look], console: Console, lang: str) -> None:
    before: object = None
    for look in looks:
        if look.key != before:
            before = look.key
            _show(look, console, lang)
            console.line()
            console.file.flush()


def _show(look: Look, console: Console, lang: str) -> None:
    render(look.jobs, look.more, look.at, console, lang)
    render_age(look.at, look.trouble, console, lang)
