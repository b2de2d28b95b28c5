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

import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, InstanceOf, ValidationError

from headrace.errors import CallError, InputError
from headrace.history.fleet_file import Number, Text
from headrace.history.table import UTF8_MARK, opened, sha256_of
from headrace.policy.policy import Policy, parse
from headrace.replay.relax import known_walls
from headrace.units import SECOND_MS, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from pydantic_core import ErrorDetails

LARGEST: Final = 2**20
STEPS: Final = 1000
"""A part of a fleet is kept in thousandths."""
EARLIEST_YEAR, LATEST_YEAR = 1971, 2199

T = TypeVar("T")


def _exact(value: object) -> object:
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


Some = Annotated[list[T], Field(min_length=1)]
Part = Annotated[Decimal, BeforeValidator(_exact), Field(gt=0, le=1, decimal_places=3)]
Seed = Annotated[int, Field(ge=0, lt=2**31)]
PathText = Annotated[Text, Field(min_length=1)]


class SweepTable(BaseModel):
    """sweep.toml as written."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

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
        table = SweepTable.model_validate(_toml(path))
    except ValidationError as error:
        raise _sentence(path, error.errors()[0]) from None
    here, tz = path.parent, _each(path, "tz", [table.tz] if table.tz is not None else [], _zone)
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


def _toml(path: Path) -> dict[str, Any]:
    with opened(path) as file:
        text = file.read(LARGEST + 1)
    if len(text) > LARGEST:
        raise InputError(str(path), "is larger than 1 MiB", "a sweep file has a few lines")
    try:
        return tomllib.loads(text.removeprefix(UTF8_MARK).decode(), parse_float=Decimal)
    except UnicodeDecodeError as error:
        raise InputError(str(path), "is not UTF-8 text", "a sweep file is TOML in UTF-8") from error
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise InputError(str(path), f"is not TOML: {_printable(error)}") from error


def _each(path: Path, key: str, given: Iterable[Any], understood: Callable[[Any], T]) -> tuple[T, ...]:
    """Each of what was `given` under `key`, understood, once. InputError with its place where one is not."""
    found: list[T] = []
    for number, value in enumerate(given, 1):
        try:
            found.append(understood(value))
        except CallError as error:
            raise InputError(f"{path}: {_place((key, number - 1))}", str(error)) from error
    return tuple(dict.fromkeys(found))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise CallError(f"there is no time zone {name!r}; write it as in Asia/Shanghai or UTC") from error


def _instant(path: Path, key: str, day: date | None, tz: tuple[ZoneInfo, ...]) -> int:
    """A date or time of TOML in ms: in the zone that it states, else in `tz`, else in UTC; UNKNOWN of None."""
    if day is None:
        return UNKNOWN
    if not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
        raise InputError(f"{path}: {key}", f"is {day}", f"dates from {EARLIEST_YEAR} to {LATEST_YEAR} are possible")
    when = day if isinstance(day, datetime) else datetime(day.year, day.month, day.day)
    return round(when.replace(tzinfo=when.tzinfo or (tz[0] if tz else UTC)).timestamp() * SECOND_MS)


def _sentence(path: Path, error: ErrorDetails) -> InputError:
    where, kind = f"{path}: {_place(error['loc'])}", error["type"]
    if kind == "missing":
        return InputError(where, "is missing", "a sweep needs a log, fleets and policies")
    if kind == "extra_forbidden":
        return InputError(where, "is no key of a sweep file", f"possible are {', '.join(KEYS)}")
    if kind == "is_instance_of" and error["msg"].endswith("date"):
        right = "write it without quotation marks, as in 2026-01-31 or 2026-01-31T08:00:00+08:00"
        return InputError(where, f"is {_shown(error['input'])}", right)
    wanted = error["msg"].replace("Decimal input", "Input").replace("Input should", "it should")
    wanted = wanted.replace("an instance of Decimal", "a number").replace("a valid integer", "a whole number")
    return InputError(where, f"is {_shown(error['input'])}", _printable(wanted.replace("a valid ", "a ")))


def _place(loc: tuple[int | str, ...]) -> str:
    """("policies", 1) -> "policies, number 2"."""
    parts = (f"number {part + 1}" if isinstance(part, int) else part[:60] for part in loc)
    return _printable(", ".join(parts)) or "the file"


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return _printable(value)[:60] if isinstance(value, int | Decimal) else repr(value)[:60]


def _printable(text: object) -> str:
    return "".join(c for c in str(text) if c.isprintable())[:300]
