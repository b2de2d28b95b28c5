"""`headrace replay`: the same jobs under other policies."""

from __future__ import annotations

import json
from pathlib import Path

from headrace.cli.inputs import console, language, policies, read_fleet_of, read_log
from headrace.cli.progress import shown
from headrace.cli.study import checkpoint
from headrace.report.assemble import Request, play
from headrace.report.figures import comparison_dict
from headrace.report.terminal import render_comparison
from headrace.report.write import write_text


def run(
    path: Path,
    fleet_path: Path | None,
    names: list[str] | None,
    walls: list[str] | None,
    format: str | None,
    tz: str | None,
    node_events: Path | None,
    strict: bool,
    assume_checkpoint: float | None,
    seed: int,
    out: str | None,
    lang: str | None,
) -> None:
    """Print the comparison of the policies named with each other and with what happened."""
    spoken, chosen = language(lang), policies(names, seed)
    log = read_log(path, format, tz, node_events, strict)
    fleet, _ = read_fleet_of(fleet_path, path)
    request = Request(chosen, tuple(walls or ()), checkpoint(assume_checkpoint), seed=seed)
    with shown() as progress:
        played = play(log, fleet, request, progress)
    text = json.dumps(comparison_dict(played.happened, played.results, played.bounds), indent=2, ensure_ascii=False)
    if out == "-":
        print(text)  # noqa: T201
        return
    if out is not None:
        write_text(Path(out), text + "\n")
    render_comparison(played.happened, played.results, played.bounds, fleet, console(), spoken)
