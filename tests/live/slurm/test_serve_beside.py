"""`headrace serve` beside what breaks and beside others who act: Slurm is right, and nothing is lost."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from tests.live.slurm.cluster import NODES
from tests.live.slurm.served import FLEET
from tests.serve.servers import eventually

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.live.slurm.cluster import Cluster
    from tests.live.slurm.served import Mill

    Put = Callable[..., Mill]

pytestmark = pytest.mark.slurm

ONCE_CUT_OFF = "$((SLURM_RESTART_COUNT ? 1 : 500))"
"""For minutes at first, and for a second when it is run again."""


def queue(cluster: Cluster) -> list[str]:
    """Each job with its partition, state, comment and the nodes that it asks for."""
    return sorted(cluster.run("squeue", "-h", "-a", "-o", "%i %P %t %k %n").splitlines())


class TestWhatBreaks:
    """Nodes and daemons."""

    def test_a_drained_node_is_noticed_within_one_round(self, cluster: Cluster, put: Put) -> None:
        """With its reason; it takes nothing new, what runs there goes on, and it is back once Slurm has asked it."""
        mill = put()
        mill.serve()
        stays = cluster.sbatch("--gres=gpu:6", "--comment=headrace:kinds=H20", gate="drained")
        eventually(lambda: mill.job(stays).get("status") == "running")
        (node,) = (place["node"] for place in mill.job(stays)["on"])
        cluster.run("scontrol", "update", f"NodeName={node}", "State=DRAIN", "Reason=ecc")
        mill.round()
        assert not mill.nodes()[node]["up"]
        assert "ecc" in mill.nodes()[node]["reason"]
        others = {cluster.sbatch("--gres=gpu:4", "--comment=headrace:kinds=H20") for _ in range(2)}
        mill.until_done(others)
        cluster.open("drained")
        mill.until_done({stays})
        assert {name for job, name in mill.done() if job in others} == {"h20-1", "h20-2"} - {node}
        cluster.run("scontrol", "update", f"NodeName={node}", "State=RESUME")
        eventually(lambda: mill.nodes()[node]["up"])

    def test_a_node_that_dies_is_noticed_within_one_round_and_its_job_runs_elsewhere(
        self, cluster: Cluster, put: Put
    ) -> None:
        """What ran there is started again on another node, as its next run, and completes."""
        mill = put()
        mill.serve()
        job = cluster.sbatch("--gres=gpu:6", "--comment=headrace:kinds=H20", seconds=ONCE_CUT_OFF)
        eventually(lambda: mill.job(job).get("status") == "running")
        (node,) = (place["node"] for place in mill.job(job)["on"])
        cluster.kill(f"slurmd-{node}")
        cluster.run("scontrol", "update", f"NodeName={node}", "State=DOWN", "Reason=board")
        mill.round()
        assert mill.nodes()[node]["lost"]
        eventually(lambda: mill.job(job)["outcome"] == "completed")
        assert (mill.job(job)["run"], mill.job(job)["ours"]) == (1, True)
        assert [name for number, name in mill.done() if number == job] == [({"h20-1", "h20-2"} - {node}).pop()]

    def test_slurmctld_killed_and_started_again_loses_nothing(self, cluster: Cluster, put: Put) -> None:
        """Meanwhile the server says that it cannot ask; afterwards what ran still runs and what waited starts."""
        mill = put()
        mill.serve()
        runs = {cluster.sbatch("--gres=gpu:6", gate="slurmctld") for _ in NODES}
        eventually(lambda: {mill.job(job).get("status") for job in runs} == {"running"})
        waits = {cluster.sbatch("--gres=gpu:3", user="games", account="team-b") for _ in range(10)}
        eventually(lambda: {mill.job(job).get("status") for job in waits} == {"waiting"})
        cluster.saved()
        cluster.kill("slurmctld")
        eventually(lambda: "scontrol ping" in mill.ask("/healthz")["said"])
        eventually(lambda: not mill.ask("/healthz")["ok"])  # some seconds without a good round, not one
        cluster.start_controller()
        cluster.open("slurmctld")
        mill.until_done(runs | waits)
        eventually(lambda: mill.ended() >= runs | waits)
        assert Counter(job for job, _ in mill.done() if job in runs | waits) == Counter(runs | waits)
        jobs = mill.jobs()
        assert {(jobs[job]["outcome"], jobs[job]["run"]) for job in runs | waits} == {("completed", 0)}


class TestWhatOthersDo:
    """Operators, and Slurm's own scheduler."""

    def test_a_job_that_an_operator_moved_behind_its_back_is_adopted(self, cluster: Cluster, put: Put) -> None:
        """It runs on though its tenant has no quota for it; it is booked where it runs, and said not to be ours."""
        mill = put(fleet=FLEET + '[[tenant]]\nname = "team-a"\nquota = { H20 = 0, H100 = 0, A800 = 0, 910B = 0 }\n')
        mill.serve()
        job = cluster.sbatch("--gres=gpu:6", gate="moved")
        eventually(lambda: mill.ask(f"/api/v1/jobs/{job}/why").get("reason") == "quota")
        cluster.run("scontrol", "update", f"JobId={job}", "Partition=run")
        eventually(lambda: mill.job(job)["status"] == "running")
        assert not mill.job(job)["ours"]
        (node,) = (place["node"] for place in mill.job(job)["on"])
        mill.round()
        assert mill.nodes()[node]["held_milli"] == 6000
        assert f"job {job} was started behind our back" in mill.log()
        cluster.open("moved")
        mill.until_done({job})
        eventually(lambda: mill.job(job)["outcome"] == "completed")

    def test_a_shadow_never_acts(self, cluster: Cluster, put: Put) -> None:
        """The queue stays as it is, whatever it proposes; and what Slurm's own scheduler starts, it sees."""
        mill = put(shadow="true")
        mill.serve()
        jobs = {cluster.sbatch(f"--gres=gpu:{chips}", "--comment=headrace:kinds=H20,A800") for chips in (1, 4, 6)}
        before = queue(cluster)
        eventually(lambda: jobs <= mill.jobs().keys())
        for _ in range(3):
            mill.round()
        assert queue(cluster) == before
        assert not (mill.home.folder / "lease.json").exists()
        assert sum(one["started"] for one in mill.ask("/api/v1/rounds")["items"]) >= len(jobs)
        cluster.run("scontrol", "update", "PartitionName=front", "State=UP")
        mill.until_done(jobs)
        eventually(lambda: mill.ended() >= jobs)
        assert not any(mill.job(job)["ours"] for job in jobs)
