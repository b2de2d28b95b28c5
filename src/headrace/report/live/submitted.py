"""`submit` and `cancel`: what was done, in a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headrace.report.names import plain
from headrace.report.screen import Screen
from headrace.report.words import languages, load

if TYPE_CHECKING:
    from rich.console import Console

    from headrace.report.live.told import Job


def render(job: Job, console: Console, lang: str) -> None:
    """Print the number of a job that was submitted."""
    _say("live.submitted.line", job, console, lang)


def render_cancelled(job: Job, console: Console, lang: str) -> None:
    """Print that a job was cancelled."""
    _say("live.cancelled.line", job, console, lang)


def _say(key: str, job: Job, console: Console, lang: str) -> None:
    for words in map(load, languages(lang)):
        Screen(console).say(words(key, job=plain(job.job)))
