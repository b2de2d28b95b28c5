"""What is known about what was asked: ranked passages, and a warning where the answer is not what was asked.

the model asked for, in what the passage is about ──> in its text ──> the same number ──> the rest
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final, Literal

from headrace.brief.index import asked_tokens, built, find
from headrace.brief.passages import Passage, catalogued
from headrace.brief.statements import Statement, statements
from headrace.brief.tokens import model, tokens

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from headrace.brief.store import Library

MOST_FOUND: Final = 60
"""Passages of each index that are ranked."""
MODEL_WEIGHT: Final = 4
KINDS: Final = ("statement", "fact", "claim", "document")
"""Of what answers equally well, the first of these comes first."""
LEAST_COVERED: Final = 0.2
"""A passage that holds less of what was asked is not shown."""


@dataclass(frozen=True)
class Hit:
    """A passage, and how much of the question it holds (0..1)."""

    passage: Passage
    covered: float


@dataclass(frozen=True)
class Notice:
    """What was asked for is `unconfirmed` (with what to read) or `unknown` to the catalogue."""

    kind: Literal["unconfirmed", "unknown"]
    asked: str
    read: tuple[Statement, ...] = ()


@dataclass(frozen=True)
class Found:
    """The answer to a search: notices first, then hits, best first."""

    query: str
    notices: tuple[Notice, ...]
    hits: tuple[Hit, ...]


def search(query: str, library: Library | None = None, most: int = 10) -> Found:
    """The `most` passages of the catalogue and of the reader's library that answer `query` best."""
    asked = asked_tokens(query)
    index, passages = _catalogue()
    near = [(passages[row - 1], far) for row, far in find(index, "found", asked, MOST_FOUND)]
    if library is not None:
        near += library.find(asked, MOST_FOUND)
    wanted = _models(asked)
    ranked = sorted((_rank(passage, far, asked, wanted) for passage, far in near), key=lambda one: one[0])
    hits = tuple(hit for _, hit in ranked if hit.covered >= LEAST_COVERED)
    return Found(query, _notices(wanted), hits[:most])


@cache
def _catalogue() -> tuple[sqlite3.Connection, tuple[Passage, ...]]:
    passages = tuple(catalogued())
    return built(passages), passages


@cache
def _named() -> frozenset[str]:
    """Every number that some passage of the catalogue is about."""
    return frozenset(t for one in _catalogue()[1] for t in tokens(one.about) if any(c.isdigit() for c in t))


def _models(asked: Sequence[str]) -> tuple[str, ...]:
    """The models in the question; not the bare number that comes after its longer form."""
    bare = {model(token) for token in asked if model(token) not in (None, token)}
    return tuple(t for t in asked if t not in bare and (model(t) is not None or (t.isdigit() and t in _named())))


def _rank(
    passage: Passage, far: float, asked: Sequence[str], wanted: Sequence[str]
) -> tuple[tuple[int, float, int, float, str], Hit]:
    about, body = set(tokens(passage.about)), set(tokens(f"{passage.en}\n{passage.zh}"))
    weights = {token: MODEL_WEIGHT if any(c.isdigit() for c in token) else 1 for token in asked}
    covered = sum(w for token, w in weights.items() if token in about | body) / sum(weights.values())
    kin = {model(one) or one for one in wanted}
    tiers = (set(wanted) & about, set(wanted) & body, kin & about, kin & body)
    tier = next((i for i, held in enumerate(tiers) if held), len(tiers)) if wanted else 0
    place = (tier, -round(covered, 6), KINDS.index(passage.kind), far, passage.id)
    return place, Hit(passage, round(covered, 6))


def _notices(wanted: Sequence[str]) -> tuple[Notice, ...]:
    return tuple(notice for one in wanted if (notice := _notice(one)) is not None)


def _notice(wanted: str) -> Notice | None:
    on_it = [s for s in statements().values() if wanted in tokens(" ".join(s.about))]
    if on_it and all(s.verdict == "unconfirmed" for s in on_it):
        instead = [statements()[s.instead] for s in on_it if s.instead]
        return Notice("unconfirmed", wanted.upper(), (*on_it, *instead))
    if wanted not in _named():
        return Notice("unknown", wanted.upper())
    return None
