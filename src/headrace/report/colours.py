"""The palette as CSS: a custom property for each colour, in the light and in the dark, and a mark for each class."""

from __future__ import annotations

from headrace.explain.ledger import Class
from headrace.report.palette import DARK, GRID, INK, LIGHT, PAPER, QUIET, TOTAL, WASH


def css() -> str:
    """`--ink`, `--down`, ... by `prefers-color-scheme`; an element with the class's word has its `--colour`."""
    light, dark = ("".join(f"--{name}:{pair[i]};" for name, pair in pairs().items()) for i in (0, 1))
    marks = "".join(f".{c.word}{{--colour:var(--{c.word})}}" for c in Class)
    return f":root{{{light}}}\n@media (prefers-color-scheme:dark){{:root{{{dark}}}}}\n{marks}\n"


def pairs() -> dict[str, tuple[str, str]]:
    """Name -> (light, dark)."""
    named = {"ink": INK, "quiet": QUIET, "grid": GRID, "paper": PAPER, "wash": WASH, "whole": TOTAL}
    return named | {c.word: (LIGHT[c], DARK[c]) for c in Class}
