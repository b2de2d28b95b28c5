"""Three hundred jobs, and what an observation and an order cost."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from tests.live.contract import until, until_job

from headrace.live.engine import Start, Status
from headrace.live.engines.slurm.channel import Channel
from headrace.live.engines.slurm.orders import to_nodes
from headrace.live.engines.slurm.tools import Tools
from headrace.units import UNKNOWN
from headrace.world.record import Outcome

if TYPE_CHECKING:
    from tests.live.slurm.cluster import Cluster
    from tests.live.slurm.conftest import SlurmFleet

    from headrace.live.engine import Observation

JOBS = 300


def first_fit(observation: Observation, keys: Counter[str]) -> list[Start]:
    """Whatever fits on the chips that nobody has, node by node."""
    free = {node.name: node.chips for node in observation.nodes if node.up}
    for job in observation.jobs:
        for name, _ in job.on if job.status in (Status.STARTING, Status.RUNNING) else ():
            free[name] -= job.asked.chips
    assert min(free.values()) >= 0, "a node has more jobs than chips"
    starts = []
    for job in observation.jobs:
        room = next((name for name, chips in free.items() if chips >= job.asked.chips), None)
        if job.status == Status.WAITING and job.startable and room:
            free[room] -= job.asked.chips
            keys[job.asked.job] += 1
            key = f"{job.asked.job}-{keys[job.asked.job]}"
            starts.append(Start(key, job.asked.job, job.run, ((room, UNKNOWN),)))
    return starts


@pytest.mark.slurm
def test_three_hundred_jobs_run_once_each_and_no_node_has_too_many(cluster: Cluster, fleet: SlurmFleet) -> None:
    """The smallest possible driver starts them all; each leaves one line behind, on the node that it was sent to."""
    done = cluster.base / "desk" / "done"
    done.write_text("")
    done.chmod(0o666)
    jobs = {cluster.sbatch(f"--gres=gpu:{1 + i % 3}", "--mem=100M", seconds=1) for i in range(JOBS)}
    ended: dict[str, Outcome] = {}
    keys: Counter[str] = Counter()
    sent: dict[str, str] = {}
    while len(ended) < JOBS:
        observation = fleet.engine.observe()
        ended |= {job.asked.job: job.outcome for job in observation.jobs if job.status == Status.ENDED}
        ended = {job: outcome for job, outcome in ended.items() if job in jobs}
        starts = first_fit(observation, keys)
        sent |= {order.job: order.on[0][0] for order in starts}
        assert all(answer.taken for answer in fleet.engine.act(starts))
        fleet.pass_time()
    assert set(ended.values()) == {Outcome.COMPLETED}
    assert dict(line.split() for line in done.read_text().splitlines()) == sent
    assert len(done.read_text().splitlines()) == JOBS


@pytest.mark.slurm
def test_an_observation_takes_as_many_calls_for_many_jobs_as_for_one(
    cluster: Cluster, fleet: SlurmFleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three: the time, the nodes, and the queue."""
    asked: list[str] = []
    ask = Tools.ask
    monkeypatch.setattr(Tools, "ask", lambda tools, name, *o, **v: (asked.append(name), ask(tools, name, *o, **v))[1])
    array = cluster.sbatch("--array=0-499", "--gres=gpu:1")
    until(fleet, lambda observation: sum(job.asked.job.startswith(f"{array}_") for job in observation.jobs) == 500)
    asked.clear()
    fleet.engine.observe()
    assert sorted(asked) == ["sdiag", "sinfo", "squeue"]


@pytest.mark.slurm
@pytest.mark.bench
def test_how_many_starts_a_second(cluster: Cluster, fleet: SlurmFleet) -> None:
    """Each is one order, and three calls of slurmctld. Said as a multiple of a process for each order."""
    jobs = [cluster.sbatch("-H", "--gres=gpu:1") for _ in range(JOBS)]
    channel = Channel(fleet.engine.tools)
    begun = time.perf_counter()
    said = channel.tell([to_nodes(job, "run", ["h20-1"], None) for job in jobs])
    many = JOBS / (time.perf_counter() - begun)
    assert not any(said)
    begun = time.perf_counter()
    for job in jobs[:30]:
        fleet.engine.tools.ask("scontrol", *to_nodes(job, "run", ["h20-1"], None).split())
    alone = 30 / (time.perf_counter() - begun)
    print(f"\n{many:.0f} starts a second by one scontrol, {alone:.0f} with a process each: {many / alone:.1f} times")
    channel.close()


@pytest.mark.slurm
@pytest.mark.bench
def test_how_long_an_observation_takes(cluster: Cluster, fleet: SlurmFleet) -> None:
    """Of ten jobs, and of ten thousand."""
    until_job(fleet, cluster.sbatch("--gres=gpu:1"), Status.WAITING)
    for tasks in (10, 10_000):
        array = cluster.sbatch(f"--array=1-{tasks}", "--gres=gpu:1")
        until(fleet, lambda observation, array=array: any(j.asked.job == f"{array}_1" for j in observation.jobs))
        engine = fleet.again()
        for how in ("anew", "again"):
            begun = time.perf_counter()
            seen = len(engine.observe().jobs)
            print(f"\n{seen} jobs observed {how} in {time.perf_counter() - begun:.3f} s")
        engine.close()
