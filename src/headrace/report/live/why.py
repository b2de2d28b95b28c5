"""`why`: what keeps a job from running, or that nothing does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headrace.report.instants import minute
from headrace.report.live import hold
from headrace.report.live.size import demand, places
from headrace.report.names import plain
from headrace.report.screen import Screen
from headrace.report.words import languages, load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from headrace.report.live.told import Job, Why
    from headrace.report.words import Words


def render(job: Job, why: Why, now: int, console: Console, lang: str) -> None:
    """Print where the job is in its life, and why it waits if it does; `now` in ms."""
    for words in map(load, languages(lang)):
        first, *others = lines(job, why, now, words)
        screen = Screen(console)
        screen.say(first, "bold")
        for line in others:
            screen.say(line, indent=2)


def lines(job: Job, why: Why, now: int, words: Words) -> Iterator[str]:
    """What is said, a line at a time."""
    yield words(f"live.why.{job.status}", job=called(job), tenant=plain(job.tenant) or words("nobody"))
    if job.status == "waiting":
        yield words("live.why.asks", demand=demand(job, words), time=minute(job.submit_ms))
        yield from filter(None, (hold.reason(why, words), hold.ahead(why, words)))
        yield hold.expected(why, now, words)
    elif job.status == "ended":
        yield words("live.why.ended_how", outcome=outcome(job, words), time=when(job.end_ms, words))
    else:
        yield words("live.why.where", places=places(job.on, words) or words("none"), time=when(job.start_ms, words))


def called(job: Job) -> str:
    """The job's id, with its name where it has one: `17 (train)`."""
    name = plain(job.name).strip()
    return f"{plain(job.job)} ({name})" if name else plain(job.job)


def outcome(job: Job, words: Words) -> str:
    """How it ended; that nobody knows, where nobody does."""
    return words(f"live.outcome.{job.outcome or 'unknown'}")


def when(at: int | None, words: Words) -> str:
    """An instant to the minute; a dash where there is none."""
    return words("none") if at is None else minute(at)
