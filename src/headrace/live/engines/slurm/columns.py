"""Columns of a fixed width, which nothing that anybody writes can shift: how sinfo is asked.

    sinfo -O "NodeList:64,Reason:96"    ->    each row is 160 bytes and a line end, whatever the reason holds

An operator's reason may hold line ends, any separator, and terminal codes. Separated texts and `key=value` would let it
pose as another row; JSON changes its types with every version, and lacks fields in 22.05. Widths have been the same
since 14.03. What does not fit is cut off: a value that fills its column is treated as not known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import TypeAlias

from headrace.errors import EngineError

Columns: TypeAlias = Mapping[str, int]
"""Slurm's name of a column -> its width in bytes."""


def wanted(columns: Columns) -> str:
    """The value of the option -O that asks for `columns`."""
    return ",".join(f"{name}:{width}" for name, width in columns.items())


def cut(printed: bytes, columns: Columns, command: str) -> Sequence[dict[str, str]]:
    """The rows of `printed`, by column. EngineError where it is not made of such rows."""
    size = sum(columns.values()) + 1
    if len(printed) % size or any(printed[at] != 0x0A for at in range(size - 1, len(printed), size)):
        raise EngineError(f"{command} printed {len(printed)} bytes, which are no rows of {size}; is it Slurm's own?")
    spans = _spans(columns)
    return [_row(printed[at : at + size], spans) for at in range(0, len(printed), size)]


def _row(line: bytes, spans: Mapping[str, slice]) -> dict[str, str]:
    if line.isascii():
        text = line.decode("ascii")
        return {name: text[span].rstrip(" ") for name, span in spans.items()}
    return {name: line[span].decode(errors="replace").rstrip(" ") for name, span in spans.items()}


def _spans(columns: Columns) -> dict[str, slice]:
    """Column -> its bytes in a row."""
    ends = accumulate(columns.values())
    return {name: slice(end - columns[name], end) for name, end in zip(columns, ends, strict=True)}


def whole(value: str, width: int) -> bool:
    """Whether `value` is all that there was: it does not fill its column."""
    return len(value.encode()) < width
