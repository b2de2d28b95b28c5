"""What can be found: a statement, the facts of one item, what is said of a claim, or a piece of a reader's document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from headrace.brief.claims import claims
from headrace.brief.facts import cited, lines
from headrace.brief.statements import statements

if TYPE_CHECKING:
    from collections.abc import Iterator

Kind: TypeAlias = Literal["statement", "fact", "claim", "document"]


@dataclass(frozen=True)
class Passage:
    """`about` are the names that it is about; `verdict` is "" for a document, which nobody has checked."""

    kind: Kind
    id: str
    about: str
    en: str
    zh: str
    date: str
    verdict: str
    sources: tuple[str, ...]

    def text(self, lang: str) -> str:
        """What it says in `lang`, en or zh."""
        return self.en if lang == "en" else self.zh


def catalogued() -> Iterator[Passage]:
    """Every passage of the catalogue: its statements, its facts, then what it says of claims."""
    for one in statements().values():
        named = " | ".join(one.about)
        sources = tuple(cited(source) for source in one.sources)
        yield Passage("statement", one.id, named, one.en, one.zh, one.date, one.verdict, sources)
    for line in lines():
        yield Passage("fact", line.id, line.about, line.en, line.zh, line.date, line.status, line.sources)
    for claim in claims():
        verdict = "assumed" if claim.basis == "assumed" else "open" if claim.kind == "open" else "confirmed"
        en, zh = f"{claim.en}: {claim.note_en}", f"{claim.zh}：{claim.note_zh}"
        yield Passage("claim", claim.id, "", en, zh, claim.as_of, verdict, tuple(cited(s) for s in claim.sources))
