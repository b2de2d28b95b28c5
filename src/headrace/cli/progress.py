"""Progress of long work, on stderr, so that what is piped stays clean; and where Ctrl-C is heard, if not before."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from headrace.cli.interrupt import check

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

COMPILING = "Compiling the scheduling loops; once for each version, about a minute."


COLUMNS = TextColumn("{task.description:<36}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
STEADY = 10.0
"""Seconds between two lines of an estimate where there is no terminal."""


@contextmanager
def shown() -> Iterator[Callable[[str, int, int], None]]:
    """A function (what, done, of how many) that draws a bar for each thing; plain lines where there is no terminal."""
    console = _console()
    if not console.is_terminal:
        yield _lines(console)
        return
    with Progress(*COLUMNS, console=console, transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def report(what: str, done: int, total: int) -> None:
            check()
            if what not in tasks:
                tasks[what] = bars.add_task(what.replace("[", r"\["), total=total)
            bars.update(tasks[what], completed=done, total=total)

        yield report


def _lines(console: Console) -> Callable[[str, int, int], None]:
    """A line at the start of each thing, and one at each quarter of it."""
    quarters: dict[str, int] = {}

    def report(what: str, done: int, total: int) -> None:
        check()
        quarter = 4 * done // max(1, total)
        if quarters.get(what) != quarter:
            quarters[what] = quarter
            console.print(f"{what}: {done:,} of {total:,}", markup=False, soft_wrap=True)

    return report


@contextmanager
def estimated() -> Iterator[Callable[[str, int, int], None]]:
    """As `shown`, for things of many alike parts: with an estimate of the time left."""
    console = _console()
    if not console.is_terminal:
        yield _estimates(console)
        return
    with Progress(*COLUMNS, TextColumn("{task.fields[left]}"), console=console, transient=True) as bars:
        tasks: dict[str, tuple[TaskID, Pace]] = {}

        def report(what: str, done: int, total: int) -> None:
            check()
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total, left=""), Pace(done)
            task, pace = tasks[what]
            bars.update(task, completed=done, total=total, left=pace.left(done, total))

        yield report


class Pace:
    """How fast something gets on, from the parts done since it was first heard of; those done before took no time."""

    def __init__(self, done: int) -> None:
        self.done, self.begun = done, time.monotonic()

    def left(self, done: int, total: int) -> str:
        """About how long the rest will take, in words; nothing before one part is done, and at the end."""
        if done == self.done or done == total:
            return ""
        seconds = (time.monotonic() - self.begun) / (done - self.done) * (total - done)
        large, small = divmod(round(seconds), 60) if seconds < 3600 else divmod(round(seconds / 60), 60)
        units = ("min", "s") if seconds < 3600 else ("h", "min")
        return "about " + (f"{large} {units[0]} " if large else "") + f"{small} {units[1]} left"


def _estimates(console: Console) -> Callable[[str, int, int], None]:
    """A line at the start and the end of each thing, and one in ten seconds between."""
    said: dict[str, tuple[float, Pace]] = {}

    def report(what: str, done: int, total: int) -> None:
        check()
        last, pace = said.get(what, (0.0, Pace(done)))
        if what in said and done < total and time.monotonic() - last < STEADY:
            return
        said[what] = time.monotonic(), pace
        left = pace.left(done, total)
        console.print(f"{what}: {done:,} of {total:,}" + (f", {left}" if left else ""), markup=False, soft_wrap=True)

    return report


def _console() -> Console:
    """Where progress goes; says so first if the loops must be compiled."""
    console = Console(stderr=True, highlight=False)
    if not Path(os.environ["NUMBA_CACHE_DIR"]).exists():
        console.print(COMPILING)
    return console
