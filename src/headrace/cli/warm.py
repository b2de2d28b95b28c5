"""Compile the loops now, rather than at the first use: `python -m headrace.cli.warm`. Kept on disk for this version."""

from __future__ import annotations

import numpy as np

from headrace.cli.progress import shown
from headrace.cli.sample import make
from headrace.history.asked import mix
from headrace.policy.policy import parse
from headrace.replay.fill import fill
from headrace.report.assemble import Request, play

JOBS = 40
POLICIES = ("fair+easy/fgd", "las+conservative/random")


def main() -> None:
    """Play a handful of jobs, and fill a fleet with them: all policies are one program."""
    with shown() as progress:
        log, fleet = make(JOBS, None, 1, progress)
        play(log, fleet, Request(tuple(parse(name) for name in POLICIES)), progress)
        fill(fleet, mix(log, fleet), np.arange(JOBS), "fgd")


if __name__ == "__main__":
    main()
