"""Slurm's parsable text (`sacct -P`, `sacctmgr -P`): a header, then a row a line, with nothing to protect a field.

    JobID|State|AdminComment
    17|COMPLETED|JS1:H4sIAAA...
    17.batch|COMPLETED|              a step: skipped, counted
    18|FAILED|tried | once           a delimiter in the only free text: understood
    19|FAILED|tried                  a line's end in a free text: broken into two lines, one reject
    once

Every line with text is one of: header, row, skipped, reject, or the rest of a broken row.
"""

from __future__ import annotations

import re
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import polars as pl

from headrace.errors import InputError
from headrace.history.files import GZIP
from headrace.history.log import LINE, MAX_TEXT, TEXT, Reject, reject
from headrace.history.table import line_blocks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

_FIRST: Final = re.compile(r"[A-Za-z]+(?: [A-Za-z]+)?([^A-Za-z]*)")
_FIELDS: Final = "#fields"


@dataclass(frozen=True)
class Form:
    """What to take from a table. A table without any of the columns `keys` is another one.

    `wanted` are columns to keep ("" where absent), the keys among them; `free` may hold any text, a delimiter too;
    rows of which a key matches `skipped` are left out; `command` makes such a table. Names are in lower case.
    """

    keys: tuple[str, ...]
    wanted: tuple[str, ...]
    free: frozenset[str]
    command: str
    skipped: str = r"^\b$"


@dataclass(frozen=True)
class Header:
    """The first line: its number and text, the column names in lower case, and what stands between fields."""

    line: int
    text: str
    names: tuple[str, ...]
    delimiter: str

    @property
    def width(self) -> int:
        return len(self.names)


class Block(NamedTuple):
    """Some rows as text columns (with LINE and TEXT), the rejects among them, and how many other lines were what."""

    rows: pl.DataFrame
    rejects: list[Reject]
    lines: Counter[str]


class _Piece(NamedTuple):
    line: int
    fields: int
    text: str


def read_header(path: Path, form: Form) -> Header:
    """The header of the table in `path`. InputError where it is none, or not that of such a table."""
    with closing(line_blocks(path)) as blocks:
        first = next(
            ((n, text) for start, lines in blocks for n, text in enumerate(lines, start) if text.strip()), None
        )
    if first is None:
        raise InputError(str(path), "holds blank lines only", f"make it with {form.command}")
    names, delimiter = _split_header(path, first[1], form)
    twice = [name for name, count in Counter(names).items() if name and count > 1]
    if twice:
        raise InputError(f"{path}, line {first[0]}", f"names the column {twice[0][:60]!r} twice", "name each once")
    return Header(first[0], first[1], names, delimiter)


def _split_header(path: Path, text: str, form: Form) -> tuple[tuple[str, ...], str]:
    begin = _FIRST.match(text.lstrip())
    if text.lstrip().startswith("{"):
        raise InputError(str(path), "is JSON", f"the text form is read: {form.command}")
    if begin is None:
        raise InputError(str(path), "has no header line", f"leave out -n (--noheader): {form.command}")
    delimiter = begin[1] or "|"
    names = tuple(name.strip().lower() for name in text.split(delimiter))
    if not delimiter.strip(" ") and any(key in text.lower().split() for key in form.keys):
        raise InputError(str(path), "is a table for people, whose columns are cut short", f"add -P: {form.command}")
    if not any(key in names for key in form.keys):
        raise InputError(str(path), f"has no column {form.keys[0]!r}", f"make it with {form.command}")
    if delimiter == ",":
        raise InputError(str(path), "has fields parted by commas, which stand inside fields too", form.command)
    return names, delimiter


def read_blocks(path: Path, header: Header, form: Form) -> Iterator[Block]:
    """The table's rows, block by block; the last block has no rows, only the rejects of rows broken into lines.

    InputError where the file ends in the middle of a row.
    """
    pieces: list[_Piece] = []
    last = 0
    for number, lines in line_blocks(path):
        block, short = _block(lines, number, header, form)
        pieces += short
        last = number + len(lines) - 1
        yield block
    if pieces and pieces[-1].line == last and not _ends_its_line(path):
        raise InputError(f"{path}, line {last}", "is cut off in the middle of a row", "copy the whole file again")
    broken = list(_broken(pieces, header.width))
    yield Block(_no_rows(form), broken, Counter(rest=len(pieces) - len(broken)))


def looked_up(
    frame: pl.DataFrame, column: str, answer: Callable[[str], tuple[object, ...]], kinds: Mapping[str, pl.DataType]
) -> pl.DataFrame:
    """`frame` with the columns in `kinds`, as `answer` gives them for each text in `column`, asked once for each."""
    rows = [(text, *answer(text)) for text in frame[column].unique(maintain_order=True)]
    table = pl.DataFrame(rows, schema={column: pl.String(), **kinds}, orient="row")
    return frame.join(table, on=column, how="left", maintain_order="left")


def _block(lines: list[str], number: int, header: Header, form: Form) -> tuple[Block, list[_Piece]]:
    frame = pl.DataFrame({TEXT: lines}, schema={TEXT: pl.String}).with_row_index(LINE, number)
    text = frame.filter(pl.col(TEXT).str.strip_chars() != "")
    below = text.filter(pl.col(TEXT) != header.text)
    counts = Counter(header=text.height - below.height)
    fields = pl.col(TEXT).str.count_matches(header.delimiter, literal=True).cast(pl.Int64) + 1
    below = below.with_columns(fields.alias(_FIELDS))
    whole, skipped = _parted(_columns(below.filter(pl.col(_FIELDS) == header.width), header, form), form)
    long, skipped_long = _parted(_surplus(below.filter(pl.col(_FIELDS) > header.width), header, form), form)
    understood = _free_names(header, form) == 1
    rows = pl.concat([whole, long]).sort(LINE) if understood and long.height else whole
    rejects = [] if understood else _too_long(long, header)
    counts.update(skipped=skipped + skipped_long)
    short = below.filter(pl.col(_FIELDS) < header.width).select(LINE, _FIELDS, TEXT)
    return Block(rows.drop(_FIELDS), rejects, counts), [_Piece(n, k, t[:MAX_TEXT]) for n, k, t in short.iter_rows()]


def _columns(frame: pl.DataFrame, header: Header, form: Form) -> pl.DataFrame:
    """The wanted columns of rows that have as many fields as the header."""
    parts = pl.col(TEXT).str.split(header.delimiter)
    place = {name: i for i, name in enumerate(header.names)}
    return _picked(
        frame.with_columns(parts.alias("#parts")), form, {n: pl.col("#parts").list.get(place[n]) for n in place}
    )


def _surplus(frame: pl.DataFrame, header: Header, form: Form) -> pl.DataFrame:
    """The wanted columns of rows with too many fields, as if the surplus were in the first free text there is."""
    at = next((i for i, name in enumerate(header.names) if name in form.free), header.width - 1)
    frame = frame.with_columns(pl.col(TEXT).str.split(header.delimiter).alias("#parts"))
    more = pl.col(_FIELDS) - header.width
    middle = pl.col("#parts").list.slice(at, more + 1).list.join(header.delimiter)
    place = {n: pl.col("#parts").list.get(i if i < at else more + i) for i, n in enumerate(header.names)}
    return _picked(frame, form, place | {header.names[at]: middle})


def _picked(frame: pl.DataFrame, form: Form, place: dict[str, pl.Expr]) -> pl.DataFrame:
    wanted = [place.get(name, pl.lit("")).str.strip_chars().alias(name) for name in form.wanted]
    return frame.select(LINE, TEXT, _FIELDS, *wanted)


def _no_rows(form: Form) -> pl.DataFrame:
    return pl.DataFrame(schema={LINE: pl.UInt32, TEXT: pl.String} | dict.fromkeys(form.wanted, pl.String))


def _parted(frame: pl.DataFrame, form: Form) -> tuple[pl.DataFrame, int]:
    """`frame` without the rows that are to be skipped, and how many those were."""
    kept = frame.filter(~pl.any_horizontal(pl.col(key).str.contains(form.skipped) for key in form.keys))
    return kept, frame.height - kept.height


def _free_names(header: Header, form: Form) -> int:
    return sum(name in form.free for name in header.names)


def _too_long(frame: pl.DataFrame, header: Header) -> list[Reject]:
    said = f"fields where the header has {header.width}: a {header.delimiter!r} stands inside one of them"
    return [reject(n, f"has {k} {said}", t) for n, k, t in frame.select(LINE, _FIELDS, TEXT).iter_rows()]


def _broken(pieces: Sequence[_Piece], width: int) -> Iterator[Reject]:
    """One reject for each row that a line's end inside a field has broken into several lines."""
    for first, lines, fields in _joined(pieces, width):
        said = f"has {fields} fields where the header has {width}"
        broken = f"is broken into {lines} lines by a line's end inside a field"
        yield reject(first.line, said if lines == 1 else broken, first.text)


def _joined(pieces: Iterable[_Piece], width: int) -> Iterator[tuple[_Piece, int, int]]:
    """Neighbouring short lines that make one row together: its first piece, how many lines, how many fields."""
    first: _Piece | None = None
    lines = fields = 0
    for piece in pieces:
        if first is not None and piece.line == first.line + lines and fields + piece.fields - 1 <= width:
            lines, fields = lines + 1, fields + piece.fields - 1
        else:
            if first is not None:
                yield first, lines, fields
            first, lines, fields = piece, 1, piece.fields
        if fields == width and lines > 1:
            yield first, lines, fields
            first = None
    if first is not None:
        yield first, lines, fields


def _ends_its_line(path: Path) -> bool:
    """Whether the last byte ends a line; a gzip stream that is cut off is found out by itself."""
    with path.open("rb") as file:
        if file.read(2) == GZIP:
            return True
        file.seek(-1, 2)
        return file.read(1) == b"\n"
