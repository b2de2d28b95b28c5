"""`jobs`: a row a job."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from headrace.report.instants import clock
from headrace.report.live.size import demand, places
from headrace.report.live.why import outcome, when
from headrace.report.names import plain, short
from headrace.report.quantities import duration
from headrace.report.screen import Screen
from headrace.report.tables.table import Column, Row, Table
from headrace.report.words import languages, load

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from headrace.report.live.told import Job
    from headrace.report.words import Words

NAME: Final = 28
COLUMNS: Final = ("job", "name", "tenant", "status", "demand", "submitted", "waited", "ran", "on")
NUMERIC: Final = ("waited", "ran")
WIDE: Final = ("submitted", "on")


def render(jobs: Sequence[Job], more: bool, now: int, console: Console, lang: str) -> None:
    """Print the jobs; `more`: there are others, which were not asked for. `now` in ms."""
    for words in map(load, languages(lang)):
        screen = Screen(console)
        if not jobs:
            screen.say(words("live.jobs.none"))
            continue
        screen.table(table(jobs, now, words))
        screen.say(words("live.jobs.more", count=len(jobs)) if more else "")


def render_age(at: int, trouble: str, console: Console, lang: str) -> None:
    """Print when it was so (ms), and why nothing newer can be had, where that is so."""
    for words in map(load, languages(lang)):
        Screen(console).say(words("live.jobs.as_of", time=clock(at)), "dim")
        Screen(console).say(words("live.jobs.away", said=plain(trouble)) if trouble else "", "yellow")


def table(jobs: Sequence[Job], now: int, words: Words) -> Table:
    """A row a job, in the order given."""
    columns = (Column(words(f"live.column.{key}"), key in NUMERIC, wide=key in WIDE) for key in COLUMNS)
    return Table(tuple(columns), tuple(Row(_cells(job, now, words)) for job in jobs))


def _cells(job: Job, now: int, words: Words) -> tuple[str, ...]:
    return (
        plain(job.job),
        short(job.name, NAME),
        short(job.tenant, NAME),
        state(job, words),
        demand(job, words),
        when(job.submit_ms, words),
        duration(max(waited(job, now), 0), words),
        words("none") if job.start_ms is None else duration(max(_until(job.end_ms, now) - job.start_ms, 0), words),
        places(job.on, words),
    )


def state(job: Job, words: Words) -> str:
    """Its status; of one that ended, how."""
    return outcome(job, words) if job.status == "ended" else words(f"live.status.{job.status}")


def waited(job: Job, now: int) -> int:
    """Ms from its submission to its start, or to its end or `now` where it has not started."""
    return (_until(job.end_ms, now) if job.start_ms is None else job.start_ms) - job.submit_ms


def _until(end: int | None, now: int) -> int:
    return now if end is None else end
