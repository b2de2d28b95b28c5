"""`headrace explain`: the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headrace.cli.inputs import console, language, policies, read_fleet_of, read_log
from headrace.cli.progress import shown
from headrace.history.asked import outages
from headrace.report.assemble import Request, happening, play
from headrace.report.terminal import render_ledger

if TYPE_CHECKING:
    from pathlib import Path


def run(
    path: Path,
    fleet_path: Path | None,
    policy: str,
    format: str | None,
    tz: str | None,
    node_events: Path | None,
    strict: bool,
    seed: int,
    lang: str | None,
) -> None:
    """Print the ledger of the log at `path`: as it happened, or of one policy where the log has no start times."""
    spoken, chosen = language(lang), policies([policy], seed)
    log = read_log(path, format, tz, node_events, strict)
    fleet, _ = read_fleet_of(fleet_path, path)
    with shown() as progress:
        if log.has_starts:
            result = happening(log, fleet, outages(log, fleet)[0], progress)
        else:
            result = play(log, fleet, Request(policies=chosen), progress).results[0]
    render_ledger(result, fleet, console(), spoken)
