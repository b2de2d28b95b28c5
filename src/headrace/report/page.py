"""The page: one file that holds everything, asks the network for nothing, and reads without JavaScript too.

In two languages it is two pages in one, of which a pair of radio buttons shows one, by CSS alone.
"""

from __future__ import annotations

import html
from functools import cache
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING

from headrace.report import answer, caveats, colours
from headrace.report.markup import Html, data, element, joined
from headrace.report.names import plain
from headrace.report.palette import dark_of
from headrace.report.sections import OF_A_LEDGER, SECTIONS
from headrace.report.words import TAGS, Words, languages, load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from headrace.report.answer import KeyFigure
    from headrace.report.study import Study


def render(study: Study, lang: str) -> str:
    """The page's text, in en, zh or both; the same study gives the same bytes."""
    return document(lang, study.version, lambda words: _title(study, words), lambda words: _main(study, words))


def document(lang: str, version: str, title: Callable[[Words], str], body: Callable[[Words], Html]) -> str:
    """A whole page: `title` and `body` (its main element) in each language of `lang`, with all that draws them."""
    chosen = [load(each) for each in languages(lang)]
    switch = _switch(chosen) if len(chosen) > 1 else []
    return Template(_file("page.html")).substitute(
        lang=TAGS[chosen[0].lang],
        generator=html.escape(f"headrace {plain(version)}"),
        title=joined(" · ".join(title(words) for words in chosen)),
        style=colours.css() + _file("page.css"),
        body=joined(*switch, *map(body, chosen), data(dark_of(), id="dark-colours")),
        plotly=_plotly(),
        script=_file("page.js"),
    )


def _switch(chosen: list[Words]) -> list[Html]:
    """Radio buttons, before all that they show and hide."""
    inputs = []
    for i, words in enumerate(chosen):
        on = {"checked": ""} if i == 0 else {}
        value = TAGS[words.lang]
        inputs.append(
            element(
                "input", type="radio", name="language", value=value, id=f"language-{words.lang}", class_="choice", **on
            )
        )
    labels = (element("label", w("language"), for_=f"language-{w.lang}", lang=TAGS[w.lang]) for w in chosen)
    return [*inputs, element("nav", *labels, class_="languages")]


def _main(study: Study, words: Words) -> Html:
    contents = {key: section(study, words) for key, section in SECTIONS.items()}
    shown = {key: _section(key, content, study, words) for key, content in contents.items() if content}
    titles = {f"{key}-{words.lang}": words(f"title.{key}") for key in shown}
    return main_of(_header(study, words), titles, shown.values(), words)


def sectioned(header: Html, sections: Mapping[str, Html], prefix: str, words: Words) -> Html:
    """The main element of a page whose sections, by the keys of their titles under `prefix`, need nothing but those.
    Empty ones are left out."""
    shown = {key: content for key, content in sections.items() if content}
    titles = {f"{key}-{words.lang}": words(f"{prefix}.{key}") for key in shown}
    bodies = (
        element("section", element("h2", title), content, id=place)
        for (place, title), content in zip(titles.items(), shown.values(), strict=True)
    )
    return main_of(header, titles, bodies, words)


def main_of(header: Html, titles: Mapping[str, str], sections: Iterable[Html], words: Words) -> Html:
    """The main element of one language: the header, links to the sections (id -> title), and the sections."""
    links = (element("a", title, href=f"#{place}") for place, title in titles.items())
    return element(
        "main",
        header,
        element("nav", *links, class_="contents", aria_label=words("page.contents")),
        element("noscript", element("p", words("no_script"), class_="note")),
        *sections,
        lang=TAGS[words.lang],
        class_=words.lang,
    )


def _section(key: str, content: Html, study: Study, words: Words) -> Html:
    title = element("h2", words(f"title.{key}"))
    owner = element("p", answer.owner(study.main, words), class_="owner") if key in OF_A_LEDGER else ""
    return element("section", title, owner, content, id=f"{key}-{words.lang}")


def _header(study: Study, words: Words) -> Html:
    """The sentence that answers, what to be careful of, and four figures."""
    warning = words("overcommit.short") if caveats.serious(study.main.ledger) else ""
    return element(
        "header",
        element("h1", _title(study, words)),
        element("p", answer.period(study.main.ledger, words), class_="note"),
        *(element("p", text, class_="banner") for text in [caveats.synthetic(study.fleet, words)] if text),
        *(element("p", text, class_="banner warning") for text in [warning] if text),
        element("p", answer.answer(study.main, words), class_="answer"),
        element("dl", *map(_key_figure, answer.key_figures(study, words)), class_="keys"),
    )


def _key_figure(figure: KeyFigure) -> Html:
    value = element("dd", figure.value, class_="value")
    return element("div", element("dt", figure.label), value, element("dd", figure.below))


def _title(study: Study, words: Words) -> str:
    return words("title.page", fleet=plain(study.fleet.name))


@cache
def _file(name: str) -> str:
    return (files("headrace.report") / name).read_text(encoding="utf-8")


def _plotly() -> str:
    from plotly.offline import get_plotlyjs  # imported only where a page is made

    return get_plotlyjs()
