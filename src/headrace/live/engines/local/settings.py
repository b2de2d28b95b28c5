"""What an operator may set of the local engine. Times in ms, sizes in bytes."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from typing import Final

from headrace.errors import InputError
from headrace.units import DAY_MS, MINUTE_MS, SECOND_MS

MIB: Final = 1 << 20
LEAST_OUTPUT: Final = 4096


@dataclass(frozen=True)
class Settings:
    """`grace` is from TERM to KILL. A run that gives way to another gets `checkpoint_signal` first, and
    `checkpoint_grace` to save itself. A run that is lost (its keeper killed, the machine started anew) runs again at
    most `lost_again` times. `recent`: for how long an ended job is told of. Of ended jobs the last `keep_jobs` are
    kept, for `keep` at most. `limit_memory` sets RLIMIT_AS, which CUDA programs do not bear. `variable` names a job's
    chips where the maker's is not known, `devices` are the chips' names where they are not 0, 1, 2, ...
    """

    grace: int = 30 * SECOND_MS
    checkpoint_signal: str = "SIGTERM"
    checkpoint_grace: int = 60 * SECOND_MS
    lost_again: int = 3
    recent: int = 5 * MINUTE_MS
    keep_jobs: int = 10_000
    keep: int = 30 * DAY_MS
    output: int = 64 * MIB
    command: int = 128 * 1024
    environment: int = MIB
    jobs: int = 100_000
    nice: int = 0
    limit_memory: bool = False
    spare_disk: int = 16 * MIB
    variable: str = ""
    devices: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.checkpoint_signal not in signal.Signals.__members__:
            what = f"is {self.checkpoint_signal!r}, which is no signal"
            raise InputError("checkpoint_signal", what, "SIGTERM, SIGUSR1 and SIGINT are")
        if not 0 <= self.nice <= 19:
            raise InputError("nice", f"is {self.nice}", "0 to 19 are possible")
        if self.output < LEAST_OUTPUT:
            raise InputError("output", f"is {self.output} bytes", f"{LEAST_OUTPUT} are the least")
        if self.keep_jobs < 1 or self.jobs < 1:
            raise InputError("keep_jobs and jobs", "would keep none", "1 is the least")
        lengths = (self.grace, self.checkpoint_grace, self.recent, self.keep, self.lost_again, self.spare_disk)
        if any(length < 0 for length in lengths):
            raise InputError("settings of the local engine", "hold a negative length", "zero is the least")
