"""`headrace catalog check`: does every row of the catalogue hold?"""

from __future__ import annotations

from headrace.catalog.check import check as walk
from headrace.catalog.load import catalogue
from headrace.cli.inputs import console, language
from headrace.errors import CheckFailedError
from headrace.report.catalog.checked import check_json, render


def check(json: bool, lang: str | None) -> None:
    """Walk every row and print what is wrong. Raises CheckFailedError (exit 1) where anything is."""
    spoken, known = language(lang), catalogue()
    problems = walk(known)
    if json:
        print(check_json(known, problems), end="")  # noqa: T201
    else:
        render(known, problems, console(), spoken)
    if problems:
        raise CheckFailedError(f"the catalogue has {len(problems)} rows that do not hold")
