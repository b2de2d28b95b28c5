"""Compile the loops now, rather than at the first use: `python -m headrace.cli.warm`. Kept on disk for this version."""

from __future__ import annotations

from headrace.cli.progress import shown
from headrace.cli.sample import make
from headrace.policy.policy import parse
from headrace.report.assemble import Request, play

JOBS = 40
POLICIES = ("fair+easy/fgd", "las+conservative/random")


def main() -> None:
    """Play a handful of jobs: all policies are one program."""
    with shown() as progress:
        log, fleet = make(JOBS, None, 1, progress)
        play(log, fleet, Request(tuple(parse(name) for name in POLICIES)), progress)


if __name__ == "__main__":
    main()
