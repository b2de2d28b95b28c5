"""Times that somebody asks for: a zone by its name, and an instant in the zone that it states, or in one given."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from headrace.errors import CallError
from headrace.units import SECOND_MS

if TYPE_CHECKING:
    from datetime import tzinfo

EARLIEST_YEAR: Final = 1971
LATEST_YEAR: Final = 2199


def zone(name: str) -> ZoneInfo:
    """The time zone named; CallError if there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise CallError(f"there is no time zone {name!r}; write it as in Asia/Shanghai or UTC") from error


def instant(day: date, tz: tzinfo | None) -> int:
    """A day or a time in ms: in the zone that it states, else in `tz`, else in UTC. CallError beyond the years."""
    if not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
        raise CallError(f"dates from {EARLIEST_YEAR} to {LATEST_YEAR} are possible")
    when = day if isinstance(day, datetime) else datetime(day.year, day.month, day.day)
    return round(when.replace(tzinfo=when.tzinfo or tz or UTC).timestamp() * SECOND_MS)
