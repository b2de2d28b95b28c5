"""`headrace import`: a history in somebody's form, to a log in ours."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from headrace.cli.inputs import Source, console, language
from headrace.errors import CallError
from headrace.history import READERS, write
from headrace.history.slurm import read_slurm
from headrace.history.slurm_nodes import draft_fleet, read_nodes
from headrace.report.terminal import render_import

if TYPE_CHECKING:
    from pathlib import Path


def run(source: Source, out: Path, nodes: Path | None, fleet_out: Path | None, lang: str | None) -> None:
    """Write the log of a history to `out`, its node events and rejects beside it, and say what was read."""
    if source.format not in READERS:
        raise CallError(f"there is no reader for {source.format!r}: there are {', '.join(READERS)}")
    if nodes is not None and source.format != "slurm":
        raise CallError("--nodes is the text of Slurm's own commands: it goes with `headrace import slurm`")
    if fleet_out is not None and nodes is None:
        raise CallError("--fleet-out drafts a fleet from --nodes: the text of `scontrol show node` or `sinfo -N`")
    spoken = language(lang)
    log = source.read_log(partial(read_slurm, nodes=nodes) if source.format == "slurm" else None)
    if fleet_out is not None and nodes is not None:
        _draft(nodes, fleet_out)
    write(log, out)
    render_import(log, console(), spoken)
    for path in (out, *([fleet_out] if fleet_out else [])):
        console().print(f"→ {path}", markup=False, soft_wrap=True)


def _draft(nodes: Path, fleet_out: Path) -> None:
    from headrace.history.fleet_file import write_fleet

    fleet, notes = draft_fleet(read_nodes(nodes))
    write_fleet(fleet, fleet_out)
    for note in notes:
        console().print(note, markup=False, soft_wrap=True)
