"""A topic written up in one of two forms; every sentence carries the number of its source, date and verdict.

A  query, title, source and time; a core viewpoint; groups of three sentences; the sources
B  a note; the Chinese title, summary and comment; the same in English, paragraph by paragraph; the sources
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from headrace.brief.facts import cited
from headrace.brief.fold import CHINESE
from headrace.errors import CallError
from headrace.report.names import short
from headrace.report.words import Words, load

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from headrace.brief.statements import Statement
    from headrace.brief.topics import Topic

FORMS: Final = ("A", "B")
MOST_QUERY: Final = 200
STOPS: Final = ".。"


@dataclass
class Citations:
    """Numbers statements in the order in which they are first cited."""

    numbers: dict[str, int] = field(default_factory=dict)
    statements: list[Statement] = field(default_factory=list)

    def cite(self, statement: Statement, lang: str) -> str:
        """The sentence in `lang`, with its number before the full stop."""
        if statement.id not in self.numbers:
            self.statements.append(statement)
            self.numbers[statement.id] = len(self.statements)
        text = statement.text(lang)
        return f"{text.rstrip(STOPS)}[{self.numbers[statement.id]}]{text[len(text.rstrip(STOPS)) :]}"

    def paragraph(self, statements: Sequence[Statement], lang: str) -> str:
        """Cited sentences, one after the other."""
        return (" " if lang == "en" else "").join(self.cite(statement, lang) for statement in statements)


def write(topic: Topic, form: str, query: str, at: datetime, lang: str = "en") -> str:
    """The brief in form A, in `lang` (en or zh), or in form B, which is in both. CallError for another form."""
    if form.upper() not in FORMS:
        raise CallError(f"there is no form {form!r} of a brief; {' and '.join(FORMS)} are possible")
    lines = _form_a(topic, query, at, load(lang)) if form.upper() == "A" else _form_b(topic, at)
    return "\n".join(lines) + "\n"


def _form_a(topic: Topic, query: str, at: datetime, words: Words) -> Iterator[str]:
    citations = Citations()
    yield short(query, MOST_QUERY)
    yield topic.title("zh" if CHINESE.search(query) else "en")
    yield _byline(at, words)
    yield words("brief.form.core", text=citations.paragraph(topic.core, words.lang))
    for number, group in enumerate(topic.groups, 1):
        yield ""
        yield words("brief.form.group", n=number, title=group.title(words.lang))
        for statement in group.statements:
            yield f"- {citations.cite(statement, words.lang)}"
    yield ""
    yield from _sources(citations, words)


def _form_b(topic: Topic, at: datetime) -> Iterator[str]:
    citations = Citations()
    yield load("en")("brief.form.note")
    for lang in ("zh", "en"):
        words = load(lang)
        yield ""
        yield topic.title(lang)
        for part, paragraphs in (("summary", topic.summary), ("comment", topic.comment)):
            yield words(f"brief.form.{part}")
            yield from (citations.paragraph(statements, lang) for statements in paragraphs)
    yield ""
    yield _byline(at, load("zh"))
    for lang in ("zh", "en"):
        yield from _sources(citations, load(lang))


def _byline(at: datetime, words: Words) -> str:
    """Who wrote it and when, with the zone."""
    return words("brief.form.byline", name="Headrace", time=f"{at:%Y-%m-%d %H:%M} UTC{at.isoformat()[-6:]}")


def _sources(citations: Citations, words: Words) -> Iterator[str]:
    yield words("brief.form.sources")
    for number, statement in enumerate(citations.statements, 1):
        yield words(
            "brief.form.source",
            n=number,
            date=statement.date,
            verdict=words(f"brief.verdict.{statement.verdict}"),
            sources="; ".join(f"{cited(one)} {one.title} {one.reference}".rstrip() for one in statement.sources),
        )
