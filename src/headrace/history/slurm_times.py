"""Times as Slurm prints them: epoch seconds, ISO with an offset, or the local time of wherever sacct ran.

    SLURM_TIME_FORMAT=%s   1795301762              certain, and what to use
    (nothing)              2026-11-21T22:56:02     local and without a zone: only with a time zone given beside it
    =%FT%T%z               2026-11-21T22:56:02+0800   where Slurm allows it: up to 22.05 it cuts a time at 19 characters

Unknown, None and an empty field are times that are not there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from headrace.errors import InputError
from headrace.history.table import ISO_8601

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import tzinfo
    from pathlib import Path

ABSENT: Final = ("", "Unknown", "None", "N/A")
EPOCH: Final = r"^[0-9]{9,11}$"
_ISO: Final = "%Y-%m-%dT%H:%M:%SZ"


def plain_times(frame: pl.DataFrame, columns: Iterable[str]) -> pl.DataFrame:
    """`frame` with epoch seconds written as ISO in UTC, and null for times that are not there."""
    return frame.with_columns(_plain(frame, name) for name in columns)


def _plain(frame: pl.DataFrame, name: str) -> pl.Expr:
    text = pl.col(name)
    present = pl.when(~text.is_in(ABSENT)).then(text)
    is_epoch = text.str.contains(EPOCH)
    if not frame.select(is_epoch.any()).item():
        return present.alias(name)
    seconds = pl.when(is_epoch).then(text).cast(pl.Int64, strict=False)
    return pl.coalesce(pl.from_epoch(seconds, "s").dt.strftime(_ISO), present).alias(name)


def refuse_unlike_times(path: Path, texts: pl.Series, tz: tzinfo | None, command: str) -> bool:
    """Whether any of `texts` has no zone. InputError where most have none and `tz` is None, or where none is a time."""
    present = texts.filter(~texts.is_in(ABSENT))
    if present.is_empty():
        return False
    zones = present.str.extract_groups(ISO_8601).struct.unnest()
    local = zones["1"].is_not_null() & zones["4"].is_null()
    if not (present.str.contains(EPOCH) | zones["1"].is_not_null()).any():
        said = f"has times such as {present[0][:40]!r}, which Headrace cannot read"
        raise InputError(str(path), said, f"make it with {command}")
    if tz is None and 2 * local.sum() > len(present):
        said = f"has times such as {present.filter(local)[0][:40]!r}, which state no time zone"
        right = (
            "give the zone of the machine where it was made (--tz Asia/Shanghai), for times are stated, never guessed"
        )
        raise InputError(str(path), said, f"{right}; or make it again with SLURM_TIME_FORMAT=%s")
    return bool(local.any())
