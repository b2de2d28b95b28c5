"""`headrace chips`: what a chip can do and what it costs; several side by side; all of them in a list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headrace.catalog.load import chips, prices, rates, sources
from headrace.cli.inputs import console, language
from headrace.report.catalog.chips import Shelf, render_comparison, render_list, render_sheet
from headrace.report.catalog.figures import chips_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headrace.catalog.chip import Chip


def run(names: Sequence[str], compare: bool, json: bool, with_sources: bool, lang: str | None) -> None:
    """Print the sheet of each chip named, or a comparison of them, or the list of all where none is named.

    Raises CallError, with the names that come near, for a chip that the catalogue does not have.
    """
    spoken, asked = language(lang), found(names)
    shelf = Shelf(prices(), rates(), sources())
    if json:
        print(chips_json(asked or list(chips().values()), shelf), end="")  # noqa: T201
    elif not asked:
        render_list(list(chips().values()), console(), spoken)
    elif compare:
        render_comparison(asked, shelf, console(), spoken, with_sources)
    else:
        for chip in asked:
            render_sheet(chip, shelf, console(), spoken, with_sources)


def found(names: Sequence[str]) -> list[Chip]:
    """The chips of these names, each once."""
    return list({chip.name: chip for chip in map(chips().find, names)}.values())
