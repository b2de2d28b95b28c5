"""`headrace calibrate --measure`: what this machine's chip reaches, found in minutes and kept as constants."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations
from typing import TYPE_CHECKING

from headrace.catalog.load import chips as catalogue
from headrace.cli.calibrations import keep, rows_in
from headrace.cli.inputs import console, language
from headrace.cli.measure.timing import Subject, time_all
from headrace.cli.measure.torch_device import opened
from headrace.cli.progress import shown
from headrace.errors import CallError, CheckFailedError
from headrace.estimate.known import chip as known_chip
from headrace.estimate.probe_plan import plan
from headrace.estimate.probed import fitted, peaks, rows
from headrace.report.calibrated import Reading, render_reading

if TYPE_CHECKING:
    from pathlib import Path

    from headrace.estimate.chip import Chip
    from headrace.estimate.probe_plan import Probe

PARTS = re.compile(r"[\s_\-]+")


@dataclass(frozen=True)
class Measure:
    """What is asked for: a kind of device, a chip's name or none, seconds, small shapes, and where rows are written."""

    device: str
    chip: str | None
    seconds: float
    small: bool
    out: Path | None


def run(call: Measure, lang: str | None) -> None:
    """Measure, print, and write the rows; on a processor, which is no chip of the catalogue, nothing is written.

    A table that could not take the rows is told of before the minutes are spent.
    """
    spoken = language(lang)
    with opened(call.device) as subject:
        chip = chip_of(subject, call)
        rows_in(call.out)
        reading = read(subject, chip, call)
    written = _written(reading, chip, subject, call) if chip else None
    render_reading(reading, written, console(), spoken)
    if chip and not reading.fitted:
        raise CheckFailedError(f"{subject.name}: too few probes could be timed for any constant; nothing was written")


def read(subject: Subject, chip: Chip | None, call: Measure) -> Reading:
    """Time every probe, and fit what can be."""
    small = call.small or subject.kind == "cpu"
    probes = plan(subject.precisions, subject.count, small)
    with shown() as draw:

        def report(probe: Probe, done: int) -> None:
            draw("probes", done, len(probes))

        timed, refused = time_all(subject.device, probes, call.seconds, time.monotonic, report)
    found = tuple(fitted(timed, chip)) if chip else ()
    return Reading(
        subject.name, subject.software, chip.name if chip else "", tuple(peaks(timed)), found, tuple(refused)
    )


def _written(reading: Reading, chip: Chip, subject: Subject, call: Measure) -> Path | None:
    if not reading.fitted:
        return None
    said = f"measured on {subject.name}, {subject.software}, {datetime.now(UTC):%Y-%m-%d}"
    return keep(rows(reading.fitted, chip, said), call.out)


def chip_of(subject: Subject, call: Measure) -> Chip | None:
    """The catalogue's chip that the device is; None for a processor. CallError where that cannot be told."""
    if subject.kind == "cpu":
        asked = next((name for name, value in (("--chip", call.chip), ("--out", call.out)) if value), None)
        if asked is not None:
            raise CallError(
                f"{asked}: this is a processor ({subject.name}); no calibration is written of a chip not here"
            )
        return None
    name = call.chip or recognised(subject.name)
    if name is None:
        raise CallError(f"the catalogue has no chip called {subject.name!r}; say which one it is with --chip")
    return known_chip(name)


def recognised(device: str) -> str | None:
    """The catalogue's chip that a device's name, such as `NVIDIA A100-SXM4-40GB`, names.

    Of the chips that are called by some of its words, in order, the one called by most, and by the last of these.
    """
    words = [word for word in PARTS.split(device) if word.casefold() not in ("", "nvidia", "tesla")]
    places = (
        some for size in range(len(words), 0, -1) for some in reversed(list(combinations(range(len(words)), size)))
    )
    spelled = (catalogue().own(" ".join(words[place] for place in some)) for some in places)
    return next((name for name in spelled if name is not None), None)
