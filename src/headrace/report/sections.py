"""The page's sections, each from a study and the words of one language; empty where the study has nothing for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeAlias

from headrace.explain.ledger import Class
from headrace.report import answer, caveats
from headrace.report import mismatch as overlay
from headrace.report.charts import Chart, coarser, curve_chart, waits_chart, waterfall_chart
from headrace.report.findings import said
from headrace.report.html_table import html_table
from headrace.report.markup import Html, data, element, joined, with_code
from headrace.report.provenance import provenance
from headrace.report.quantities import duration
from headrace.report.tables.breakdown import AXES, breakdown_table
from headrace.report.tables.comparison import comparison_table, in_order
from headrace.report.tables.ledger import ledger_table
from headrace.report.tables.mismatch import mismatch_table
from headrace.report.tables.rejects import rejects_table
from headrace.report.tables.shrink import shrink_table
from headrace.report.tables.waits import waits_table
from headrace.report.words import Words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from headrace.explain.findings import Finding
    from headrace.report.study import Study

Section: TypeAlias = Callable[["Study", Words], Html]
NOTHING: Final = Html("")
FIRST_REJECTS: Final = 20
MOST_ROWS: Final = 30
MOST_PAIRS: Final = 10
REJECT_TEXT: Final = 120


def ledger(study: Study, words: Words) -> Html:
    """The waterfall, and the table of the same figures."""
    main = study.main.ledger
    return joined(
        element("p", words("lead.ledger")),
        drawn("ledger", waterfall_chart(main, words), words),
        html_table(ledger_table(main, words), "ledger"),
        *notes(answer.overlay(main, words)),
    )


def findings(study: Study, words: Words) -> Html:
    """The lines that a change could recover, and what recovers each."""
    if not study.findings:
        return element("p", words("no_findings"))
    return element("ol", *(_finding(finding, study, words) for finding in study.findings), class_="findings")


def mismatch(study: Study, words: Words) -> Html:
    """What known work would have taken on the kinds that suit it, where any is known."""
    found = study.main.mismatch
    if found is None:
        return NOTHING
    return joined(
        element("p", with_code(words("lead.mismatch"))),
        element("p", overlay.answer(found, words)),
        html_table(mismatch_table(found, words, MOST_ROWS)) if found.pairs else NOTHING,
        listed(overlay.who(found, words, MOST_PAIRS)) if found.amiss else NOTHING,
        *notes(*overlay.notes(found, words)),
    )


def curve(study: Study, words: Words) -> Html:
    """Chips by class over time."""
    _, step = coarser(study.main.ledger)
    lead = element("p", words("lead.curve", slice=duration(step, words)))
    return joined(lead, drawn("curve", curve_chart(study.main.ledger, words), words))


def comparison(study: Study, words: Words) -> Html:
    """What happened, the policies and the lower bound side by side, and the tenants' waits."""
    shown = in_order(study.happened, study.results)
    oracle = with_code(words("oracle_note")) if any(result.oracle for result in shown) else ""
    return joined(
        element("p", words("lead.comparison")),
        html_table(comparison_table(study.happened, study.results, study.bounds, words)),
        *notes(words("best_note"), answer.bounded(study.bounds, words), oracle),
        element("h3", words("title.waits")),
        *notes(words("lead.waits")),
        drawn("waits", waits_chart(shown, words), words),
        html_table(waits_table(shown, words)),
    )


def shrink(study: Study, words: Words) -> Html:
    """The smallest fleet that would do, where it was asked for."""
    if study.shrink is None:
        return NOTHING
    return joined(
        element("p", answer.shrunk(study.shrink, words)),
        html_table(shrink_table(study.shrink, words)),
    )


def breakdown(study: Study, words: Words) -> Html:
    """The ledger by tenant, by kind and by week."""
    parts = []
    for axis in AXES:
        parts.append(element("h3", words(f"title.{axis}")))
        parts.append(html_table(breakdown_table(study.main.ledger, axis, words, MOST_ROWS), "dense"))
    return joined(element("p", words("lead.breakdown")), *parts)


def reading(study: Study, words: Words) -> Html:
    """What each class means, and from which data it comes."""
    return element("dl", *(_class(c, words) for c in Class), class_="classes")


def rejects(study: Study, words: Words) -> Html:
    """The rows that were not understood, by reason, and the first of them."""
    count, *reasons = caveats.rejected(study.rejects, study.jobs, words)
    if not reasons:
        return element("p", count)
    table = html_table(rejects_table(study.rejects, words, FIRST_REJECTS, REJECT_TEXT), "wrap")
    return joined(element("p", count), listed(reasons), table)


def overcommit(study: Study, words: Words) -> Html:
    """Where the log claims more chips than exist, if it does."""
    warning = caveats.overcommitted(study.main.ledger, words)
    banner = "banner warning" if caveats.serious(study.main.ledger) else "banner"
    return element("p", warning, class_=banner) if warning else NOTHING


def assumed(study: Study, words: Words) -> Html:
    """How the log was read, and what a replay leaves out."""
    lines = [*caveats.assumed(study, words), *caveats.unplayed(study.unplayed, words)]
    return listed(lines) if lines else NOTHING


def origin(study: Study, words: Words) -> Html:
    """Version, inputs, seed and command."""
    return origins(provenance(study, words))


SECTIONS: Final[dict[str, Section]] = {
    "ledger": ledger,
    "findings": findings,
    "mismatch": mismatch,
    "curve": curve,
    "comparison": comparison,
    "shrink": shrink,
    "breakdown": breakdown,
    "read": reading,
    "rejects": rejects,
    "overcommit": overcommit,
    "assumed": assumed,
    "provenance": origin,
}
"""In the page's order, by the key of their titles."""
OF_A_LEDGER: Final = frozenset({"ledger", "findings", "mismatch", "curve", "breakdown"})
"""Sections whose titles say whose ledger they show."""


def drawn(name: str, chart: Chart, words: Words, title: str = "") -> Html:
    """A place for a chart, and the chart's figures for the script that draws it; `title` as in words if not given."""
    place = f"chart-{name}-{words.lang}"
    label = title or words(f"title.{name}")
    figure = element("figure", element("div", id=place, role="img", aria_label=label), class_="chart")
    return joined(figure, data(chart, data_chart=place))


def origins(lines: Iterable[tuple[str, str]]) -> Html:
    """Where a page came from: (what, which), a pair a line."""
    pairs = (joined(element("dt", label), element("dd", value)) for label, value in lines)
    return element("dl", *pairs, class_="origin")


def listed(lines: Iterable[str]) -> Html:
    """A plain list."""
    return element("ul", *(element("li", line) for line in lines), class_="plain")


def notes(*texts: str) -> list[Html]:
    """Small print, a paragraph each; nothing for an empty text."""
    return [element("p", text, class_="note") for text in texts if text]


def _finding(finding: Finding, study: Study, words: Words) -> Html:
    told = said(finding, study.main.ledger, words)
    return element(
        "li",
        element("h3", told.label, " ", element("span", told.size)),
        element("p", told.meaning, class_="quiet"),
        element("p", told.who, class_="quiet") if told.who else NOTHING,
        element("p", with_code(told.remedy)),
        class_=told.cls.word,
    )


def _class(c: Class, words: Words) -> Html:
    mark, label = element("i", class_=f"mark {c.word}"), words(f"class.{c.word}")
    text = with_code(words(f"read.{c.word}"))
    return element("div", element("dt", mark, label, element("code", c.word)), element("dd", text))
