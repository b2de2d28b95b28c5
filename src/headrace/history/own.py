"""Headrace's own form of a job log, CSV or Parquet, read and written; node events lie beside it.

    log.parquet   log.events.parquet   log.rejects.csv

The columns are those of `headrace.history.log`; others are kept. In Parquet the file's metadata carries what the log
came from (its source, checksum, form and notes), so that these survive being written and read.
"""

from __future__ import annotations

import gzip
import json
import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from headrace.errors import InputError
from headrace.history.files import replacing, sha256_of
from headrace.history.log import (
    COLUMNS,
    EVENT_COLUMNS,
    LINE,
    OPTIONAL,
    REQUIRED,
    TEXT,
    TIME,
    JobLog,
    Reject,
    checked,
    make_log,
)
from headrace.history.table import STATE_THE_ZONE, conform, head, in_zone, refuse_naive, tables

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import tzinfo
    from pathlib import Path

PARQUET: Final = b"PAR1"
SUFFIXES: Final = (".parquet", ".csv.gz", ".csv")
EVENTS_REQUIRED: Final = ("node", "start", "state")
NARROW: Final = (pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.UInt8, pl.UInt16, pl.UInt32)
KEY: Final = "headrace."
"""Before each key of ours in a Parquet file's metadata."""


def read_own(path: Path, *, tz: tzinfo | None = None, node_events: Path | None = None) -> JobLog:
    """The log in `path` (CSV, .gz or not, or Parquet: told by content), with the events file beside it if there is one.

    Times without a zone are in `tz`; without a `tz` they are not understood.
    """
    origin = _Origin.of(path)
    frame, rejects = _rows(path, COLUMNS | OPTIONAL, REQUIRED, tz)
    events, events_rejects = _events(node_events or beside(path, "events"), tz, stated=node_events is not None)
    return make_log(
        frame,
        events,
        source=origin.source,
        sha256=origin.sha256,
        format=origin.format,
        rejects=[*rejects, *events_rejects],
        notes=[*origin.notes, *([f"times without a zone were read as {tz}"] if tz else [])],
    )


@dataclass(frozen=True)
class _Origin:
    """Where a log came from: the file itself, unless its metadata name the history it was made of."""

    source: str
    sha256: str
    format: str
    notes: tuple[str, ...]

    @classmethod
    def of(cls, path: Path) -> _Origin:
        said = _metadata(path) if is_parquet(path) else {}
        if "source" not in said:
            return cls(path.name, sha256_of(path), "own", ())
        return cls(said["source"], said.get("sha256", ""), said.get("format", "own"), _notes(said.get("notes", "")))

    @staticmethod
    def said(log: JobLog, notes: Sequence[str]) -> dict[str, str]:
        said = {"source": log.source, "sha256": log.sha256, "format": log.format}
        return {KEY + key: text for key, text in (said | {"notes": json.dumps(notes, ensure_ascii=False)}).items()}


def _notes(text: str) -> tuple[str, ...]:
    try:
        notes = json.loads(text)
    except ValueError:
        return ()
    return tuple(str(note) for note in notes) if isinstance(notes, list) else ()


def is_parquet(path: Path) -> bool:
    return head(path, len(PARQUET)) == PARQUET


@contextmanager
def _whole_parquet(path: Path) -> Iterator[None]:
    try:
        with _without_stderr():
            yield
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError) as error:
        raise InputError(
            str(path), "is not a whole Parquet file", "it was cut off or damaged; write it again"
        ) from error


@contextmanager
def _without_stderr() -> Iterator[None]:
    """On some damaged files a thread of Polars prints its stack before the error comes; users need not see it."""
    try:
        kept = os.dup(2)
    except OSError:
        yield
        return
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _metadata(path: Path) -> dict[str, str]:
    with _whole_parquet(path):
        said = pl.read_parquet_metadata(path)
    return {key.removeprefix(KEY): text for key, text in said.items() if key.startswith(KEY)}


def _rows(
    path: Path, kinds: Mapping[str, pl.DataType], required: Sequence[str], tz: tzinfo | None
) -> tuple[pl.DataFrame, list[Reject]]:
    if is_parquet(path):
        return _from_parquet(path, kinds, required, tz)
    return _from_csv(path, kinds, required, tz)


def _from_csv(
    path: Path, kinds: Mapping[str, pl.DataType], required: Sequence[str], tz: tzinfo | None
) -> tuple[pl.DataFrame, list[Reject]]:
    blocks, rejects = [], []
    for frame, wrong in tables(path, kinds, required, tz):
        kept, senseless = checked(frame, path.name) if kinds.keys() >= COLUMNS.keys() else (frame, [])
        blocks.append(kept.drop(TEXT))
        rejects += wrong + senseless
    return pl.concat(blocks), rejects


def _from_parquet(
    path: Path, kinds: Mapping[str, pl.DataType], required: Sequence[str], tz: tzinfo | None
) -> tuple[pl.DataFrame, list[Reject]]:
    with _whole_parquet(path):
        frame = pl.read_parquet(path, glob=False, hive_partitioning=False)
    missing = [name for name in required if name not in frame.columns]
    if missing:
        found = ", ".join(frame.columns)[:500]
        raise InputError(str(path), f"has no column {missing[0]!r}", f"the columns found are: {found}")
    if any(name.startswith("#") for name in frame.columns):
        raise InputError(str(path), "has a column whose name begins with #", "give it another name")
    known = [_recast(path, name, frame.schema[name], kind, tz) for name, kind in kinds.items() if name in frame.columns]
    frame = frame.with_columns(known).with_row_index(LINE, 1)
    refuse_naive(path, frame, kinds, tz)
    return conform(frame, kinds, tz)


def _recast(path: Path, name: str, found: pl.DataType, kind: pl.DataType, tz: tzinfo | None) -> pl.Expr:
    """A Parquet column as `kind`, or as text for `conform` where a value may not fit; else InputError."""
    column = pl.col(name)
    if found in (kind, pl.String):
        return column
    if found == pl.Null or (kind == pl.Int64 and found in NARROW):
        return column.cast(kind)
    if kind == TIME and isinstance(found, pl.Datetime):
        return _recast_time(path, name, found, tz)
    if kind == pl.Float64 and found.is_numeric():
        return column.cast(pl.Float64)
    if (kind == pl.Int64 and found.is_numeric()) or (
        kind == pl.String and not found.is_nested() and found != pl.Binary
    ):
        return column.cast(pl.String)
    wanted = {pl.String: "text", pl.Int64: "whole numbers", pl.Float64: "numbers"}.get(type(kind), "times")
    raise InputError(f"{path}, column {name!r}", f"holds {found}", f"it should hold {wanted}")


def _recast_time(path: Path, name: str, found: pl.Datetime, tz: tzinfo | None) -> pl.Expr:
    local = pl.col(name).dt.cast_time_unit("ms")
    if found.time_zone is not None:
        return local.dt.convert_time_zone("UTC")
    if tz is None:
        raise InputError(str(path), f"has times without a time zone in {name!r}", STATE_THE_ZONE)
    return in_zone(local, tz)


def _events(path: Path, tz: tzinfo | None, *, stated: bool) -> tuple[pl.DataFrame | None, list[Reject]]:
    if not stated and not path.exists():
        return None, []
    frame, wrong = _rows(path, EVENT_COLUMNS, EVENTS_REQUIRED, tz)
    return frame, [Reject(r.line, f"in {path.name}, {r.reason}", r.text) for r in wrong]


def beside(path: Path, what: str, suffix: str | None = None) -> Path:
    """`log.parquet`, "events" -> `log.events.parquet`."""
    own = next((s for s in SUFFIXES if path.name.endswith(s)), path.suffix)
    return path.with_name(f"{path.name.removesuffix(own)}.{what}{own if suffix is None else suffix}")


def write_own(log: JobLog, path: Path) -> None:
    """Write `log` as Parquet or CSV by the suffix of `path`; each file appears whole or not at all.

    Events and rejects go beside it where there are any; files of an earlier log with these names are removed.
    """
    if not path.name.endswith(SUFFIXES):
        raise InputError(str(path), "has a name that does not say its form", f"end it in {', '.join(SUFFIXES)}")
    refused = beside(path, "rejects", ".csv")
    notes = [
        *log.notes,
        *([f"rows not understood, listed in {refused.name}: {len(log.rejects)}"] if log.rejects else []),
    ]
    _write(log.jobs, path, _Origin.said(log, notes))
    _write_or_remove(log.node_events, beside(path, "events"))
    _write_or_remove(_rejects_table(log), refused)


def _rejects_table(log: JobLog) -> pl.DataFrame:
    rows = [(r.line, r.reason, r.text) for r in log.rejects]
    schema = {"line": pl.Int64, "reason": pl.String, "text": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _write_or_remove(frame: pl.DataFrame, path: Path) -> None:
    if frame.height:
        _write(frame, path, {})
    else:
        path.unlink(missing_ok=True)


def _write(frame: pl.DataFrame, path: Path, said: dict[str, str]) -> None:
    with replacing(path) as file:
        if path.name.endswith(".parquet"):
            frame.write_parquet(file, metadata=said)
        elif path.name.endswith(".gz"):
            with gzip.GzipFile(filename="", fileobj=file, mode="wb", mtime=0) as packed:
                packed.write(_as_csv(frame, path))
        else:
            file.write(_as_csv(frame, path))


def _as_csv(frame: pl.DataFrame, path: Path) -> bytes:
    """Times end in Z; what would break a line in another program's text becomes a space."""
    nested = [name for name, kind in frame.schema.items() if kind.is_nested() or kind in (pl.Binary, pl.Object)]
    if nested:
        raise InputError(str(path), f"cannot hold the column {nested[0]!r} ({frame.schema[nested[0]]})", "use .parquet")
    return frame.select(_csv_column(name, kind) for name, kind in frame.schema.items()).write_csv().encode()


def _csv_column(name: str, kind: pl.DataType) -> pl.Expr:
    if kind == TIME:
        return pl.col(name).dt.strftime("%Y-%m-%dT%H:%M:%S%.3fZ")
    if kind == pl.String:
        text = pl.col(name).str.replace_all(r"[\x00-\x1f\x7f]", " ")
        return pl.when(text != "").then(text).alias(name) if name in COLUMNS else text
    return pl.col(name) if kind.is_numeric() else pl.col(name).cast(pl.String)
