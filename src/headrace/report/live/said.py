"""What engines say of a job that they hold, in the reader's language.

Engines speak English. Their sentences stand in words/en.toml under `live.said`, with a name in braces wherever they put
a word of the fleet's; said in another language, the words are put into the sentence of the same key. What is not among
them is shown as it was said: the words of Slurm itself, say.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from headrace.report.words import load

if TYPE_CHECKING:
    from headrace.report.words import Words

TABLE: Final = "live.said."
_NAMES: Final = re.compile(r"\\{(\w+)\\}")


def said(text: str, words: Words) -> str:
    """`text`, an engine's own words, in the language of `words`."""
    for key, known in _forms():
        if found := known.fullmatch(text):
            return words(key, **found.groupdict())
    return text


@cache
def _forms() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Each sentence that engines say, as a pattern with a group for each of its names."""
    english = load("en").messages
    return tuple((key, form(text)) for key, text in english.items() if key.startswith(TABLE))


def form(text: str) -> re.Pattern[str]:
    """What matches `text`, with a group for each name that stands in braces in it."""
    return re.compile(_NAMES.sub(r"(?P<\1>.+?)", re.escape(text)))
