"""`headrace fit`: the kinds of chips ranked for one job, by time, by money and by energy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headrace.cli.inputs import console, language
from headrace.cli.job_file import read_job
from headrace.cli.printed import print_json
from headrace.errors import CheckFailedError
from headrace.estimate.fit import Terms, fit
from headrace.report.estimate.fit import fit_dict, render_fit
from headrace.report.estimate.tariff import pue

if TYPE_CHECKING:
    from pathlib import Path


def run(path: Path, with_sources: bool, json: bool, lang: str | None) -> None:
    """Print the rankings. Raises InputError for a file that is none, CheckFailedError where no kind can do the job."""
    spoken, sheet, mean = language(lang), read_job(path), pue()
    costs = {kind: hour.amount for kind, hour in sheet.hours.items() if hour is not None}
    found = fit(sheet.job, sheet.kinds, Terms(costs, float(mean.number or 0)))
    if json:
        print_json(fit_dict(sheet.job, found, sheet.hours, mean, with_sources))
    else:
        render_fit(sheet.job, found, sheet.hours, mean, console(), spoken, with_sources)
    if not found.time:
        raise CheckFailedError(f"no kind can do the job of {path}: {sheet.job.shape.name} in {sheet.job.precision}")
