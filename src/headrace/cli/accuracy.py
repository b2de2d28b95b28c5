"""`headrace accuracy FILE`: how good estimates are on measured points, with the calibration at hand and no refit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headrace.cli.calibrate import measured_rows
from headrace.cli.calibrations import known
from headrace.cli.inputs import console, language
from headrace.cli.printed import print_json
from headrace.errors import CheckFailedError
from headrace.estimate.accuracy import judged, read
from headrace.estimate.evaluate import evaluate
from headrace.report.estimate.accuracy import Fits, accuracy_dict, render_accuracy

if TYPE_CHECKING:
    from pathlib import Path


def run(path: Path, held_out: bool, json: bool, lang: str | None) -> None:
    """Print errors and coverage by set, rows that cannot be asked, and the worst; with `held_out` of refits too.

    Raises CheckFailedError where no row can be asked.
    """
    spoken, calibration = language(lang), known()
    table = read(measured_rows(path), calibration)
    if not table.serving and not table.training:
        raise CheckFailedError(f"{path}: no row of it can be estimated ({sum(table.refused.values())} refused)")
    found: Fits = {"shipped": judged(table, calibration)}
    if held_out:
        found |= dict(evaluate(table))
    if json:
        print_json(accuracy_dict(found, table.refused))
    else:
        render_accuracy(found, table.refused, console(), spoken)
