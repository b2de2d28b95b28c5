"""From a file's bytes to typed columns: decoding, splitting, and turning text into times and numbers.

    bytes (.gz or not) -> blocks of whole lines -> frame of strings -> frame of types
                              InputError               Reject             Reject

What makes the file unusable (cut off, binary, not UTF-8, a column short) is one InputError. What makes a row unusable
is a Reject. A block holds some MiB of text, so that memory follows the typed columns and not the text.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Final

import polars as pl

from headrace.errors import CallError, InputError
from headrace.history.files import UTF8_MARK, opened
from headrace.history.log import LINE, MAX_TEXT, TEXT, TIME, Reject, Rule, refuse, rule

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping, Sequence
    from datetime import tzinfo
    from pathlib import Path

BLOCK: Final = 8 * 2**20
PAGE: Final = 2**12
LONGEST_LINE: Final = 16 * 2**20
BLANKS: Final = ("nan", "NaN", "NaT", "null", "NULL", "None", "NA")
"""What other programs write for an empty number or time."""

UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
QUOTED: Final = r'(^|,)"(?:[^"]|"")*"'
ISO_8601: Final = (
    r"^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d(?:\.\d{1,9})?)?"  # the date, the minute, the seconds
    r" ?(Z|z|[+-](?:0\d|1[0-4])(?::?[0-5]\d)?)?$"  # the zone
)

NO_TIME: Final = "not a time such as 2025-03-01T08:00:00Z"
STATE_THE_ZONE: Final = "end each in Z or +08:00, or state the zone of all of them, such as Asia/Shanghai"


def head(path: Path, size: int = 65536) -> bytes:
    """The first `size` bytes, unpacked. An empty file is an InputError."""
    with opened(path) as file:
        start = file.read(size)
    if not start:
        raise InputError(str(path), "is empty", "a job log has a header and a row for each run")
    return start


def line_blocks(path: Path) -> Generator[tuple[int, list[str]]]:
    """The text of `path` in blocks of whole lines, each block with the number of its first line (from 1)."""
    number = 1
    with opened(path) as file:
        carry = file.read(PAGE).removeprefix(UTF8_MARK)
        _refuse_unlike_text(path, carry)
        while data := file.read(BLOCK):
            whole, end, carry = (carry + data).rpartition(b"\n")
            if end:
                lines = _decoded(path, whole, number)
                yield number, lines
                number += len(lines)
            elif len(carry) > LONGEST_LINE:
                raise InputError(f"{path}, line {number}", "has no end within 16 MiB", "a job log has a row a line")
    if carry:
        yield number, _decoded(path, carry, number)


def _refuse_unlike_text(path: Path, start: bytes) -> None:
    if not start:
        raise InputError(str(path), "is empty", "a job log has a header and a row for each run")
    if start.startswith(UTF16):
        raise InputError(str(path), "is UTF-16 text", "save it as UTF-8")


def _decoded(path: Path, block: bytes, number: int) -> list[str]:
    if b"\0" in block:
        line = number + block[: block.index(b"\0")].count(b"\n")
        raise InputError(f"{path}, line {line}", "is binary, not text", "a job log is CSV or Parquet")
    try:
        text = block.decode()
    except UnicodeDecodeError as error:
        line = number + block[: error.start].count(b"\n")
        raise InputError(
            f"{path}, line {line}", "is not UTF-8 text", "save it as UTF-8; it may be GBK or Latin-1"
        ) from error
    if "\r" in text:
        text = text.replace("\r\n", "\n").removesuffix("\r")
    return text.split("\n")


def header(path: Path) -> list[str]:
    """The names in the first line of a CSV file. Twice the same name is an InputError."""
    with opened(path) as file:
        start = file.readline(LONGEST_LINE).removeprefix(UTF8_MARK)
    _refuse_unlike_text(path, start)
    lines = _decoded(path, start, 1)
    try:
        names = [name.strip() for name in next(csv.reader(lines[:1]), [])]
    except csv.Error as error:
        raise InputError(
            f"{path}, line 1", "is no header of a CSV file", "names parted by commas are needed"
        ) from error
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise InputError(f"{path}, line 1", f"names the column {twice[0][:60]!r} twice", "each column has one name")
    return names


def tables(
    path: Path, kinds: Mapping[str, pl.DataType], required: Sequence[str], tz: tzinfo | None
) -> Iterator[tuple[pl.DataFrame, list[Reject]]]:
    """The rows of a CSV file, block by block, typed by `kinds`, with LINE and TEXT; and the rejects.

    Columns that `kinds` does not name stay text. A time without a zone is read in `tz`; without a `tz` its row is a
    reject. Raises InputError where a column of `required` is absent.
    """
    names = header(path)
    missing = [name for name in required if name not in names]
    if missing:
        found = ", ".join(names)[:MAX_TEXT]
        raise InputError(str(path), f"has no column {missing[0]!r}", f"the columns found are: {found}")
    if any(name.startswith("#") for name in names):
        raise InputError(f"{path}, line 1", "has a column whose name begins with #", "give it another name")
    for number, lines in line_blocks(path):
        rows, ragged = _split(lines, number, names)
        refuse_naive(path, rows, kinds, tz)
        typed, wrong = conform(rows, kinds, tz)
        yield typed, ragged + wrong


def _split(lines: list[str], number: int, names: list[str]) -> tuple[pl.DataFrame, list[Reject]]:
    """Lines to fields. A row is one line; quotation marks enclose whole fields, doubled inside (RFC 4180)."""
    frame = pl.DataFrame({TEXT: lines}, schema={TEXT: pl.String}).with_row_index(LINE, number)
    frame = frame.filter(pl.col(TEXT).str.strip_chars() != "", pl.col(LINE) > 1)
    quoted = frame[TEXT].str.contains('"', literal=True).any()
    bare = pl.col(TEXT).str.replace_all(QUOTED, "${1}\0") if quoted else pl.col(TEXT)
    frame = frame.with_columns(bare.alias("#bare"))
    fields = pl.col("#bare").str.count_matches(",", literal=True) + 1
    rows, wrong = refuse(
        frame.with_columns(fields.alias("#fields")),
        [
            rule(pl.col("#bare").str.contains('"|\0[^,]'), "has a quotation mark that does not enclose a field"),
            rule(pl.col("#fields") != len(names), f"has {{}} fields where the header has {len(names)}", "#fields"),
        ],
    )
    return pl.concat([rows.select(LINE, TEXT), _fields(rows[TEXT], names)], how="horizontal"), wrong


def _fields(lines: pl.Series, names: list[str]) -> pl.DataFrame:
    schema = dict.fromkeys(names, pl.String())
    if lines.is_empty():
        return pl.DataFrame(schema=schema)
    text = "\n".join(lines.to_list()).encode()
    return pl.read_csv(text, has_header=False, schema=schema, truncate_ragged_lines=False)


def refuse_naive(path: Path, frame: pl.DataFrame, kinds: Mapping[str, pl.DataType], tz: tzinfo | None) -> None:
    """Raise InputError where no zone is stated and a whole column of times (text) has none either."""
    for name in kinds:
        if tz is None and kinds[name] == TIME and frame.schema.get(name) == pl.String:
            texts = frame.select(pl.col(name).drop_nulls())
            if texts.height and texts.head(1).select(_naive(pl.col(name))).item() and _all_naive(texts[name]):
                raise InputError(str(path), f"has times without a time zone in {name!r}", STATE_THE_ZONE)


def _all_naive(texts: pl.Series) -> bool:
    return bool(texts.to_frame().select(_naive(pl.col(texts.name)).all()).item())


def _naive(text: pl.Expr) -> pl.Expr:
    parts = text.str.strip_chars().str.extract_groups(ISO_8601)
    return parts.struct[0].is_not_null() & parts.struct[3].is_null()


def conform(
    frame: pl.DataFrame, kinds: Mapping[str, pl.DataType], tz: tzinfo | None
) -> tuple[pl.DataFrame, list[Reject]]:
    """Turn the text columns named in `kinds` into those types; rows in which one cannot be are rejects."""
    known = {name: kind for name, kind in kinds.items() if frame.schema.get(name) == pl.String}
    raw = frame.with_columns(_trimmed(name, kind) for name, kind in known.items())
    typed = raw.select(
        *(pl.col(name).alias(f"#{name}") for name in known),
        *(_typed(name, kind, tz) for name, kind in known.items()),
        *(name for name in frame.columns if name not in known),
    )
    kept, wrong = refuse(typed, [_unread(name, kind) for name, kind in known.items()])
    return kept.drop(f"#{name}" for name in known), wrong


def _trimmed(name: str, kind: pl.DataType) -> pl.Expr:
    text = pl.col(name).str.strip_chars()
    blank = ("",) if kind == pl.String else ("", *BLANKS)
    return pl.when(~text.is_in(blank)).then(text).alias(name)


def _typed(name: str, kind: pl.DataType, tz: tzinfo | None) -> pl.Expr:
    if kind == TIME:
        return time_from(name, tz)
    if kind == pl.Int64:
        return whole_from(name)
    return pl.col(name).cast(kind, strict=False)


def whole_from(name: str) -> pl.Expr:
    """A whole number from text; `4.0` is one (programs write it where a column has gaps), `4.5` is null."""
    number = pl.col(name).cast(pl.Float64, strict=False)
    safe = (number == number.round()) & (number.abs() < 2**53)
    return pl.coalesce(
        pl.col(name).cast(pl.Int64, strict=False), pl.when(safe).then(number).cast(pl.Int64, strict=False)
    )


def time_from(name: str, tz: tzinfo | None) -> pl.Expr:
    """UTC in ms from ISO 8601 text; without a zone in the text it is a time in `tz`, or null where that is None.

    Of the two instants that an hour repeated by summer time may mean, the earlier is taken; a skipped hour is null.
    """
    part = pl.col(name).str.extract_groups(ISO_8601).struct
    text = pl.concat_str(part[0], pl.lit("T"), part[1], part[2].fill_null(":00"))
    local = text.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", time_unit="ms", strict=False)
    stated = (local - _offset(part[3])).dt.replace_time_zone("UTC")
    return pl.coalesce(stated, in_zone(pl.when(part[3].is_null()).then(local), tz)).alias(name)


def _offset(zone: pl.Expr) -> pl.Expr:
    """The length of time by which `zone` ("Z", "+08", "-0330", "+05:30") is ahead of UTC."""
    digits = zone.str.replace(":", "", literal=True)
    hours = digits.str.slice(1, 2).cast(pl.Int64, strict=False)
    minutes = digits.str.slice(3, 2).cast(pl.Int64, strict=False).fill_null(0)
    ahead = (hours * 60 + minutes) * pl.when(digits.str.starts_with("-")).then(-1).otherwise(1)
    return pl.duration(minutes=pl.when(digits.str.to_uppercase() == "Z").then(0).otherwise(ahead), time_unit="ms")


def in_zone(local: pl.Expr, tz: tzinfo | None) -> pl.Expr:
    """UTC from the times that clocks in `tz` show; null without a zone."""
    if tz is None:
        return pl.lit(None, TIME)
    key = getattr(tz, "key", None)
    if key is not None:
        there = local.dt.replace_time_zone(str(key), ambiguous="earliest", non_existent="null")
        return there.dt.convert_time_zone("UTC")
    ahead = tz.utcoffset(None)
    if ahead is None:
        raise CallError(f"the time zone {tz} has no name; name one, such as Asia/Shanghai")
    return (local - pl.lit(ahead)).dt.cast_time_unit("ms").dt.replace_time_zone("UTC")


def _unread(name: str, kind: pl.DataType) -> Rule:
    raw = pl.col(f"#{name}")
    wanted = "not a whole number" if kind == pl.Int64 else "not a number" if kind == pl.Float64 else NO_TIME
    said = rule(raw.is_not_null() & pl.col(name).is_null(), f"has {name} '{{}}', which is {wanted}", f"#{name}")
    if kind != TIME:
        return said
    zoneless = pl.format(f"has {name} '{{}}', which is in no time zone", raw.str.slice(0, 60))
    return Rule(said.broken, pl.when(_naive(raw)).then(zoneless).otherwise(said.reason))
