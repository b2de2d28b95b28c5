"""What was found and what was judged, on a terminal and as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from headrace.brief.facts import cited
from headrace.report.names import plain, short
from headrace.report.screen import Screen
from headrace.report.words import Words, languages, load

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from headrace.brief.claims import Claim
    from headrace.brief.judge import Finding
    from headrace.brief.search import Found, Hit, Notice
    from headrace.brief.statements import Statement
    from headrace.brief.store import Document

MOST_QUERY: Final = 120
MOST_TEXT: Final = 400
MOST_QUOTED: Final = 200
INDENT: Final = 3
ORDER: Final = ("contradicted", "confirmed", "unjudged")
STYLES: Final = {"contradicted": "bold red", "confirmed": "bold green", "unjudged": "bold"}


def render_found(found: Found, console: Console, lang: str) -> None:
    """Print what was found, once for each language that `lang` asks for."""
    for words in map(load, languages(lang)):
        shown = _Shown(Screen(console), words)
        shown.screen.say(words("brief.search.title", query=short(found.query, MOST_QUERY)), "bold cyan")
        for notice in found.notices:
            shown.notice(notice)
        if not found.hits:
            shown.screen.say(words("brief.search.nothing"))
        for number, hit in enumerate(found.hits, 1):
            shown.hit(number, hit)


def render_findings(findings: Sequence[Finding], console: Console, lang: str) -> None:
    """Print what was judged: contradictions first, once for each language that `lang` asks for."""
    for words in map(load, languages(lang)):
        shown = _Shown(Screen(console), words)
        counts = {verdict: sum(f.verdict == verdict for f in findings) for verdict in ORDER}
        shown.screen.say(words("brief.check.sum", **counts), "bold cyan")
        for verdict in ORDER:
            for finding in findings:
                if finding.verdict == verdict:
                    shown.finding(finding)


def render_documents(documents: Sequence[Document], console: Console, lang: str) -> None:
    """Print what is in the library, once for each language that `lang` asks for."""
    for words in map(load, languages(lang)):
        screen = Screen(console)
        count = len(documents)
        screen.say(words(f"brief.documents.{'one' if count == 1 else 'total'}", count=count), "bold cyan")
        for one in documents:
            line = words(
                "brief.documents.line", name=plain(one.name), date=plain(one.added), characters=f"{one.characters:,}"
            )
            screen.say(line, hanging=2)


@dataclass(frozen=True)
class _Shown:
    screen: Screen
    words: Words

    def notice(self, notice: Notice) -> None:
        self.screen.say(self.words(f"brief.search.{notice.kind}", asked=plain(notice.asked)), "bold red")
        for statement in notice.read:
            self.screen.say(statement.text(self.words.lang), "", INDENT)
            self.screen.say(self.where(statement), "dim", INDENT)

    def where(self, one: Statement) -> str:
        return self.line(one.date, one.verdict, [cited(source) for source in one.sources])

    def line(self, date: str, verdict: str, sources: Sequence[str]) -> str:
        said = self.words(f"brief.verdict.{verdict or 'unread'}")
        return self.words("brief.search.where", date=plain(date), verdict=said, sources=plain("; ".join(sources)))

    def hit(self, number: int, hit: Hit) -> None:
        one = hit.passage
        self.screen.console.line()
        text = short(one.text(self.words.lang), MOST_TEXT)
        self.screen.say(f"{number}. {text}", hanging=INDENT)
        self.screen.say(self.line(one.date, one.verdict, one.sources), "dim", INDENT)

    def finding(self, finding: Finding) -> None:
        words, claim, lang = self.words, finding.claim, self.words.lang
        about = claim.said(lang) if claim is not None else words("brief.check.unknown")
        verdict = words(f"brief.check.{finding.verdict}")
        self.screen.console.line()
        head = words("brief.check.head", verdict=verdict, line=finding.sentence.line, about=about)
        self.screen.say(head, STYLES[finding.verdict])
        self.screen.say(words("brief.check.text", text=short(finding.sentence.text, MOST_QUOTED)), "", INDENT)
        if finding.against is not None:
            other = short(finding.against.text, MOST_QUOTED)
            self.screen.say(words("brief.check.halves", line=finding.against.line, text=other), "", INDENT)
        if claim is not None:
            self.screen.say(claim.note(lang), "", INDENT)
            self.screen.say(self.origin(claim), "dim", INDENT)

    def origin(self, claim: Claim) -> str:
        """Since when a claim's note is known, and from where."""
        if claim.basis == "assumed":
            return self.words("brief.verdict.assumed")
        sources = "; ".join(cited(source) for source in claim.sources)
        return self.words("brief.check.origin", date=claim.as_of, sources=sources)


def found_data(found: Found) -> dict[str, Any]:
    """What was found, as JSON's values."""
    return {
        "query": plain(found.query),
        "notices": [
            {"kind": one.kind, "asked": one.asked, "read": [_statement(s) for s in one.read]} for one in found.notices
        ],
        "hits": [_hit(hit) for hit in found.hits],
    }


def findings_data(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """What was judged, as JSON's values."""
    return [_finding(finding) for finding in findings]


def _statement(one: Statement) -> dict[str, Any]:
    sources = [
        {"key": s.key, "title": s.title, "publisher": s.publisher, "reference": s.reference} for s in one.sources
    ]
    return {"id": one.id, "date": one.date, "en": one.en, "zh": one.zh, "verdict": one.verdict, "sources": sources}


def _hit(hit: Hit) -> dict[str, Any]:
    one = hit.passage
    return {
        "kind": one.kind,
        "id": plain(one.id),
        "en": plain(one.en),
        "zh": plain(one.zh),
        "date": one.date,
        "verdict": one.verdict or None,
        "sources": [plain(source) for source in one.sources],
        "covered": hit.covered,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    claim, told = finding.claim, finding.quantity
    return {
        "verdict": finding.verdict,
        "line": finding.sentence.line,
        "text": plain(finding.sentence.text),
        "claim": claim.id if claim is not None else None,
        "value": f"{told.value:f}" if told is not None else None,
        "hedge": told.hedge if told is not None else None,
        "against": plain(finding.against.text) if finding.against is not None else None,
        "note_en": claim.note_en if claim is not None else None,
        "note_zh": claim.note_zh if claim is not None else None,
        "as_of": claim.as_of if claim is not None else None,
        "basis": claim.basis if claim is not None else None,
        "sources": [source.key for source in claim.sources] if claim is not None else [],
    }
