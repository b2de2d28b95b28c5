"""`headrace replay`: the same jobs under other policies."""

from __future__ import annotations

import json
from pathlib import Path

from headrace.cli.inputs import Asking, Source, console, language
from headrace.cli.progress import shown
from headrace.report.assemble import play
from headrace.report.figures import comparison_dict
from headrace.report.terminal import render_comparison, render_reading
from headrace.report.write import write_text


def run(source: Source, asking: Asking, out: str | None) -> None:
    """Print the comparison of the policies named with each other and with what happened; as JSON to `out`, if given."""
    spoken, request = language(asking.lang), asking.request()
    log = source.read_log()
    fleet, _ = source.read_fleet()
    with shown() as progress:
        played = play(log, fleet, request, progress)
    figures = comparison_dict(played.happened, played.results, played.bounds)
    text = json.dumps(figures, indent=1, ensure_ascii=False, sort_keys=True)
    if out == "-":
        print(text)  # noqa: T201
        return
    if out is not None:
        write_text(Path(out), text + "\n")
    render_comparison(played.happened, played.results, played.bounds, fleet, console(), spoken)
    render_reading(log, console(), spoken)
