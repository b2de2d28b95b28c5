"""The last rounds: when, how long, and what they did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headrace.report.instants import clock, exact, minute
from headrace.report.live import hold
from headrace.serve.page.view import ROUNDS

if TYPE_CHECKING:
    from headrace.report.words import Words
    from headrace.serve.shapes import Round, Rounds


@dataclass(frozen=True)
class Line:
    """A round; `iso` is `time` for programs, `rejected` what was refused and why, empty where nothing was."""

    iso: str
    day: str
    time: str
    took: str
    waiting: str
    started: str
    stopped: str
    rejected: str


def part(rounds: Rounds, words: Words) -> tuple[Line, ...]:
    """The last rounds, newest first."""
    return tuple(_line(each, words) for each in rounds.items[:ROUNDS])


def _line(each: Round, words: Words) -> Line:
    refused = (f"{count:,} × {hold.label(name, words)}" for name, count in each.rejected.items())
    return Line(
        exact(each.at_ms),
        minute(each.at_ms),
        clock(each.at_ms),
        words("page_live.took", ms=f"{each.took_ms:,}"),
        f"{each.waiting:,}",
        f"{each.started:,}",
        f"{each.stopped:,}",
        words("list.comma").join(refused),
    )
