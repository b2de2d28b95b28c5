"""If Headrace is gone jobs run all the same, and when it is back they wait for it: on real daemons."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from tests.live.contract import start, until, until_job
from tests.live.slurm.conftest import engine_of

from headrace.errors import EngineError
from headrace.live.engine import Status
from headrace.live.engines.slurm.doors import Doors
from headrace.live.engines.slurm.tools import Tools
from headrace.live.watchdog import Lease, write_lease
from headrace.units import MINUTE_MS, SECOND_MS
from headrace.world.record import Outcome

if TYPE_CHECKING:
    from pathlib import Path

    from tests.live.slurm.cluster import Cluster
    from tests.live.slurm.conftest import SlurmFleet

pytestmark = pytest.mark.slurm


@pytest.fixture
def config(cluster: Cluster, tmp_path: Path) -> Path:
    path = tmp_path / "headrace.toml"
    path.write_text(f'[slurm]\nconf = "{cluster.env["SLURM_CONF"]}"\n[watchdog]\nlease = "lease.json"\nminutes = 3\n')
    return path


def renewed(folder: Path, minutes_ago: float) -> None:
    now = int(time.time() * SECOND_MS - minutes_ago * MINUTE_MS)
    write_lease(folder / "lease.json", Lease("here:1", now, now + MINUTE_MS))


def call(config: Path, *options: str) -> str:
    """What the watchdog prints, as cron would run it."""
    command = [sys.executable, "-m", "headrace", "watchdog", "--config", str(config), "--lang", "en", *options]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_jobs_run_when_the_server_is_gone_and_wait_again_when_it_is_back(
    fleet: SlurmFleet, cluster: Cluster, config: Path
) -> None:
    """A fresh lease changes nothing; an old one opens; Slurm starts what waits; a renewed one closes."""
    doors = Doors(Tools(conf=cluster.env["SLURM_CONF"]), fleet.engine.settings)
    waiting = [fleet.submit(1) for _ in range(3)]
    for job in waiting:
        until_job(fleet, job, Status.WAITING)
    renewed(config.parent, minutes_ago=1)
    assert call(config) == ""
    assert not doors.are_open()
    renewed(config.parent, minutes_ago=4)
    assert "stays" not in call(config, "--dry-run")
    assert not doors.are_open()
    assert "opened" in call(config)
    assert doors.are_open()
    for job in waiting:
        ended = until_job(fleet, job, Status.ENDED)
        assert ended.outcome == Outcome.COMPLETED
        assert not ended.ours
    assert call(config) == ""
    renewed(config.parent, minutes_ago=0)
    assert "closed" in call(config)
    held = fleet.submit(1)
    for _ in range(20):
        fleet.pass_time()
        assert until_job(fleet, held, Status.WAITING).startable
    fleet.engine.act([start(fleet, held, "h20-1")])
    assert until_job(fleet, held, Status.ENDED).ours


def test_a_job_that_was_stopped_runs_too_when_the_doors_open(fleet: SlurmFleet, cluster: Cluster, config: Path) -> None:
    """Nothing that Headrace does to a job keeps it from Slurm's own scheduler: it is not held, nor bound to nodes."""
    from headrace.live.engine import Stop

    job = fleet.submit(20)
    until_job(fleet, job, Status.WAITING)
    fleet.engine.act([start(fleet, job, "h20-1")])
    until_job(fleet, job, Status.RUNNING)
    fleet.engine.act([Stop("k2", job, 0)])
    until_job(fleet, job, Status.WAITING, run=1)
    shown = cluster.run("scontrol", "show", "job", job)
    assert "ReqNodeList=(null)" in shown
    assert "Priority=0 " not in shown
    cluster.run("scontrol", "update", f"JobId={job}", "StartTime=now")  # or it takes the two minutes of a requeue
    assert "opened" in call(config)
    until(fleet, lambda observation: any(j.asked.job == job and j.status == Status.RUNNING for j in observation.jobs))


@pytest.mark.parametrize("which", ["front", "run"])
def test_a_partition_that_is_not_there_is_one_sentence(cluster: Cluster, which: str) -> None:
    """A name that slurm.conf does not have is said, instead of a fleet without nodes or jobs."""
    engine = engine_of(cluster, **{which: "batch"})
    with pytest.raises(EngineError, match="batch"):
        engine.observe()


def test_a_front_that_is_open_is_said_once(
    cluster: Cluster, fleet: SlurmFleet, caplog: pytest.LogCaptureFixture
) -> None:
    """Who drives ought to know that Slurm drives too."""
    cluster.run("scontrol", "update", "PartitionName=front", "State=UP")
    for _ in range(2):
        fleet.engine.observe()
    assert caplog.text.count("front is UP: Slurm itself starts what waits there") == 1


def test_an_operators_account_may_not_open_the_doors(fleet: SlurmFleet) -> None:
    """Orders need an operator, doors an administrator: the watchdog is not run by the server's account."""
    doors = Doors(fleet.engine.tools, fleet.engine.settings)
    with pytest.raises(EngineError, match="Invalid user id"):
        doors.open()
    assert not doors.are_open()
