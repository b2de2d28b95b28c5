"""Licences: a job that asks for more of them than are free waits, and its chips with it, so it is not started."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headrace.live.engines.slurm.tools import Tools

_FREE: Final = re.compile(r"LicenseName=(\S+) .*\bFree=(\d+)")
_NOTHING: Final = ("", "(null)", "N/A")


def read_free(tools: Tools) -> dict[str, int]:
    """How many of each licence are free. EngineError where scontrol cannot be asked."""
    printed = tools.ask("scontrol", "-o", "show", "licenses").decode(errors="replace")
    return {found[1]: int(found[2]) for found in map(_FREE.match, printed.splitlines()) if found}


def short_of(asked: str, free: Mapping[str, int]) -> str:
    """Why a job that asks for these licences (`solver:2,mesh`) has to wait; "" where they are free."""
    for item in () if asked in _NOTHING else re.split(r"[,;|]", asked):
        name, _, count = item.partition(":")
        wanted = int(count) if count.isdecimal() else 1
        if free.get(name, wanted) < wanted:
            return f"it asks for {wanted} licences {name}, of which {free[name]} are free"
    return ""
