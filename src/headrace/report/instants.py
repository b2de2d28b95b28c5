"""Instants as a person reads them: UTC, year first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def day(ms: int) -> str:
    """The date of `ms` since 1970: `2024-05-06`."""
    return f"{_instant(ms):%Y-%m-%d}"


def minute(ms: int) -> str:
    """The instant to the minute: `2024-05-06 08:30 UTC`."""
    return f"{_instant(ms):%Y-%m-%d %H:%M} UTC"


def clock(ms: int) -> str:
    """The time of day to the second, in UTC: `08:30:05`."""
    return f"{_instant(ms):%H:%M:%S}"


def exact(ms: int) -> str:
    """The instant in ISO 8601, to the millisecond: `2024-05-06T08:30:00.000Z`."""
    return _instant(ms).strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms % 1000:03d}Z"


def _instant(ms: int) -> datetime:
    return EPOCH + timedelta(milliseconds=ms)
