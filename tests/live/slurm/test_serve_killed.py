"""`headrace serve` is killed, once for long and often for short: jobs run all the same, each of them once."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from tests.live.slurm.history import most_on_nodes, own_history
from tests.live.slurm.served import KINDS
from tests.serve.servers import eventually

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.live.slurm.cluster import Cluster
    from tests.live.slurm.served import Mill

    Put = Callable[..., Mill]

pytestmark = pytest.mark.slurm

ONCE_CUT_OFF = "$((SLURM_RESTART_COUNT ? 1 : 500))"


def watchdog(mill: Mill) -> str:
    """What the watchdog says that SlurmUser's cron runs, with the same lease and a Slurm of its own rights."""
    own = mill.home.folder / "watchdog.toml"
    table = '[watchdog]\nlease = "lease.json"\nminutes = 0.1\n'
    own.write_text(f'[slurm]\nconf = "{mill.cluster.env["SLURM_CONF"]}"\n{KINDS}\n{table}', encoding="utf-8")
    command = [sys.executable, "-m", "headrace", "watchdog", "--config", str(own), "--lang", "en"]
    done = subprocess.run(command, env=mill.home.environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def is_open(cluster: Cluster) -> bool:
    return "State=UP" in cluster.run("scontrol", "show", "partition", "front")


def test_jobs_run_while_the_server_is_gone_and_none_runs_twice(cluster: Cluster, put: Put) -> None:
    """The lease grows old, the watchdog opens, Slurm starts what waits; the server is back, and the watchdog closes."""
    mill = put()
    mill.serve()
    ours = [cluster.sbatch("--gres=gpu:6", gate="back") for _ in range(6)]
    eventually(lambda: {mill.job(job).get("status") for job in ours} == {"running"})
    assert watchdog(mill) == ""
    mill.kill()
    slurms = [cluster.sbatch("--gres=gpu:6", user="games", account="team-b", seconds=3) for _ in range(4)]
    assert not is_open(cluster)
    eventually(lambda: "opened" in watchdog(mill))
    mill.until_done(set(slurms[:2]))
    mill.serve()
    eventually(lambda: "closed" in watchdog(mill))
    assert not is_open(cluster)
    cluster.open("back")
    after = [cluster.sbatch("--gres=gpu:2", user="games", account="team-b") for _ in range(4)]
    every = {*ours, *slurms, *after}
    mill.until_done(every)
    eventually(lambda: mill.ended() >= every)
    assert Counter(job for job, _ in mill.done() if job in every) == Counter(every)
    jobs = mill.jobs()
    assert {(jobs[job]["outcome"], jobs[job]["run"]) for job in every} == {("completed", 0)}
    assert {jobs[job]["ours"] for job in (*ours, *after)} == {True}
    assert {jobs[job]["ours"] for job in slurms[:2]} == {False}


KILLS = 20
TASKS = 5


def some(cluster: Cluster) -> set[str]:
    """Short jobs of several users and accounts, in arrays."""
    found: set[str] = set()
    for chips, user, account in ((1, "nobody", "team-a"), (2, "games", "team-b"), (3, "root", "team-a")):
        array = cluster.sbatch(f"--gres=gpu:{chips}", f"--array=1-{TASKS}", user=user, account=account, seconds=1)
        found |= {f"{array}_{task}" for task in range(1, TASKS + 1)}
    return found


def test_killed_twenty_times_every_job_completes_once(cluster: Cluster, put: Put, tmp_path: Path) -> None:
    """At moments that chance chooses, while an operator requeues some; no node ever has more than it has."""
    chance, mill = random.Random(20), put()
    again = [cluster.sbatch("--gres=gpu:1", seconds=ONCE_CUT_OFF) for _ in range(6)]
    every, requeued = {*again}, set[str]()
    for _ in range(KILLS):
        every |= some(cluster)
        looks = mill.log().count("first_look")
        mill.server = mill.home.start()
        if chance.random() < 0.8:  # at work, however slow the machine is; else maybe before its first look
            eventually(lambda looks=looks: mill.log().count("first_look") > looks)
        time.sleep(chance.uniform(0, 1.5))
        mill.kill()
        if runs := [job for job in again if job not in requeued and cluster.state(job) == "RUNNING"]:
            cluster.run("scontrol", "requeue", runs[0])
            requeued.add(runs[0])
    mill.serve()
    for job in set(again) - requeued:
        eventually(lambda job=job: cluster.state(job) == "RUNNING")
        cluster.run("scontrol", "requeue", job)
    mill.until_done(every)
    eventually(lambda: mill.ended() >= every)
    assert len(every) > 300
    assert Counter(job for job, _ in mill.done() if job in every) == Counter(every)
    jobs = mill.jobs()
    assert {(jobs[job]["outcome"], jobs[job]["run"]) for job in every} == {("completed", 0), ("completed", 1)}
    assert {job for job in every if jobs[job]["run"]} == set(again)
    mill.stop()
    log = own_history(mill, every)
    assert max(most_on_nodes(log).values()) <= 6
    assert mill.explained(log).overcommit is None
