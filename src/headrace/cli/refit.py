"""`headrace calibrate FOLDER`: everything fitted anew from tables of measured points and kernels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headrace.cli.calibrate import MEASURED
from headrace.cli.calibrate import run as fit
from headrace.cli.inputs import console, language
from headrace.errors import InputError
from headrace.report.calibrated import render_refit
from headrace.report.write import make_folder

if TYPE_CHECKING:
    from pathlib import Path


def run(folder: Path, keep_kernels: bool, out: Path | None, lang: str | None) -> None:
    """Fit, write below `out`, and say where. InputError where the folder has no measured points."""
    spoken = language(lang)
    if not (folder / MEASURED).is_file():
        raise InputError(str(folder), f"has no {MEASURED}", "a folder of tables of measured points")
    if out is not None:
        make_folder(out / "kernels")
    render_refit(fit(folder, not keep_kernels, out), console(), spoken)
