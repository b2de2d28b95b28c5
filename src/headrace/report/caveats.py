"""What a reader must know before believing a figure: a made-up log, unread rows, missing chips, assumptions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from headrace.report.instants import minute
from headrace.report.names import plain
from headrace.report.quantities import hours
from headrace.report.tables.rejects import by_reason
from headrace.units import MILLI

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headrace.explain.ledger import Ledger
    from headrace.history.log import Reject
    from headrace.report.study import Study
    from headrace.report.words import Words
    from headrace.world.fleet import Fleet


SLIGHT: Final = 1000
"""A part of what was paid, one in so many: less is what a scheduler's whole seconds make of runs that meet."""


def synthetic(fleet: Fleet, words: Words) -> str:
    """That the fleet and its jobs are made up; empty where they are not."""
    return words("synthetic") if fleet.synthetic else ""


def serious(ledger: Ledger) -> bool:
    """Are more chips busy than exist for so long (a thousandth of what was paid) that other figures are in doubt."""
    over = ledger.overcommit
    return over is not None and over.excess * SLIGHT >= ledger.paid


def overcommitted(ledger: Ledger, words: Words) -> str:
    """Where and when the log first has more chips busy than exist, and how much; empty where it never does."""
    over = ledger.overcommit
    if over is None:
        return ""
    return words(
        "overcommit.line" if serious(ledger) else "overcommit.slight",
        first=minute(over.first),
        where=words("overcommit.node", node=plain(over.where)) if over.where else words("overcommit.fleet"),
        busy=_chips(over.busy),
        capacity=_chips(over.capacity),
        hours=hours(over.excess),
        runs=f"{over.runs:,}",
    )


def rejected(rejects: tuple[Reject, ...], jobs: int, words: Words) -> list[str]:
    """How many rows were not understood, and for what reasons; one line where all were."""
    if not rejects:
        return [words("rejects.none")]
    reasons = (words("rejects.reason", count=f"{n:,}", reason=reason) for reason, n in by_reason(rejects).items())
    return [words("rejects.some", count=f"{len(rejects):,}", jobs=f"{jobs:,}"), *reasons]


def unplayed(left_out: Mapping[str, int], words: Words) -> list[str]:
    """The jobs that a replay leaves out, by reason: in words where the reason is one of Headrace's, else as given."""
    lines = []
    for reason, count in left_out.items():
        key = f"unplayed.{reason}"
        said = words(key) if key in words.messages else plain(reason)
        lines.append(words("left_out.line", count=f"{count:,}", reason=said))
    return lines


def assumed(study: Study, words: Words) -> list[str]:
    """How the log was read: assumptions in words, then the reader's own notes as they stand."""
    lines = [words(f"assumed.{key}", value=plain(value)) for key, value in study.assumptions]
    return lines + [plain(note) for note in study.notes]


def _chips(milli: int) -> str:
    return f"{milli / MILLI:,.3f}".rstrip("0").rstrip(".")
