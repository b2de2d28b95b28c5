"""`headrace explain`: the ledger."""

from __future__ import annotations

from headrace.cli.inputs import Asking, Source, console, language
from headrace.cli.progress import shown
from headrace.history.asked import outages
from headrace.report.assemble import happening, play
from headrace.report.terminal import render_ledger, render_reading


def run(source: Source, asking: Asking) -> None:
    """Print the ledger of a log: as it happened, or of one policy where the log has no start times."""
    spoken, request = language(asking.lang), asking.request()
    log = source.read_log()
    fleet, _ = source.read_fleet()
    with shown() as progress:
        if log.has_starts:
            result = happening(log, fleet, outages(log, fleet)[0], request, progress)
        else:
            result = play(log, fleet, request, progress).results[0]
    render_ledger(result, fleet, console(), spoken)
    render_reading(log, console(), spoken)
