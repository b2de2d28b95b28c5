"""`headrace study`: import, explain, replay and report in one go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headrace.cli.inputs import command, console, language, policies, read_fleet_of, read_log
from headrace.cli.progress import shown
from headrace.cli.sample import make
from headrace.report.assemble import Request, assemble
from headrace.report.terminal import render
from headrace.report.write import write_study
from headrace.units import SECOND_MS, UNKNOWN

if TYPE_CHECKING:
    from pathlib import Path

SAMPLE_JOBS = 12_000


def run(
    path: Path | None,
    fleet_path: Path | None,
    out: Path,
    names: list[str] | None,
    walls: list[str] | None,
    shrink: bool,
    format: str | None,
    tz: str | None,
    node_events: Path | None,
    strict: bool,
    assume_checkpoint: float | None,
    seed: int,
    lang: str | None,
) -> None:
    """Study the log at `path`, or the built-in sample; print it and write it to `out`."""
    spoken, chosen = language(lang), policies(names, seed)
    with shown() as progress:
        if path is None:
            log, fleet = make(SAMPLE_JOBS, None, seed, progress)
            fleet_sha256 = ""
        else:
            log = read_log(path, format, tz, node_events, strict)
            fleet, fleet_sha256 = read_fleet_of(fleet_path, path)
        request = Request(
            policies=chosen,
            walls=tuple(walls or ()),
            checkpoint=checkpoint(assume_checkpoint),
            shrink=shrink,
            seed=seed,
            command=command(),
            fleet_sha256=fleet_sha256,
        )
        made = assemble(log, fleet, request, progress)
        written = write_study(made, out, spoken)
    screen = console()
    render(made, screen, spoken)
    for file in written:
        screen.print(f"→ {file}", markup=False, soft_wrap=True)


def checkpoint(seconds: float | None) -> int:
    """Seconds on the command line, in ms; UNKNOWN if not given."""
    return UNKNOWN if seconds is None else round(seconds * SECOND_MS)
