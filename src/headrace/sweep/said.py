"""What is said of a sweep beside its figures: the answer, what to be careful of, and where it came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import headrace
from headrace.report.caveats import unplayed
from headrace.report.names import plain
from headrace.report.provenance import named_input
from headrace.report.quantities import duration
from headrace.sweep.tables import settings
from headrace.units import SECOND_MS

if TYPE_CHECKING:
    from headrace.report.words import Words
    from headrace.sweep.grid import Cell
    from headrace.sweep.sweep import Swept


def answer(swept: Swept, words: Words) -> str:
    """Where the 95th-percentile wait is shortest and where it is longest, of all cells that do not peek."""
    rivals = [cell for cell in swept.cells if cell.key in swept.figures and not cell.policy.oracle]
    if not rivals:
        return words("sweep.no_answer")
    best, worst = (pick(rivals, key=lambda cell: _wait(cell, swept)) for pick in (min, max))
    return words(
        "sweep.answer",
        cells=f"{len(swept.cells):,}",
        best=_time(_wait(best, swept), words),
        best_where=_where(best, words),
        worst=_time(_wait(worst, swept), words),
        worst_where=_where(worst, words),
    )


def _wait(cell: Cell, swept: Swept) -> float:
    return float(swept.figures[cell.key]["p95_wait_s"])


def _time(seconds: float, words: Words) -> str:
    return duration(seconds * SECOND_MS, words)


def _where(cell: Cell, words: Words) -> str:
    return words("sweep.where", policy=cell.policy.name, setting=settings([cell], words)[0][0])


def failures(swept: Swept, words: Words) -> list[str]:
    """A sentence for each cell without figures."""
    failed = ((cell.name, swept.failed[cell.key]) for cell in swept.cells if cell.key in swept.failed)
    return [words("sweep.failed", cell=plain(name), why=plain(why)) for name, why in failed]


def caveats(swept: Swept, words: Words) -> list[str]:
    """Rows and jobs that are in no figure, what is assumed, and the reader's own notes."""
    about = swept.fleets[0].about
    lines = [words("sweep.assumed")]
    if any(fleet.fleet.synthetic for fleet in swept.fleets):
        lines.insert(0, words("synthetic"))
    if about.rejects:
        lines.append(words("rejects.some", count=f"{about.rejects:,}", jobs=f"{about.jobs:,}"))
    for fleet in swept.fleets:
        lines += unplayed(fleet.about.unplayed, words)
    return list(dict.fromkeys([*lines, *(plain(note) for fleet in swept.fleets for note in fleet.about.notes)]))


def provenance(swept: Swept, command: str, words: Words) -> list[tuple[str, str]]:
    """(what, which): version, inputs with their checksums, and the command."""
    log = swept.fleets[0].about
    return [
        (words("provenance.version"), f"headrace {headrace.__version__}"),
        (words("sweep.file"), named_input(swept.sheet.path.name, swept.sheet.sha256, words)),
        (words("provenance.log"), named_input(log.source, log.sha256, words)),
        *((words("provenance.fleet"), named_input(fleet.name, fleet.sha256, words)) for fleet in swept.fleets),
        (words("provenance.command"), plain(command)),
    ]
