"""Walks every row of the catalogue and says what is wrong with it, a sentence each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from headrace.catalog.check import models, names, prices, rates, rows, sources

if TYPE_CHECKING:
    from headrace.catalog.whole import Catalogue, Check, Problem

CHECKS: Final[dict[str, Check]] = {
    "sources": sources.check,
    "rows": rows.check,
    "names": names.check,
    "rates": rates.check,
    "prices": prices.check,
    "models": models.check,
}


def check(catalogue: Catalogue) -> list[Problem]:
    """Every problem, in the order of the checks and of the rows; none where all is well."""
    return [problem for each in CHECKS.values() for problem in each(catalogue)]
