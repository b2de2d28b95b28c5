"""`headrace study`: import, explain, replay and report in one go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headrace.cli.inputs import Asking, Source, console, language
from headrace.cli.progress import shown
from headrace.cli.sample import make
from headrace.report.assemble import assemble
from headrace.report.terminal import render
from headrace.report.write import make_folder, write_study

if TYPE_CHECKING:
    from pathlib import Path

SAMPLE_JOBS = 12_000


def run(source: Source | None, out: Path, asking: Asking, shrink: bool) -> None:
    """Study a log, or the built-in sample; print it and write it to `out`."""
    spoken = language(asking.lang)
    request = asking.request(shrink=shrink)
    make_folder(out)
    with shown() as progress:
        if source is None:
            log, fleet = make(SAMPLE_JOBS, None, asking.seed, progress)
        else:
            log = source.read_log()
            fleet, checksum = source.read_fleet()
            request = asking.request(checksum, shrink)
        made = assemble(log, fleet, request, progress)
        written = write_study(made, out, spoken)
    screen = console()
    render(made, screen, spoken)
    for file in written:
        screen.print(f"→ {file}", markup=False, soft_wrap=True)
