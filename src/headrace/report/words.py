"""Every word that Headrace shows, by key and language: `words/en.toml` and `words/zh.toml`, with equal keys.

A key that does not exist, or a value that a message needs and is not given, is an error: never a blank on the screen.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from headrace.errors import CallError

if TYPE_CHECKING:
    from collections.abc import Mapping

LANGUAGES: Final = ("en", "zh")
TAGS: Final = {"en": "en", "zh": "zh-CN"}
"""The languages' names in HTML."""


@dataclass(frozen=True)
class Words:
    """The messages of one language: `words("answer.paid", hours="12")`."""

    lang: str
    messages: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        if key not in self.messages:
            raise LookupError(f"words/{self.lang}.toml has no message {key!r}")
        return self.messages[key].format(**values)


def languages(lang: str) -> tuple[str, ...]:
    """The languages that `lang` (en, zh or both) asks for, in the order in which they are shown."""
    if lang == "both":
        return LANGUAGES
    if lang not in LANGUAGES:
        raise CallError(f"there is no language {lang!r}; {', '.join(LANGUAGES)} and both are possible")
    return (lang,)


@cache
def load(lang: str) -> Words:
    """The words of one language."""
    return Words(lang, messages(lang))


def messages(lang: str) -> dict[str, str]:
    """Key -> message, the tables of the file joined by dots: `[class] down = "..."` is `class.down`."""
    text = (files("headrace.report") / "words" / f"{lang}.toml").read_text(encoding="utf-8")
    return dict(_flat(tomllib.loads(text), ""))


def _flat(table: dict[str, Any], prefix: str) -> list[tuple[str, str]]:
    lines: list[tuple[str, str]] = []
    for key, value in table.items():
        lines += _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else [(prefix + key, str(value))]
    return lines
