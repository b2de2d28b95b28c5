"""fill.html: the answer, two charts, the table, how to read them; one file that works offline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headrace.report.fill.charts import allocated_chart, fragmented_chart
from headrace.report.fill.said import answer, assumed, provenance, reading, seeds
from headrace.report.fill.tables import fill_table
from headrace.report.html_table import html_table
from headrace.report.markup import Html, element, joined, with_code
from headrace.report.names import plain
from headrace.report.page import document, sectioned
from headrace.report.sections import drawn, listed, notes, origins

if TYPE_CHECKING:
    from headrace.report.fill.fills import Fills
    from headrace.report.words import Words


def render(fills: Fills, lang: str) -> str:
    """The page's text, in en, zh or both; the same fills give the same bytes."""
    return document(lang, fills.origin.version, lambda words: _title(fills, words), lambda words: _main(fills, words))


def _main(fills: Fills, words: Words) -> Html:
    sections = {
        "allocated": drawn("fill-allocated", allocated_chart(fills, words), words, words("fill.titles.allocated")),
        "fragmented": drawn("fill-fragmented", fragmented_chart(fills, words), words, words("fill.titles.fragmented")),
        "table": joined(html_table(fill_table(fills, words)), *notes(seeds(fills, words))),
        "read": element("ul", *(element("li", with_code(line)) for line in reading(words)), class_="plain"),
        "assumed": listed(assumed(fills, words)),
        "provenance": origins(provenance(fills, words)),
    }
    return sectioned(_header(fills, words), sections, "fill.titles", words)


def _header(fills: Fills, words: Words) -> Html:
    title = element("h1", _title(fills, words))
    return element("header", title, element("p", answer(fills, words), class_="answer"), *notes(words("fill.lead")))


def _title(fills: Fills, words: Words) -> str:
    return words("fill.page", fleet=plain(fills.fleet.name))
