"""One Slurm for all tests here; each test finds it idle, its front partition closed and its nodes up."""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.live.slurm.cluster import Cluster, missing
from tests.live.slurm.served import Mill, mill

from headrace.live.engines.slurm import Settings, SlurmEngine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(scope="session")
def running() -> Iterator[Cluster]:
    """The daemons, for the whole session."""
    lacks = missing()
    if lacks:
        pytest.skip(f"needs a real Slurm: {lacks}")
    base = Path(tempfile.mkdtemp(prefix="mill.", dir="/tmp"))  # a socket's path may have no more than 107 characters
    cluster = Cluster(base)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(base, ignore_errors=True)


@pytest.fixture
def cluster(running: Cluster) -> Iterator[Cluster]:
    """The same, idle."""
    yield running
    running.tidy()


class SlurmFleet:
    """As the contract wants it: users submit with sbatch, nodes are set down and up by an administrator."""

    chooses_chips = True
    user = "nobody"

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.engine = self.again()

    def submit(self, seconds: float, chips: int = 1, nodes: int = 1) -> str:
        return self.cluster.sbatch(f"--gres=gpu:{chips}", f"-N{nodes}", seconds=seconds)

    def again(self) -> SlurmEngine:
        return engine_of(self.cluster)

    def take_down(self, node: str) -> None:
        self.cluster.kill(f"slurmd-{node}")  # alive, it would register again at once and be up
        self.cluster.run("scontrol", "update", f"NodeName={node}", "State=DOWN", "Reason=board")

    def bring_back(self, node: str) -> None:
        self.cluster.start_node(node)
        self.cluster.run("scontrol", "update", f"NodeName={node}", "State=RESUME", check=False)

    def pass_time(self) -> None:
        time.sleep(0.1)


@pytest.fixture
def put(cluster: Cluster, tmp_path: Path) -> Iterator[Callable[..., Mill]]:
    """Puts a server in front of the Slurm, with the settings and the fleet file asked for; it is ended afterwards."""
    made: list[Mill] = []

    def here(**options: Any) -> Mill:
        made.append(mill(cluster, tmp_path, **options))
        return made[-1]

    yield here
    for one in made:
        one.stop()


def engine_of(cluster: Cluster, **settings: object) -> SlurmEngine:
    """An engine that works as the operator's account, with no more rights than that."""
    chosen = {"commands": str(cluster.as_operator()), "conf": cluster.env["SLURM_CONF"], "wait_s": 20.0} | settings
    return SlurmEngine(Settings.model_validate(chosen))


@pytest.fixture
def fleet(cluster: Cluster) -> Iterator[SlurmFleet]:
    made = SlurmFleet(cluster)
    yield made
    made.engine.close()


@pytest.fixture
def engine(fleet: SlurmFleet) -> SlurmEngine:
    return fleet.engine
