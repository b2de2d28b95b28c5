"""A real Slurm on this machine, given jobs of every sort: what it says of them reads as what was done to them.

Needs HEADRACE_SLURM, the folder of a `start.sh BASE` and a `stop.sh BASE --wipe` (see README.md here), and root.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import tomllib
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest

from headrace.history.slurm import read_slurm
from headrace.history.slurm_nodes import draft_fleet, read_nodes

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).resolve().parent
DAEMONS = ("slurmctld", "slurmd", "slurmdbd", "munged", "mariadbd")


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of what Slurm printed."""
    scripts = os.environ.get("HEADRACE_SLURM")
    if not scripts:
        pytest.skip("needs a real Slurm: set HEADRACE_SLURM to the folder of its start.sh and stop.sh")
    missing = [name for name in DAEMONS if shutil.which(name) is None]
    if missing:
        pytest.skip(f"needs a real Slurm: {', '.join(missing)} not installed")
    base = Path(tempfile.mkdtemp(prefix="headrace-fleet.", dir="/tmp"))
    out = tmp_path_factory.mktemp("printed")
    environment = os.environ | {"SLURM_CONF": str(base / "etc" / "slurm.conf")}
    try:
        subprocess.run([f"{scripts}/start.sh", base], check=True, stdin=subprocess.DEVNULL)
        subprocess.run([HERE / "jobs.sh", out, "60"], check=True, env=environment, stdin=subprocess.DEVNULL)
        yield out
    finally:
        subprocess.run([f"{scripts}/stop.sh", base, "--wipe"], check=False, stdin=subprocess.DEVNULL)


def test_what_was_done_to_jobs_is_what_is_read_of_them(printed: Path) -> None:
    names = tomllib.loads((printed / "jobs.toml").read_text())
    log = read_slurm(printed / "sacct.txt", tz=UTC, node_events=printed / "events.txt", nodes=printed / "nodes.txt")

    def states(name: str) -> list[str]:
        return log.jobs.filter(pl.col("job") == names[name]).sort("run")["state"].to_list()

    assert log.rejects == ()
    assert states("requeued") == ["preempted", "completed"]
    assert states("preempted") == ["preempted", "completed"]
    assert states("lost") == ["node_fail", "completed"]
    assert states("lost_for_good") == ["node_fail"]
    assert states("failing") == ["failed"]
    assert states("timeout_job") == ["timeout"]
    assert states("cancelled_running") == states("held") == states("cancelled_pending") == ["cancelled"]
    assert states("running") == states("stopped") == ["running"]
    assert states("pending") == ["pending"]
    shares = log.jobs.filter(pl.col("job") == names["shard"])
    assert shares.select("chips", "share_milli").rows() == [(1, 500)]
    assert log.jobs.filter(pl.col("job") == names["whole"])["activity"].to_list() == [pytest.approx(0.75)]
    assert set(log.node_events["state"]) == {"down", "drain"}


def test_states_must_be_asked_for_to_see_what_was_cancelled_while_held(printed: Path) -> None:
    names = tomllib.loads((printed / "jobs.toml").read_text())
    with_states = pl.read_csv(printed / "sacct.txt", separator="|", columns=["JobID"], infer_schema=False)
    without = pl.read_csv(printed / "sacct-without-states.txt", separator="|", columns=["JobID"], infer_schema=False)
    assert names["held"] in with_states["JobID"].to_list()
    assert names["held"] not in without["JobID"].to_list()


def test_slurm_s_own_times_in_epoch_seconds_say_the_same(printed: Path) -> None:
    local = read_slurm(printed / "sacct.txt", tz=UTC, nodes=printed / "nodes.txt").jobs
    epoch = read_slurm(printed / "sacct-epoch.txt", nodes=printed / "nodes.txt").jobs
    assert epoch.equals(local.join(epoch.select("job", "run"), on=["job", "run"], how="semi"))


def test_scontrol_and_sinfo_draft_the_same_fleet(printed: Path) -> None:
    assert draft_fleet(read_nodes(printed / "nodes.txt")) == draft_fleet(read_nodes(printed / "sinfo.txt"))
