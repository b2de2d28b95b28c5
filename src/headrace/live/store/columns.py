"""Types of columns: what Headrace means by a value, and how a database keeps it.

An instant that does not come (NEVER) and a length that is not known (UNKNOWN) are NULL: "not known" is not a number.
Words are stored as words, lists as JSON, so that a person who looks into the tables can read them.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import BigInteger, Integer, String, Text, TypeDecorator

from headrace.units import NEVER, UNKNOWN

if TYPE_CHECKING:
    from enum import Enum

    from sqlalchemy import Dialect

ENCODER: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False)
SEQUENCE: Final = BigInteger().with_variant(Integer, "sqlite")
"""A key that the database counts up; SQLite does so for INTEGER alone."""


def clean(text: str) -> str:
    """`text` as both databases can keep it: without NUL, and without halves of characters (from bytes read loosely)."""
    if text.isascii() and "\0" not in text:
        return text
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")


def canonical(value: object) -> str:
    """The one JSON text of `value`: keys sorted, no spaces, ASCII alone. ValueError for what JSON cannot say (NaN)."""
    return ENCODER.encode(value)


class Words(TypeDecorator[str]):
    """Free text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else clean(value)


class _Absent(TypeDecorator[int]):
    """An integer of which one value means that there is none."""

    impl = BigInteger
    cache_ok = True
    absent: int

    def process_bind_param(self, value: int | None, dialect: Dialect) -> int | None:
        return None if value == self.absent else value

    def process_result_value(self, value: int | None, dialect: Dialect) -> int:
        return self.absent if value is None else value


class Instant(_Absent):
    """Milliseconds since 1970, UTC; NULL: NEVER."""

    cache_ok = True
    absent = NEVER


class Length(_Absent):
    """Milliseconds; NULL: UNKNOWN."""

    cache_ok = True
    absent = UNKNOWN


class Member(TypeDecorator[Any]):
    """A member of an enumeration, as its name in small letters."""

    impl = String(16)
    cache_ok = True

    def __init__(self, of: type[Enum]) -> None:
        super().__init__()
        self.of = of

    def process_bind_param(self, value: Enum | None, dialect: Dialect) -> str | None:
        return None if value is None else value.name.lower()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Enum | None:
        return None if value is None else self.of[value.upper()]


class Names(TypeDecorator[tuple[str, ...]]):
    """Names in their order, as a JSON list."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str:
        return canonical(value or ())

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...]:
        return tuple(json.loads(value or "[]"))


class Places(TypeDecorator[tuple[tuple[str, int], ...]]):
    """Nodes with their chips' masks, as a JSON list of pairs."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[tuple[str, int], ...] | None, dialect: Dialect) -> str:
        return canonical(value or ())

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[tuple[str, int], ...]:
        return tuple((node, mask) for node, mask in json.loads(value or "[]"))


class Counts(TypeDecorator[dict[str, int]]):
    """How many of each name, as a JSON object."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: dict[str, int] | None, dialect: Dialect) -> str:
        return canonical(value or {})

    def process_result_value(self, value: str | None, dialect: Dialect) -> dict[str, int]:
        return dict(json.loads(value or "{}"))
