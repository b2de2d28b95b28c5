"""Whatever users and operators do while `headrace serve` is at work, in an order that chance chooses: it bears it."""

from __future__ import annotations

import json
import random
import time
from typing import TYPE_CHECKING, Final

import pytest
from tests.live.slurm.history import most_on_nodes, own_history
from tests.serve.servers import eventually

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.live.slurm.cluster import Cluster
    from tests.live.slurm.served import Mill

    Put = Callable[..., Mill]

DEEDS: Final = 150
ASKED: Final = (
    *(("--gres=gpu:1",), ("--gres=gpu:3",), ("--gres=gpu:6",), ("--gres=gpu:6", "-N2"), ("--gres=gpu:h100:2",)),
    *(
        ("--gres=shard:3",),
        ("--array=0-3%2", "--gres=gpu:1"),
        ("-N1", "--exclusive"),
        ("-C", "h20|a800", "--gres=gpu:1"),
    ),
    *(("-w", "asc-1", "--gres=gpu:1"), ("--no-requeue", "--gres=gpu:2"), ("-H", "--gres=gpu:1")),
    *(("--begin=now+5", "--gres=gpu:1"), ("-L", "solver:1", "--gres=gpu:1"), ("--comment=a b 'c'", "--gres=gpu:1")),
)
DONE_TO_JOBS: Final = (
    *("hold {}", "release {}", "requeue {}", "requeuehold {}", "suspend {}", "resume {}", "update JobId={} Nice=5"),
    *("update JobId={} TimeLimit=3", "update JobId={} Partition=run", "update JobId={} Partition=front"),
    *("update JobId={} Comment=headrace:kinds=H20", "update JobId={} ReqNodeList=h20-1"),
)
DONE_TO_NODES: Final = ("update NodeName={} State=DRAIN Reason=ecc", "update NodeName={} State=RESUME")
NODES: Final = ("h20-1", "h100-2", "a800-1", "asc-2")


class People:
    """Users who submit, change their minds and cancel, and operators who meddle; most of it is refused by Slurm."""

    def __init__(self, cluster: Cluster, seed: int) -> None:
        self.cluster, self.chance = cluster, random.Random(seed)

    def queue(self) -> list[str]:
        return self.cluster.run("squeue", "-h", "-a", "-r", "-o", "%i").split()

    def do(self) -> None:
        """One thing."""
        pick, queue = self.chance.choice, self.queue()
        what = self.chance.random()
        if what < 0.4 or not queue:
            user, account = pick((("nobody", "team-a"), ("games", "team-b")))
            self.cluster.sbatch(*pick(ASKED), seconds=self.chance.randint(0, 3), user=user, account=account)
        elif what < 0.5:
            self.cluster.run("scancel", pick(queue), check=False)
        elif what < 0.9:
            self.cluster.run("scontrol", *pick(DONE_TO_JOBS).format(pick(queue)).split(), check=False)
        else:
            self.cluster.run("scontrol", *pick(DONE_TO_NODES).format(pick(NODES)).split(), check=False)

    def go_home(self) -> None:
        """What they hold they let go."""
        for node in NODES:
            self.cluster.run("scontrol", "update", f"NodeName={node}", "State=RESUME", check=False)
        for job in self.queue():
            self.cluster.run("scontrol", "release", job, check=False)
            self.cluster.run("scontrol", "resume", job, check=False)


@pytest.mark.slurm
def test_whatever_people_do_the_queue_empties_and_nothing_is_a_fault(cluster: Cluster, put: Put) -> None:
    """Every job ends, nothing stays booked, no node ever has more than it has, and no trouble is logged."""
    mill, people = put(), People(cluster, 5)
    mill.serve()
    for _ in range(DEEDS):
        people.do()
        time.sleep(people.chance.uniform(0, 0.2))
    known = {job for job, one in mill.jobs().items() if one["status"] != "ended"}
    people.go_home()
    eventually(lambda: not people.queue(), 180)
    eventually(lambda: mill.ended() >= known)
    mill.round()
    assert {name: node["held_milli"] for name, node in mill.nodes().items() if node["held_milli"]} == {}
    said = [json.loads(line) for line in mill.log().splitlines()]
    assert [line["said"] for line in said if line.get("what") in ("fault", "trouble")] == []
    log = own_history(mill, known)
    assert mill.explained(log).overcommit is None
    assert max(most_on_nodes(log).values(), default=0) <= 6
