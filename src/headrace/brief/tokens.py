"""What a text is searched by: words, pairs of Chinese characters, and the numbers of models with and without suffix."""

from __future__ import annotations

import re
from typing import Final

from headrace.brief.fold import CJK, folded

PIECE: Final = re.compile(rf"[a-z0-9]+|[{CJK}]+")
MODEL: Final = re.compile(r"([a-z]{0,3})(\d{2,4})([a-z]{0,2})")
NO_MODEL: Final = frozenset({"fp", "bf", "tf", "int", "hbm", "ddr", "fy", "q", "gen", "pue", "no"})
"""Letters that make a number something else than a model: fp8, hbm3, fy2026."""
NO_SUFFIX: Final = frozenset({"k", "m", "g", "gb", "tb", "mb", "w", "kw", "nm", "s", "h", "th", "st", "nd", "rd", "x"})
"""Letters that make a number a quantity."""
IGNORED: Final = frozenset(
    ("a", "an", "and", "are", "as", "at", "be", "by", "for", "from", "in", "is", "it", "its", "of", "on", "or", "that")
) | {"the", "this", "to", "was", "were", "what", "which", "with"}


def tokens(text: str) -> list[str]:
    """The tokens of `text`, in their order."""
    found: list[str] = []
    for piece in PIECE.findall(folded(text)):
        if piece.isascii():
            found += _latin(piece)
        else:
            found += [piece[i : i + 2] for i in range(len(piece) - 1)] or [piece]
    return found


def model(token: str) -> str | None:
    """The bare number of a model with a suffix (910 of 910c), the token itself of any other model, else None."""
    match = MODEL.fullmatch(token)
    if match is None:
        return None
    if match[1]:
        return None if match[1] in NO_MODEL else token
    return match[2] if match[3] and match[3] not in NO_SUFFIX and len(match[2]) > 2 else None


def _latin(piece: str) -> list[str]:
    """A word without its plural, or a model together with its bare number."""
    if piece in IGNORED:
        return []
    if piece.isalpha():
        return [piece[:-1] if len(piece) > 3 and piece.endswith("s") and not piece.endswith("ss") else piece]
    bare = model(piece)
    return [piece] if bare in (None, piece) else [piece, bare]
