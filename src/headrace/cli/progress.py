"""Progress of long work, on stderr, so that what is piped stays clean."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

COMPILING = "Compiling the scheduling loops; once for each version, about a minute."


@contextmanager
def shown() -> Iterator[Callable[[str, int, int], None]]:
    """A function (what, done, of how many) that draws a bar for each thing; plain lines where there is no terminal."""
    console = Console(stderr=True, highlight=False)
    if not Path(os.environ["NUMBA_CACHE_DIR"]).exists():
        console.print(COMPILING)
    if not console.is_terminal:
        yield _lines(console)
        return
    columns = TextColumn("{task.description:<36}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def report(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what.replace("[", r"\["), total=total)
            bars.update(tasks[what], completed=done, total=total)

        yield report


def _lines(console: Console) -> Callable[[str, int, int], None]:
    """A line at the start of each thing, and one at each quarter of it."""
    quarters: dict[str, int] = {}

    def report(what: str, done: int, total: int) -> None:
        quarter = 4 * done // max(1, total)
        if quarters.get(what) != quarter:
            quarters[what] = quarter
            console.print(f"{what}: {done:,} of {total:,}", markup=False, soft_wrap=True)

    return report
