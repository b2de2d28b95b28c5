"""A text in sentences, each in one language."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from headrace.brief.fold import CHINESE, folded
from headrace.errors import CallError

if TYPE_CHECKING:
    from collections.abc import Iterator

QUOTE: Final = "”’」』）"
END: Final = re.compile(
    rf"(?<=[。！？；])(?![{QUOTE}])|(?<=[。！？；][{QUOTE}])"
    r"|(?<!\b[A-Z]\.[A-Z]\.)(?:(?<=[.!?])|(?<=[.!?][\"')”’]))\s+(?=[A-Z“\"'0-9\u4e00-\u9fff-])"
)
"""After a full stop, and the quotation mark that may follow it; not within U.S. Commerce."""
MOST_SENTENCES: Final = 10_000
MOST_LENGTH: Final = 2_000
MOSTLY: Final = 4
"""A sentence is Chinese if one in so many of its characters is."""


@dataclass(frozen=True)
class Sentence:
    """A sentence as it stands in line `line`, its folded form, and its language."""

    text: str
    folded: str
    lang: str
    line: int


def sentences(text: str) -> Iterator[Sentence]:
    """The sentences of `text`; a longer one than 2,000 characters in pieces. CallError for over 10,000 of them."""
    count = 0
    for number, line in enumerate(text.splitlines(), 1):
        for piece in _pieces(line):
            count += 1
            if count > MOST_SENTENCES:
                raise CallError(f"this text has over {MOST_SENTENCES:,} sentences; check it in parts")
            yield Sentence(piece, folded(piece), _language(piece), number)


def _pieces(line: str) -> Iterator[str]:
    for sentence in filter(None, map(str.strip, END.split(line))):
        yield from (sentence[i : i + MOST_LENGTH] for i in range(0, len(sentence), MOST_LENGTH))


def _language(text: str) -> str:
    return "zh" if len(CHINESE.findall(text)) * MOSTLY >= len(text) else "en"
