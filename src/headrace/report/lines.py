"""Text broken into lines of a terminal's width, in Chinese too: between characters, but never before a closing mark."""

from __future__ import annotations

import re
from typing import Final

from rich.cells import cell_len, chop_cells

CLOSING: Final = "，。、；：！？）》」』”’…"
OPENING: Final = "（《「『“‘"
WIDE: Final = r"\u2e80-\u9fff\uf900-\ufaff\uff00-\uff60"
PIECE: Final = re.compile(rf"[{OPENING}]*(?:`[^`]*`|[{WIDE}“”‘’…]|[^\s{WIDE}“”‘’…]+)[{CLOSING}]*|\s+")
"""What stays together: code, a Chinese character, or a run of others, with the marks that belong to it; or blanks."""


def broken(text: str, width: int, hanging: int = 0) -> list[str]:
    """`text` in lines of at most `width` cells, those after the first indented by `hanging` blanks."""
    lines = [""]
    for piece in _fitting(PIECE.findall(text), max(width - hanging, 2)):
        if cell_len(lines[-1] + piece.rstrip()) > width and lines[-1].strip():
            lines[-1] = lines[-1].rstrip()
            lines.append(" " * hanging + piece.lstrip())
        else:
            lines[-1] += piece
    return [line.rstrip() for line in lines]


def _fitting(pieces: list[str], width: int) -> list[str]:
    """The pieces, with any that is wider than a line chopped."""
    return [part for piece in pieces for part in (chop_cells(piece, width) if cell_len(piece) > width else [piece])]
