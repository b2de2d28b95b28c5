"""The topics that briefs are written on: which statements, in which order."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from headrace.brief.fold import folded
from headrace.brief.statements import Statement, statements
from headrace.brief.tokens import tokens
from headrace.catalog.shipped import shipped, tables
from headrace.errors import CallError

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class Group:
    """Three statements under a title."""

    title_en: str
    title_zh: str
    statements: tuple[Statement, ...]

    def title(self, lang: str) -> str:
        """The title in `lang`."""
        return self.title_en if lang == "en" else self.title_zh


@dataclass(frozen=True)
class Topic:
    """What a brief is made of: `summary` and `comment` are paragraphs of statements."""

    key: str
    names: tuple[str, ...]
    title_en: str
    title_zh: str
    core: tuple[Statement, ...]
    groups: tuple[Group, ...]
    summary: tuple[tuple[Statement, ...], ...]
    comment: tuple[tuple[Statement, ...], ...]

    def title(self, lang: str) -> str:
        """The title in `lang`."""
        return self.title_en if lang == "en" else self.title_zh


@cache
def topics() -> dict[str, Topic]:
    """Every topic, by its key."""
    return {key: _topic(key, table) for key, table in tables(shipped("topics.toml")).items()}


def topic(asked: str) -> Topic:
    """The topic called `asked`, by its key or one of its names. CallError, with the keys, for any other."""
    wanted = set(tokens(asked[:400]))
    for one in topics().values():
        if folded(asked) in {folded(name) for name in (one.key, *one.names)}:
            return one
    for one in topics().values():
        if wanted and any(wanted == set(tokens(name)) for name in (one.key, *one.names)):
            return one
    raise CallError(f"there is no brief on {asked[:80]!r}; {', '.join(topics())} are possible")


def _topic(key: str, table: dict[str, Any]) -> Topic:
    return Topic(
        key=key,
        names=tuple(table["names"]),
        title_en=table["title_en"],
        title_zh=table["title_zh"],
        core=_named(table["core"]),
        groups=tuple(Group(g["title_en"], g["title_zh"], _named(g["statements"])) for g in table["groups"]),
        summary=tuple(_named(ids) for ids in table["summary"]),
        comment=tuple(_named(ids) for ids in table["comment"]),
    )


def _named(ids: Iterable[str]) -> tuple[Statement, ...]:
    known = statements()
    return tuple(known[id] for id in ids)
