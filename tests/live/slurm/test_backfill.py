"""Three hundred jobs of two seconds on 48 chips: through Headrace, and by Slurm's own backfill, in turns.

Both ways have the slurm.conf of these tests, which is a hurried one: where an ordinary site has batch_sched_delay=3,
bf_interval=30 and default_queue_depth=100, Slurm starts jobs each second here (batch_sched_delay=1), looks for room to
backfill every two (bf_interval=2) and considers the whole queue (default_queue_depth=1000). Headrace has its defaults:
SQLite, the policy, a turn each second. Its commands are Slurm's own, as for the account that it runs as at a site.
"""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Final

import pytest
from tests.live.slurm.cluster import CHIPS, NODES
from tests.serve.servers import Home

from headrace.live.engines.slurm.doors import Doors
from headrace.live.engines.slurm.settings import Settings
from headrace.live.engines.slurm.tools import Tools

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.live.slurm.cluster import Cluster

pytestmark = [pytest.mark.slurm, pytest.mark.bench]

JOBS: Final = 300
SECONDS: Final = 2
SEED: Final = 20
TIMES: Final = 2
"""Each way is measured so often, in turns."""


def chips(seed: int) -> list[int]:
    """How many chips each job asks for."""
    chance = random.Random(seed)
    return [chance.randint(1, 3) for _ in range(JOBS)]


def least(asked: Sequence[int]) -> float:
    """Nobody can be faster, s: every chip is busy all the time."""
    return SECONDS * sum(asked) / (CHIPS * len(NODES))


def released(cluster: Cluster, asked: Sequence[int]) -> float:
    """Submit the jobs, held; let them go with one command. Seconds until the last has written its line, as it ends."""
    done = cluster.base / "desk" / f"done-{time.monotonic_ns()}"
    done.touch()
    done.chmod(0o666)
    work = f"sleep {SECONDS}; echo $SLURM_JOB_ID $(date +%s.%N) >> {done}"
    options = ("--parsable", "-H", "-A", "team-a", "-D", "/tmp", "-o", "/dev/null", "-t", "1", "--mem=100M")
    jobs = [cluster.run("sbatch", *options, f"--gres=gpu:{each}", f"--wrap={work}", user="nobody") for each in asked]
    begun = time.time()
    cluster.run("scontrol", "release", ",".join(jobs))
    while len(lines := done.read_text().splitlines()) < len(jobs):
        assert time.time() - begun < 600, f"{len(lines)} of {len(jobs)} have ended"
        time.sleep(0.2)
    ended = [line.split() for line in lines]
    assert {job for job, _ in ended} == set(jobs)
    assert len(ended) == len(jobs)
    return max(float(at) for _, at in ended) - begun


def by_slurm(cluster: Cluster, asked: Sequence[int]) -> float:
    """The front is open, nobody drives: Slurm's own main scheduler and backfill start them."""
    doors = Doors(Tools(conf=cluster.env["SLURM_CONF"]), Settings())
    doors.open()
    try:
        return released(cluster, asked)
    finally:
        doors.close()


def by_headrace(cluster: Cluster, asked: Sequence[int], folder: Path) -> float:
    """The front is closed, and `headrace serve` runs, with the policy and the store that it has by default."""
    folder.mkdir()
    conf = cluster.env["SLURM_CONF"]
    settings = f'engine = "slurm"\nfleet = "none.toml"\nlisten = "127.0.0.1:0"\n[slurm]\nconf = "{conf}"\n'
    server = Home(folder, settings).start()
    try:
        return released(cluster, asked)
    finally:
        server.stop()


def test_how_long_three_hundred_jobs_take(cluster: Cluster, tmp_path: Path) -> None:
    """The same jobs, released at once, on the same daemons; the ratio is the figure."""
    asked = chips(SEED)
    slurm: list[float] = []
    headrace: list[float] = []
    for i in range(TIMES):
        slurm.append(by_slurm(cluster, asked))
        headrace.append(by_headrace(cluster, asked, tmp_path / str(i)))
    said = ", ".join(
        f"{ours:.1f} s through Headrace, {own:.1f} s by Slurm" for ours, own in zip(headrace, slurm, strict=True)
    )
    print(f"\n{said}; {least(asked):.1f} s at least; ratio {sum(headrace) / sum(slurm):.2f}")
