"""`headrace sweep`: many replays of one log, on every core of this machine or on a Ray cluster."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from headrace.cli.inputs import command, console, language
from headrace.cli.progress import estimated
from headrace.errors import CheckFailedError, StoppedError
from headrace.report.write import make_folder, write_text
from headrace.sweep.sweep import COLUMNS, sweep
from headrace.sweep.sweep_file import read_sweep
from headrace.sweep.terminal import render
from headrace.sweep.workers import cores, on_this_machine

if TYPE_CHECKING:
    from pathlib import Path

    from headrace.sweep.outcome import Hands
    from headrace.sweep.sweep import Swept


def run(file: Path, out: Path, workers: int | None, ray: str | None, lang: str | None) -> None:
    """Replay every cell that `out` does not keep yet; write the table and the page there, and print the table."""
    spoken, sheet = language(lang), read_sweep(file)
    make_folder(out)
    try:
        with estimated() as progress:
            swept = sweep(sheet, out, _hands(out, workers, ray), progress)
    except KeyboardInterrupt:
        what = f"interrupted; what is finished is kept in {out}, and the same command goes on from there"
        raise StoppedError(what) from None
    written = _write(swept, out, spoken)
    screen = console()
    render(swept, screen, spoken)
    for path in written:
        screen.print(f"→ {path}", markup=False, soft_wrap=True)
    if swept.failed:
        some = f"{len(swept.failed)} of {len(swept.cells)} cells failed"
        raise CheckFailedError(f"{some}, and are named above; the same command tries them again")


def _hands(out: Path, workers: int | None, ray: str | None) -> Hands:
    if ray is None:
        return partial(on_this_machine, columns=out / COLUMNS, most=workers or cores())
    from headrace.sweep.cluster import on_a_cluster

    return partial(on_a_cluster, columns=out / COLUMNS, address=ray)


def _write(swept: Swept, out: Path, lang: str) -> tuple[Path, ...]:
    from headrace.sweep.page import render as page  # heavy, like the next
    from headrace.sweep.results import write_table

    table, html = out / "sweep.parquet", out / "sweep.html"
    write_table(swept, table)
    write_text(html, page(swept, lang, command()))
    return table, html
