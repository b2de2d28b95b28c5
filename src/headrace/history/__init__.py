"""The record: the job log, and one reader for each form of history.

Readers are named here and imported only when one is used, so that a command which reads nothing does not pay for them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final, Protocol, cast

from headrace.errors import CallError, InputError

if TYPE_CHECKING:
    from datetime import tzinfo
    from pathlib import Path

    from headrace.history.log import JobLog


class Reader(Protocol):
    """From a file of one form to a log. Times that state no zone are in `tz`; `node_events` is a file beside it."""

    def __call__(self, path: Path, *, tz: tzinfo | None, node_events: Path | None) -> JobLog: ...


READERS: Final[dict[str, str]] = {
    "own": "headrace.history.own:read_own",
    "slurm": "headrace.history.slurm:read_slurm",
    "philly": "headrace.history.philly:read_philly",
    "openb": "headrace.history.openb:read_openb",
}
"""Form of history -> the function that reads it, as "module:name"."""
MARKS: Final[dict[str, tuple[str, ...]]] = {
    "own": ("job",),
    "slurm": ("JobID",),
    "philly": ("timestamp", "duration", "num_gpus"),
    "openb": ("name", "cpu_milli", "num_gpu", "gpu_milli"),
}
"""Columns that show a form; sacct parts its own by |."""


def read(path: Path, format: str | None = None, *, tz: tzinfo | None = None, node_events: Path | None = None) -> JobLog:
    """The job log in `path`, in the `format` named or in the one that its first line shows."""
    name = guess(path) if format is None else format
    if name not in READERS:
        raise CallError(f"there is no reader for the format {name!r}; there are {', '.join(READERS)}")
    module, function = READERS[name].split(":")
    reader = cast("Reader", getattr(import_module(module), function))
    return reader(path, tz=tz, node_events=node_events)


def guess(path: Path) -> str:
    """The form of the file, from its first bytes or its header."""
    from headrace.history.own import is_parquet
    from headrace.history.table import header

    if is_parquet(path):
        return "own"
    names = header(path)
    columns = {column for name in names for column in name.split("|")}
    for form, marks in MARKS.items():
        if columns.issuperset(marks):
            return form
    found = f"the columns found are: {', '.join(names)[:300]}"
    raise InputError(str(path), "is in no form that Headrace can tell", f"name its format; {found}")


def write(log: JobLog, path: Path) -> None:
    """Write `log` as Parquet or CSV, by the suffix of `path`; events and rejects go beside it."""
    from headrace.history.own import write_own

    write_own(log, path)
