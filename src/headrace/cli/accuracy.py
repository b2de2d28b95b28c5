"""`headrace accuracy FILE`: how good estimates are on measured points, with the shipped calibration and no refit."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from rich.table import Table

from headrace.cli.calibrate import measured_rows, points
from headrace.cli.inputs import console
from headrace.estimate.accuracy import accuracy
from headrace.estimate.evaluate import evaluate
from headrace.estimate.promised import promised

if TYPE_CHECKING:
    from pathlib import Path

    from headrace.estimate.accuracy import Accuracy


def run_held_out(path: Path) -> None:
    """Print how good fits without a configuration, model, chip or source are on its rows. Takes minutes."""
    table = Table("held out", "set", "rows", "mean error", "median error", "in the 90 % interval")
    for one in evaluate(*points(measured_rows(path))):
        shares = (f"{share:.1%}" for share in (one.mean, one.median, one.coverage))
        table.add_row(one.way, one.name, str(one.n), *shares)
    console().print(table)


def run(path: Path, as_json: bool) -> None:
    """Print the table: set, rows, mean and median error, coverage, rank correlation; refusals; worst rows."""
    found = accuracy(measured_rows(path))
    if as_json:
        print(json.dumps(_plain(found), ensure_ascii=False, indent=2))  # noqa: T201
        return
    screen = console()
    table = Table("set", *("rows", "mean error", "median error", "in the 90 % interval", "rank correlation"))
    for line in (*promised(found.judged), *found.lines):
        rank = "" if line.spearman is None else f"{line.spearman:.3f}"
        table.add_row(line.name, str(line.n), *(f"{v:.1%}" for v in (line.mean, line.median, line.coverage)), rank)
    screen.print(table)
    refused = Table("not predicted", "because", "rows")
    for (source, reason), count in sorted(found.refused.items()):
        refused.add_row(source, reason, str(count))
    screen.print(refused)
    worst = Table("worst", "source", "what", "measured", "estimated")
    for one in found.worst:
        worst.add_row(one.id, one.source, one.what, f"{one.measured:.4g}", f"{one.estimated:.4g}")
    screen.print(worst)


def _plain(found: Accuracy) -> dict[str, object]:
    return {
        "sets": [vars(line) for line in (*promised(found.judged), *found.lines)],
        "refused": [{"source": s, "reason": r, "rows": n} for (s, r), n in sorted(found.refused.items())],
        "worst": [
            {"id": one.id, "source": one.source, "what": one.what, "measured": one.measured, "estimated": one.estimated}
            for one in found.worst
        ],
    }
