"""sweep.html: the answer, three charts, the table, what to be careful of; one file that works offline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import headrace
from headrace.report.html_table import html_table
from headrace.report.markup import Html, element, joined, with_code
from headrace.report.page import document, sectioned
from headrace.report.sections import drawn, listed, notes, origins
from headrace.sweep.charts import DRAWN, chart
from headrace.sweep.said import answer, caveats, failures, provenance
from headrace.sweep.tables import sweep_table

if TYPE_CHECKING:
    from headrace.report.words import Words
    from headrace.sweep.sweep import Swept

MOST_ROWS: Final = 2000


def render(swept: Swept, lang: str, command: str) -> str:
    """The page's text, in en, zh or both; the same results give the same bytes."""
    return document(
        lang, headrace.__version__, lambda words: words("sweep.title"), lambda words: _main(swept, command, words)
    )


def _main(swept: Swept, command: str, words: Words) -> Html:
    sections = {
        "charts": joined(*notes(words("sweep.lead")), *(_chart(swept, words))),
        "table": joined(html_table(sweep_table(swept, words, MOST_ROWS)), *_under(swept, words)),
        "failed": listed(failures(swept, words)) if swept.failed else Html(""),
        "assumed": listed(caveats(swept, words)),
        "provenance": origins(provenance(swept, command, words)),
    }
    return sectioned(_header(swept, words), sections, "sweep.titles", words)


def _header(swept: Swept, words: Words) -> Html:
    return element("header", element("h1", words("sweep.title")), element("p", answer(swept, words), class_="answer"))


def _chart(swept: Swept, words: Words) -> list[Html]:
    parts: list[Html] = []
    for figure in DRAWN:
        title = words(f"sweep.drawn.{figure.name}")
        parts += [element("h3", title), drawn(f"sweep-{figure.name}", chart(swept, figure, words), words, title)]
    return parts


def _under(swept: Swept, words: Words) -> list[Html]:
    oracle = any(cell.policy.oracle for cell in swept.cells)
    hidden = len(swept.cells) - MOST_ROWS
    more = words("sweep.more", count=f"{hidden:,}") if hidden > 0 else ""
    return notes(more, words("sweep.best"), with_code(words("oracle_note")) if oracle else "")
