"""What a calibration found, on the terminal: constants of a chip, corrections of a fleet, and what was left out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from headrace.report.names import plain
from headrace.report.screen import Screen
from headrace.report.tables.table import Column, Row, Table
from headrace.report.words import Words, languages, load

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from rich.console import Console

    from headrace.estimate.calibration import Row as Constants
    from headrace.estimate.probed import Fitted, Peak, Refused

OF_PEAKS: Final = ("family", "precision", "probes", "rate", "stream", "least")
OF_CONSTANTS: Final = ("compute_share", "stream_share", "launch", "error")
OF_CORRECTIONS: Final = ("stack", "chip", "precision", "jobs", "tpot", "ttft", "error")
NAMES: Final = 2
"""Columns on the left that hold names and no numbers."""


@dataclass(frozen=True)
class Reading:
    """A device that was measured; `chip` is the catalogue's name of it, or empty, and then nothing was fitted."""

    device: str
    software: str
    chip: str
    peaks: tuple[Peak, ...]
    fitted: tuple[Fitted, ...]
    refused: tuple[Refused, ...]


@dataclass(frozen=True)
class History:
    """A fleet's log: its jobs, rows not understood, jobs that were used, corrections, and jobs left out by reason."""

    source: str
    jobs: int
    rejects: int
    used: int
    corrections: tuple[Constants, ...]
    refused: Mapping[str, int]


def render_reading(reading: Reading, written: Path | None, console: Console, lang: str) -> None:
    """Print what was measured and what it was fitted to, once for each language that `lang` asks for."""
    for words in map(load, languages(lang)):
        screen, timed = Screen(console), sum(peak.n for peak in reading.peaks)
        counts = {"timed": timed, "refused": len(reading.refused)}
        names = {"device": plain(reading.device), "software": plain(reading.software)}
        screen.say(words("calibrate.measured", **names, **counts), "bold cyan")
        screen.console.line()
        screen.table(_measured(reading, words))
        _refused(reading, screen, words)
        screen.console.line()
        screen.say(words("calibrate.shares", chip=reading.chip) if reading.chip else words("calibrate.processor"))
        _written(written, screen, words)


def render_history(history: History, written: Path | None, console: Console, lang: str) -> None:
    """Print the corrections, and why jobs could not be used, once for each language that `lang` asks for."""
    for words in map(load, languages(lang)):
        screen = Screen(console)
        screen.say(
            words("calibrate.history", source=plain(history.source), used=history.used, jobs=history.jobs), "bold cyan"
        )
        if history.corrections:
            screen.console.line()
            screen.table(_corrected(history, words))
            screen.console.line()
            screen.say(words("calibrate.factors"))
        for reason, count in sorted(history.refused.items(), key=lambda pair: -pair[1]):
            screen.say(words("calibrate.unused", count=count, why=words(f"calibrate.unasked.{reason}")), hanging=2)
        if history.rejects:
            screen.say(words("calibrate.unused", count=history.rejects, why=words("calibrate.rejects")), hanging=2)
        _written(written, screen, words)


def render_refit(where: Path, console: Console, lang: str) -> None:
    """Print where a calibration was written."""
    for words in map(load, languages(lang)):
        _written(where, Screen(console), words)


def _measured(reading: Reading, words: Words) -> Table:
    names = (*OF_PEAKS, *(OF_CONSTANTS if reading.chip else ()))
    columns = (Column(words(f"calibrate.column.{name}"), numeric=i >= NAMES) for i, name in enumerate(names))
    fitted = {(one.family, one.precision): one for one in reading.fitted}
    rows = (
        Row((*_peak(one, words), *(_constants(fitted.get((one.family, one.precision)), words) if reading.chip else ())))
        for one in reading.peaks
    )
    return Table(tuple(columns), tuple(rows))


def _peak(one: Peak, words: Words) -> tuple[str, ...]:
    rate = f"{one.rate / 1e12:.3g}" if one.rate else words("none")
    family = words(f"calibrate.family.{one.family}")
    return family, one.precision, str(one.n), rate, f"{one.stream / 1e9:.3g}", f"{one.least * 1e6:.1f}"


def _constants(one: Fitted | None, words: Words) -> tuple[str, ...]:
    if one is None:
        return (words("none"),) * len(OF_CONSTANTS)
    compute = f"{one.constants['compute']:.0%}" if "compute" in one.constants else words("none")
    return compute, f"{one.reached.stream:.0%}", f"{one.reached.launch * 1e6:.1f}", f"{one.error:.1%}"


def _refused(reading: Reading, screen: Screen, words: Words) -> None:
    """A line for each family and reason, with what the device said first."""
    kinds = Counter((one.probe.family, one.probe.precision, one.reason) for one in reading.refused)
    for (family, precision, reason), count in kinds.items():
        said = next(one.said for one in reading.refused if (one.probe.family, one.reason) == (family, reason))
        what = {"family": words(f"calibrate.family.{family}"), "precision": precision, "count": count}
        why = words(f"calibrate.refused.{reason}", said=plain(said))
        screen.say(words("calibrate.left_out", **what, why=why), hanging=2)


def _corrected(history: History, words: Words) -> Table:
    columns = (Column(words(f"calibrate.column.{name}"), numeric=i > NAMES) for i, name in enumerate(OF_CORRECTIONS))
    return Table(tuple(columns), tuple(Row(_correction(row, words)) for row in history.corrections))


def _correction(row: Constants, words: Words) -> tuple[str, ...]:
    factors = (_factor(row, what, words) for what in ("tpot", "ttft"))
    return plain(row.generation), row.chip, row.precision, str(row.n), *factors, f"{row.error:.1%}"


def _factor(row: Constants, what: str, words: Words) -> str:
    if what not in row.constants:
        return words("none")
    factor = f"× {row.constants[what]:.2f}"
    low, high = (row.constants.get(f"{what}_{end}") for end in ("low", "high"))
    return factor if low is None or high is None else f"{factor} ({low - 1:+.0%}, {high - 1:+.0%})"


def _written(where: Path | None, screen: Screen, words: Words) -> None:
    if where is not None:
        screen.say(words("calibrate.written", path=plain(str(where))))
