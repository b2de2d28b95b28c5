"""A text held against the catalogue: what it confirms, what it contradicts, and what nobody can judge.

1. each sentence against each claim that it makes
2. the halves of a bilingual text against each other
3. sentences with figures that no claim knows
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from headrace.brief.claims import Claim, claims
from headrace.brief.dates import MONTHS, dates
from headrace.brief.figures import Quantity, quantity
from headrace.brief.sentences import Sentence, sentences

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Verdict: TypeAlias = Literal["confirmed", "contradicted", "unjudged"]
CLOSE: Final = Decimal("0.005")
"""Numbers that differ by less are one number, rounded twice."""

ASIDE: Final = re.compile(
    r"\[\d{1,3}\]|group \d+|(?<!\S)\S*/\S*|(?:19|20)\d\d(?:-\d\d?)*|\d{1,2}:\d\d|\d{1,2}[月日号]"
    rf"|(?:{'|'.join(MONTHS)})[a-z]* \d{{1,2}}(?!\d)|(?<!\d)\d{{1,2}} (?:{'|'.join(MONTHS)})"
    r"|(?:ascend|atlas|rtx|gaudi|instinct|nvlink|kunlun|mlu) ?\d[a-z0-9]*|[a-z]+-?\d[a-z0-9]*"
)
"""Numbers that claim nothing: references, addresses, dates, names of models."""


@dataclass(frozen=True)
class Finding:
    """A sentence and what the catalogue says to it.

    `claim` is None where no claim knows the sentence's figures; `against` is the other half of a bilingual text where
    the two disagree.
    """

    verdict: Verdict
    sentence: Sentence
    claim: Claim | None = None
    quantity: Quantity | None = None
    against: Sentence | None = None


def judge(text: str, known: Sequence[Claim] | None = None) -> tuple[Finding, ...]:
    """Every finding on `text`, in the order of its sentences."""
    told = tuple(sentences(text))
    whole = "\n".join(sentence.folded for sentence in told)
    asked = [c for c in (claims() if known is None else known) if c.context is None or c.context.search(whole)]
    found = [finding for sentence in told for claim in asked for finding in _findings(sentence, claim)]
    found += list(_halves(found))
    judged = {finding.sentence for finding in found}
    found += [Finding("unjudged", sentence) for sentence in told if sentence not in judged and _figured(sentence)]
    places = {sentence: place for place, sentence in enumerate(told)}
    return tuple(sorted(found, key=lambda finding: places[finding.sentence]))


def _findings(sentence: Sentence, claim: Claim) -> Iterator[Finding]:
    text = sentence.folded
    if not all(group.search(text) for group in claim.groups) or (claim.unless and claim.unless.search(text)):
        return
    if claim.kind == "open":
        yield Finding("unjudged", sentence, claim)
    elif claim.kind == "number":
        yield from _numbered(sentence, claim)
    else:
        verdict = _worded(text, claim) if claim.kind == "wording" else _dated(text, claim)
        if verdict is not None:
            yield Finding(verdict, sentence, claim)


def _worded(text: str, claim: Claim) -> Verdict | None:
    if claim.right and claim.right.search(text):
        return "confirmed"
    return "contradicted" if claim.wrong and claim.wrong.search(text) else None


def _dated(text: str, claim: Claim) -> Verdict | None:
    """By the date nearest to what happened."""
    places = [match.start() for match in claim.groups[-1].finditer(text)]
    told = min(dates(text), key=lambda date: min(abs(date.at - place) for place in places), default=None)
    if told is None:
        return None
    return "confirmed" if any(told.agrees(date) for date in claim.values) else "contradicted"


def _numbered(sentence: Sentence, claim: Claim) -> Iterator[Finding]:
    """By the numbers that stand where the claim's patterns say; one that is right is enough."""
    matches = (match for pattern in claim.patterns for match in pattern.finditer(sentence.folded))
    told = [found for match in matches if (found := quantity(match["n"])) is not None]
    right = [found for found in told if _right(found, claim)]
    for found in (right or told)[:1]:
        yield Finding("confirmed" if right else "contradicted", sentence, claim, found)


def _right(found: Quantity, claim: Claim) -> bool:
    allowed = not found.hedge or not claim.hedges or found.hedge in claim.hedges
    return allowed and any(abs(found.value - value) <= CLOSE * abs(value) for value in claim.numbers)


def _halves(found: Iterable[Finding]) -> Iterator[Finding]:
    """Where the English and the Chinese half of a text give one claim another number or another hedge."""
    by_claim: dict[str, list[Finding]] = {}
    for finding in found:
        if finding.claim is not None and finding.quantity is not None:
            by_claim.setdefault(finding.claim.id, []).append(finding)
    for same in by_claim.values():
        english = [finding for finding in same if finding.sentence.lang == "en"]
        chinese = [finding for finding in same if finding.sentence.lang == "zh"]
        if english and chinese and {f.quantity for f in english} != {f.quantity for f in chinese}:
            first = english[0]
            yield Finding("contradicted", first.sentence, first.claim, first.quantity, chinese[0].sentence)


def _figured(sentence: Sentence) -> bool:
    """Whether the sentence gives a number that is more than a date, a reference or the name of a model."""
    return quantity(ASIDE.sub(" ", sentence.folded)) is not None and any(c.isalpha() for c in sentence.text)
