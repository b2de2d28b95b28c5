"""Tells a keeper to end its run: a file says why, and a byte through the run's pipe has it read.

A pipe has no number that another process could come to have, as a signal's target has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headrace.live.engines.local.bell import ring
from headrace.live.engines.local.files import read_whole, write_whole

if TYPE_CHECKING:
    from pathlib import Path


def tell_to_end(run: Path, why: str, key: str, at: int) -> None:
    """End the run of a folder: `why` is "preempted", "lost" or "cancelled", and the last wins. Raises OSError.

    Where no keeper listens yet, the file is read when one begins.
    """
    told = (read_whole(run / "stop.json") or {}).get("why")
    if told is None or (why == "cancelled" and told != why):
        write_whole(run / "stop.json", {"why": why, "key": key, "at": at})
    ring(run / "poke")
