"""Text folded so that what means the same is written the same: 昇腾920, Ascend 920 and ＡＳＣＥＮＤ９２０ alike.

width and case ──> no control characters ──> no blanks beside Chinese ──> one name a vendor ──> one form a model
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Final

from headrace.catalog.shipped import rows, shipped

CJK: Final = r"\u3400-\u9fff\uf900-\ufaff"
CHINESE: Final = re.compile(rf"[{CJK}]")
BESIDE_CJK: Final = re.compile(rf"(?<=[{CJK}]) +| +(?=[{CJK}])")
NAME_AND_NUMBER: Final = re.compile(r"(?<![a-z0-9])([a-z]{4,})(?=\d)")
"""A line's name that runs into its number, as in ascend920."""
LETTER_APART: Final = re.compile(r"(?<![a-z0-9])([hblv]|mi|gb) (?=\d{2,3}(?![\d.,%]))")
"""A letter that stands apart from its number, as in H 20."""
SUFFIX_APART: Final = re.compile(r"(?<![\d.,])(\d{3,4}) (?=(?:b|c|d|dt|pr)(?![a-z0-9]))")
"""A suffix that stands apart from its number, as in 910 C."""


def folded(text: str) -> str:
    """`text` in the form in which texts are compared."""
    seen = unicodedata.normalize("NFKC", text).casefold()
    seen = "".join(" " if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") else c for c in seen)
    seen = BESIDE_CJK.sub("", " ".join(seen.split()))
    pattern, canonical = _aliases()
    seen = pattern.sub(lambda match: canonical[match.group()], seen)
    seen = NAME_AND_NUMBER.sub(r"\1 ", " ".join(seen.split()))
    return SUFFIX_APART.sub(r"\1", LETTER_APART.sub(r"\1", seen))


@cache
def _aliases() -> tuple[re.Pattern[str], dict[str, str]]:
    """What finds every word that has another name, and that name; a Chinese one is set apart by blanks."""
    canonical = {row["word"]: row["canonical"] for _, row in rows(shipped("aliases.csv"))}
    latin = [re.escape(word) for word in canonical if word.isascii()]
    other = [re.escape(word) for word in canonical if not word.isascii()]
    pattern = re.compile(rf"(?<![a-z0-9])(?:{'|'.join(latin)})(?![a-z0-9])|{'|'.join(other)}")
    return pattern, {word: name if word.isascii() else f" {name} " for word, name in canonical.items()}
