"""Activity from what jobstats leaves in a job's AdminComment: `JS1:` and base64 of gzip of JSON.

    {"nodes": {"h20-1": {"gpu_utilization": {"0": 87.5, "1": 0.0}, ...}}, "gpus": 2, ...}   ->   0.4375, one chip idle

Source: github.com/PrincetonUniversity/jobstats (`JS1:Short` and `JS1:None` stand for a summary that is not there).
What does not decode is unknown, never zero.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from math import isfinite
from typing import Final, NamedTuple

import polars as pl

from headrace.history.slurm_table import looked_up

MARK: Final = "JS1:"
ABSENT: Final = ("Short", "None")
MOST: Final = 2**20
"""Bytes that a payload may unpack to."""
_GZIP: Final = 31


class Telemetry(NamedTuple):
    """A run's mean activity (0..1), how many of its chips stood at zero, how many were measured; `wrong` if unread."""

    activity: float | None = None
    idle: int | None = None
    chips: int = 0
    wrong: str = ""


LOWERED: Final = Telemetry(wrong="in lower case, as some versions of sacctmgr write it, and so not to be decoded")
DAMAGED: Final = Telemetry(wrong="not decodable")
MISSING: Final = Telemetry(wrong="without a summary (JS1:Short, JS1:None)")
CHIPLESS: Final = Telemetry(wrong="without a chip")
OTHER_CHIPS: Final = "for another number of chips than the run held"
SHARED_CHIPS: Final = "for a shared chip, whose activity is not one run's own"


def measure(rows: pl.DataFrame) -> pl.DataFrame:
    """`rows` with `activity`, `idle_chips`, and under #js1 why a payload gave neither ("" where it did).

    A payload counts only where it tells of all chips that the run held; what it says of a part is not known of all.
    """
    kinds = {"#activity": pl.Float64(), "#idle": pl.Int64(), "#measured": pl.Int64(), "#unread": pl.String()}
    read = looked_up(rows, "admincomment", decode, kinds)
    marked = pl.col("admincomment").str.slice(0, len(MARK)).str.to_uppercase() == MARK
    wrong = (
        pl.when(pl.col("#unread") != "").then("#unread")
        .when(pl.col("#shared")).then(pl.lit(SHARED_CHIPS))
        .when(pl.col("#measured") != pl.col("#chips")).then(pl.lit(OTHER_CHIPS))
        .otherwise(pl.lit(""))
    )  # fmt: skip
    good = marked & (wrong == "")
    return read.with_columns(
        pl.when(good).then("#activity").alias("activity"),
        pl.when(good).then("#idle").alias("idle_chips"),
        pl.when(marked).then(wrong).alias("#js1"),
    )


def decode(comment: str) -> Telemetry:
    """What an AdminComment says of its run's chips. A comment that is no payload of jobstats says nothing."""
    if not comment.startswith(MARK):
        return LOWERED if comment.startswith(MARK.lower()) else Telemetry()
    payload = comment.removeprefix(MARK)
    return MISSING if payload in ABSENT else _measured(_unpacked(payload))


def _unpacked(payload: str) -> object:
    """The JSON value in a payload, or None where there is none."""
    try:
        unpacker = zlib.decompressobj(_GZIP)
        text = unpacker.decompress(base64.b64decode(payload, validate=True), MOST)
        if not unpacker.eof or unpacker.unused_data:
            return None
        return json.loads(text)
    except (binascii.Error, zlib.error, ValueError, RecursionError):
        return None


def _measured(summary: object) -> Telemetry:
    nodes = summary.get("nodes") if isinstance(summary, dict) else None
    if not isinstance(nodes, dict):
        return DAMAGED
    measured = [node.get("gpu_utilization", {}) if isinstance(node, dict) else None for node in nodes.values()]
    if not all(isinstance(chips, dict) for chips in measured):
        return DAMAGED
    shares = [_share(value) for chips in measured if isinstance(chips, dict) for value in chips.values()]
    known = [share for share in shares if share is not None]
    if len(known) < len(shares):
        return DAMAGED
    return Telemetry(sum(known) / len(known), known.count(0.0), len(known)) if known else CHIPLESS


def _share(value: object) -> float | None:
    """Full activity is 1; jobstats writes per cent."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 100 or not isfinite(value):
        return None
    return value / 100
