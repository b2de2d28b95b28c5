"""`headrace sample`: a synthetic log, drawn from a seed and made to happen under static partitions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headrace.cli.progress import shown
from headrace.history import write
from headrace.history.asked import asked, outages
from headrace.history.rewrite import with_runs
from headrace.history.sample import draw
from headrace.policy.policy import parse
from headrace.replay.replay import replay

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from headrace.history.log import JobLog
    from headrace.world.fleet import Fleet

AS_RUN = "fifo/first"
"""How the sample's centre was run: each partition first come, first served."""


def make(jobs: int, nodes: int | None, seed: int, progress: Callable[[str, int, int], None]) -> tuple[JobLog, Fleet]:
    """The sample's log, as it happened, and its fleet. The same arguments give the same sample everywhere."""
    drawn = draw(np.random.default_rng(seed), jobs=jobs, nodes=nodes)
    played = asked(drawn.log, drawn.fleet).workload
    out, _ = outages(drawn.log, drawn.fleet)
    runs = replay(drawn.fleet, played, parse(AS_RUN), out, lambda done, total: progress("sample", done, total))
    return with_runs(drawn.log, drawn.fleet, played, runs), drawn.fleet


def run(out: Path, fleet_out: Path | None, jobs: int, nodes: int | None, seed: int) -> None:
    """Write a sample of `jobs` jobs to `out`, and its fleet beside it."""
    from headrace.cli.inputs import console
    from headrace.history.fleet_file import write_fleet

    with shown() as progress:
        log, fleet = make(jobs, nodes, seed, progress)
        beside = fleet_out if fleet_out is not None else out.with_name(f"{out.stem}-fleet.toml")
        write(log, out)
        write_fleet(fleet, beside)
    screen = console()
    screen.print(
        f"{log.jobs.height:,} runs of {jobs:,} synthetic jobs on {len(fleet.node_names):,} nodes (seed {seed})"
    )
    for path in (out, beside):
        screen.print(f"→ {path}", markup=False, soft_wrap=True)
