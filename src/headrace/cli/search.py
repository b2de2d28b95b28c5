"""`headrace search`: what the catalogue and the reader's library know of a question."""

from __future__ import annotations

from headrace.brief.search import search
from headrace.brief.shown import found_data, render_found
from headrace.cli.documents import readers_library
from headrace.cli.inputs import console, language
from headrace.errors import CallError


def run(query: str, most: int, json: bool, lang: str | None) -> None:
    """Print the best hits for `query`, or all of them as JSON."""
    spoken = language(lang)
    if not query.strip():
        raise CallError("nothing was asked; try `headrace search H20`")
    found = search(query, readers_library(), most)
    if json:
        from headrace.cli.printed import print_json

        print_json(found_data(found))
    else:
        render_found(found, console(), spoken)
