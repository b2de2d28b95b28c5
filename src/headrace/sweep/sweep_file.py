"""sweep.toml: which replays a sweep is made of.

    log = "log.parquet"            # paths are relative to this file
    fleets = ["fleet.toml"]
    scale = [0.8, 1.0]             # optional: parts of each fleet, by nodes of each pool
    policies = ["fifo/first", "fair+easy/fgd"]
    seeds = [1, 2, 3]              # optional: for policies that draw
    relax = [[], ["partition"]]    # optional: walls to replay without
    assume_checkpoint = 1800       # optional: seconds, for jobs whose log does not tell
    from = 2026-01-31              # optional, as to: the period of the ledgers
    format = "own"                 # optional, as tz and node_events: how the log is read

Every combination is one cell. A key that is not named here is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

from pydantic import BaseModel, Field, InstanceOf, ValidationError

from headrace.errors import CallError, InputError
from headrace.history.asked_time import instant, zone
from headrace.history.files import sha256_of
from headrace.history.toml_file import AS_WRITTEN, EXACT, Number, Text, printable, read_toml, refused, shown
from headrace.policy.policy import Policy, parse
from headrace.replay.relax import known_walls
from headrace.units import SECOND_MS, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from pydantic_core import ErrorDetails

MOST_MIB: Final = 1
STEPS: Final = 1000
"""A part of a fleet is kept in thousandths."""

T = TypeVar("T")


Some = Annotated[list[T], Field(min_length=1)]
Part = Annotated[Decimal, EXACT, Field(gt=0, le=1, decimal_places=3)]
Seed = Annotated[int, Field(ge=0, lt=2**31)]
PathText = Annotated[Text, Field(min_length=1)]


class SweepTable(BaseModel):
    """sweep.toml as written."""

    model_config = AS_WRITTEN

    log: PathText
    format: Text | None = None
    tz: Text | None = None
    node_events: PathText | None = None
    fleets: Some[PathText]
    scale: Some[Part] = [Decimal(1)]
    policies: Some[Text]
    seeds: Some[Seed] = [1]
    relax: Some[list[Text]] = [[]]
    assume_checkpoint: Number | None = None
    begin: InstanceOf[date] | None = Field(None, alias="from")
    end: InstanceOf[date] | None = Field(None, alias="to")


KEYS: Final = tuple(field.alias or name for name, field in SweepTable.model_fields.items())


@dataclass(frozen=True)
class Sheet:
    """A sweep file, understood: every path resolved, every policy and wall known, each named once.

    `fleets` are (as written, path); `scales` in thousandths; `checkpoint`, `begin` and `end` in ms or UNKNOWN.
    """

    path: Path
    sha256: str
    log: Path
    format: str | None
    tz: ZoneInfo | None
    node_events: Path | None
    fleets: tuple[tuple[str, Path], ...]
    scales: tuple[int, ...]
    policies: tuple[Policy, ...]
    seeds: tuple[int, ...]
    walls: tuple[tuple[str, ...], ...]
    checkpoint: int
    begin: int
    end: int


def read_sweep(path: Path) -> Sheet:
    """The sweep in a sweep.toml. Raises InputError with the place, such as `sweep.toml: policies, number 2`."""
    try:
        table = SweepTable.model_validate(read_toml(path, "a sweep file", MOST_MIB, "a sweep file has a few lines"))
    except ValidationError as error:
        raise _sentence(path, error.errors()[0]) from None
    here, tz = path.parent, _each(path, "tz", [table.tz] if table.tz is not None else [], zone)
    sheet = Sheet(
        path=path,
        sha256=sha256_of(path),
        log=here / table.log,
        format=table.format,
        tz=tz[0] if tz else None,
        node_events=here / table.node_events if table.node_events is not None else None,
        fleets=tuple((name, here / name) for name in dict.fromkeys(table.fleets)),
        scales=tuple(dict.fromkeys(int(part * STEPS) for part in table.scale)),
        policies=_each(path, "policies", table.policies, parse),
        seeds=tuple(dict.fromkeys(table.seeds)),
        walls=_each(path, "relax", table.relax, known_walls),
        checkpoint=UNKNOWN if table.assume_checkpoint is None else round(table.assume_checkpoint * SECOND_MS),
        begin=_instant(path, "from", table.begin, tz),
        end=_instant(path, "to", table.end, tz),
    )
    if UNKNOWN not in (sheet.begin, sheet.end) and sheet.begin >= sheet.end:
        raise InputError(f"{path}: to", "is no later than `from`", "leave some time between them")
    return sheet


def _each(path: Path, key: str, given: Iterable[Any], understood: Callable[[Any], T]) -> tuple[T, ...]:
    """Each of what was `given` under `key`, understood, once. InputError with its place where one is not."""
    found: list[T] = []
    for number, value in enumerate(given, 1):
        try:
            found.append(understood(value))
        except CallError as error:
            raise InputError(f"{path}: {_place((key, number - 1))}", str(error)) from error
    return tuple(dict.fromkeys(found))


def _instant(path: Path, key: str, day: date | None, tz: tuple[ZoneInfo, ...]) -> int:
    """A date or time of TOML in ms: in the zone that it states, else in `tz`, else in UTC; UNKNOWN of None."""
    if day is None:
        return UNKNOWN
    try:
        return instant(day, tz[0] if tz else None)
    except CallError as error:
        raise InputError(f"{path}: {key}", f"is {day}", str(error)) from error


def _sentence(path: Path, error: ErrorDetails) -> InputError:
    where, kind = f"{path}: {_place(error['loc'])}", error["type"]
    if kind == "missing":
        return InputError(where, "is missing", "a sweep needs a log, fleets and policies")
    if kind == "extra_forbidden":
        return InputError(where, "is no key of a sweep file", f"possible are {', '.join(KEYS)}")
    if kind == "is_instance_of" and error["msg"].endswith("date"):
        right = "write it without quotation marks, as in 2026-01-31 or 2026-01-31T08:00:00+08:00"
        return InputError(where, f"is {shown(error['input'])}", right)
    return refused(where, error)


def _place(loc: tuple[int | str, ...]) -> str:
    """("policies", 1) -> "policies, number 2"."""
    parts = (f"number {part + 1}" if isinstance(part, int) else part[:60] for part in loc)
    return printable(", ".join(parts)) or "the file"
