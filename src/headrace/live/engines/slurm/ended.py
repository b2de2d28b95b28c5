"""What the accounting knows of jobs that squeue has forgotten (they ended more than MinJobAge ago)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from headrace.live.engines.slurm.asked import time
from headrace.live.engines.slurm.jobs import ENDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headrace.live.engines.slurm.tools import Tools
    from headrace.world.record import Outcome

AT_ONCE: Final = 500
"""Jobs asked for in one call: their ids make up a command line."""
_ROW: Final = re.compile(r"([0-9_]{1,24})\|([A-Z_]+)[^|]*\|([^|]*)\|([^|]*)")


class Ended(NamedTuple):
    """How a job's last run ended; times in ms (NEVER: none)."""

    outcome: Outcome
    start: int
    end: int


def read_ended(tools: Tools, jobs: Sequence[str]) -> dict[str, Ended]:
    """Those of `jobs` that have ended, of the first AT_ONCE. EngineError where sacct cannot be asked.

    A job that the accounting still has as running is not among them: its record may be late.
    """
    columns = "JobID,State,Start,End"
    printed = tools.ask("sacct", "-n", "-P", "-X", "-a", "-j", ",".join(jobs[:AT_ONCE]), "-o", columns)
    rows = (_ROW.fullmatch(line) for line in printed.decode(errors="replace").splitlines())
    return {row[1]: Ended(ENDS[row[2]], time(row[3]), time(row[4])) for row in rows if row and row[2] in ENDS}
