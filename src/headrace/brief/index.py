"""Full text in SQLite's FTS5: passages go in as their tokens, and a query can only ever be a list of quoted tokens."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Final

from headrace.brief.tokens import tokens
from headrace.errors import CallError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from headrace.brief.passages import Passage

TABLE: Final = 'CREATE VIRTUAL TABLE {name} USING fts5(about, body, tokenize = "unicode61")'
FIND: Final = "SELECT rowid, bm25({name}, 4.0, 1.0) AS far FROM {name} WHERE {name} MATCH ? ORDER BY far, rowid LIMIT ?"
MOST_TOKENS: Final = 48
MOST_QUERY: Final = 400


def asked_tokens(query: str) -> list[str]:
    """The tokens of a query, each once, of its first 400 characters."""
    return list(dict.fromkeys(tokens(query[:MOST_QUERY])))[:MOST_TOKENS]


def matching(asked: list[str]) -> str:
    """The query in FTS5's language: any of these tokens. Quoted, none of them can be an operator."""
    return " OR ".join(f'"{token}"' for token in asked)


def built(passages: Iterable[Passage]) -> sqlite3.Connection:
    """An index in memory of passages, whose row ids are their places, from 1. CallError where SQLite has no FTS5."""
    index = sqlite3.connect(":memory:")
    try:
        index.execute(TABLE.format(name="found"))
    except sqlite3.OperationalError as error:
        raise CallError(f"this Python's SQLite cannot search text ({error}); one built with FTS5 can") from error
    index.executemany(
        "INSERT INTO found (about, body) VALUES (?, ?)",
        ((" ".join(tokens(one.about)), " ".join(tokens(f"{one.en}\n{one.zh}"))) for one in passages),
    )
    return index


def find(index: sqlite3.Connection, name: str, asked: list[str], most: int) -> list[tuple[int, float]]:
    """Row ids in table `name` that hold any token asked for, with their distance (smaller is nearer)."""
    if not asked:
        return []
    return [(row, far) for row, far in index.execute(FIND.format(name=name), (matching(asked), most))]
