"""Names and other text that came from a user: made safe to print anywhere, once, before any form is chosen.

Escaping for HTML or JSON is the business of that form; what no form should ever print goes here: terminal escapes and
other control characters, marks that turn the writing direction, and halves of characters.
"""

from __future__ import annotations

import unicodedata
from typing import Final

JOINERS: Final = "\u200c\u200d"
"""Invisible, but part of the spelling of some scripts."""
DROPPED: Final = frozenset({"Cc", "Cf"})
SPACES: Final = frozenset({"Zl", "Zp"})


def plain(text: str) -> str:
    """`text` on one line, without control characters or direction marks; a broken character becomes U+FFFD."""
    return "".join(_plain_character(character) for character in text)


def short(text: str, limit: int) -> str:
    """`text` made plain and cut to `limit` characters, the last of them an ellipsis if anything was cut."""
    whole = plain(text)
    return whole if len(whole) <= limit else whole[: limit - 1] + "…"


def _plain_character(character: str) -> str:
    category = unicodedata.category(character)
    if character in "\n\r\t" or category in SPACES:
        return " "
    if category in DROPPED and character not in JOINERS:
        return ""
    return "\ufffd" if category == "Cs" else character
