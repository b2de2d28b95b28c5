"""From the log and the fleets to what is shared: read once, kept in the output folder, and read no more after that."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

from headrace.errors import InputError
from headrace.history import read
from headrace.history.asked import asked, outages, span
from headrace.history.files import sha256_of
from headrace.history.fleet_file import read_fleet
from headrace.history.own import beside
from headrace.report.assemble import Request
from headrace.sweep.grid import digest, made_by
from headrace.sweep.kept import keep_file, keep_folder
from headrace.sweep.shared import Material, columns_of, write_columns

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from headrace.history.log import JobLog
    from headrace.sweep.sweep_file import Sheet
    from headrace.world.fleet import Fleet


@dataclass(frozen=True)
class About:
    """What readers of the results want to know of the log, and of what a replay on one fleet leaves out.

    `rejects` counts rows that were not understood; `unplayed` counts jobs, by the reason why they are not replayed.
    """

    source: str
    sha256: str
    jobs: int
    rejects: int
    begin: int
    end: int
    unplayed: dict[str, int]
    notes: list[str]


@dataclass(frozen=True)
class Prepared:
    """One fleet: its name in the sweep file, its checksum, the key of its columns, and what there is to say of them."""

    name: str
    fleet: Fleet
    sha256: str
    columns: str
    about: About


def prepare(sheet: Sheet, folder: Path, progress: Callable[[str, int, int], None]) -> tuple[Prepared, ...]:
    """Every fleet of the sweep, with its columns in `folder`. The log is read only where some are not there yet.

    Raises InputError for a log or a fleet that cannot be used, and for a period of which nothing is left.
    """
    fleets = [(name, read_fleet(path), sha256_of(path)) for name, path in sheet.fleets]
    source, of_log, made = _Source(sheet), _decides(sheet), list[Prepared]()
    for number, (name, fleet, checksum) in enumerate(fleets):
        progress("log", number, len(fleets))
        key = digest([*of_log, checksum])
        about = _about(folder / key) or _put(source.log, fleet, folder / key)
        _refuse_no_time(sheet, about)
        made.append(Prepared(name, fleet, checksum, key, about))
    progress("log", len(fleets), len(fleets))
    return tuple(made)


def _refuse_no_time(sheet: Sheet, about: About) -> None:
    try:
        Request((), begin=sheet.begin, end=sheet.end).period(about.begin, about.end)
    except InputError as error:
        raise InputError(f"{sheet.path}: from and to", error.what, error.right) from error


def _decides(sheet: Sheet) -> list[str | None]:
    """Everything that decides how the log is read: the bytes of its files, the options, and Headrace itself."""
    events = sheet.node_events or beside(sheet.log, "events")
    checksum = sha256_of(events) if sheet.node_events is not None or events.exists() else None
    return [made_by(), sha256_of(sheet.log), checksum, sheet.format, sheet.tz.key if sheet.tz else None]


class _Source:
    """The sweep's log, read when it is first asked for."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet

    @cached_property
    def log(self) -> JobLog:
        return read(self.sheet.log, self.sheet.format, tz=self.sheet.tz, node_events=self.sheet.node_events)


def _put(log: JobLog, fleet: Fleet, folder: Path) -> About:
    begin, end = span(log)
    wanted, (out, strange) = asked(log, fleet), outages(log, fleet)
    jobs, notes = log.jobs["job"].n_unique(), [*log.notes, *wanted.notes, *strange]
    about = About(log.source, log.sha256, jobs, len(log.rejects), begin, end, wanted.unplayed, notes)
    keep_folder(folder, partial(_fill, Material(wanted.workload, out, begin, end), about))
    return about


def _fill(material: Material, about: About, folder: Path) -> None:
    write_columns(columns_of(material), folder)
    keep_file(folder / "about.json", json.dumps(asdict(about), ensure_ascii=False).encode())


def _about(folder: Path) -> About | None:
    try:
        return About(**json.loads((folder / "about.json").read_bytes()))
    except (OSError, ValueError, TypeError):
        return None
