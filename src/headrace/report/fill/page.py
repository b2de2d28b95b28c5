"""fill.html: the answer, two charts, the table, how to read them; one file that works offline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headrace.report.fill.charts import allocated_chart, fragmented_chart
from headrace.report.fill.said import answer, assumed, provenance, reading, seeds
from headrace.report.fill.tables import fill_table
from headrace.report.html_table import html_table
from headrace.report.markup import Html, element, joined, with_code
from headrace.report.names import plain
from headrace.report.page import document, main_of
from headrace.report.sections import drawn, listed, notes

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
        "provenance": _origin(fills, words),
    }
    titles = {f"{key}-{words.lang}": words(f"fill.titles.{key}") for key in sections}
    bodies = (
        element("section", element("h2", title), content, id=place)
        for (place, title), content in zip(titles.items(), sections.values(), strict=True)
    )
    return main_of(_header(fills, words), titles, bodies, words)


def _header(fills: Fills, words: Words) -> Html:
    title = element("h1", _title(fills, words))
    return element("header", title, element("p", answer(fills, words), class_="answer"), *notes(words("fill.lead")))


def _title(fills: Fills, words: Words) -> str:
    return words("fill.page", fleet=plain(fills.fleet.name))


def _origin(fills: Fills, words: Words) -> Html:
    pairs = (joined(element("dt", label), element("dd", text)) for label, text in provenance(fills, words))
    return element("dl", *pairs, class_="origin")
