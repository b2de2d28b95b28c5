"""What an engine says of its fleet, and what it is told: the engine is always right."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Protocol

from headrace.units import NEVER, UNKNOWN
from headrace.world.record import Outcome, Service

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Status(IntEnum):
    """Where a job is in its life, as the engine has it."""

    WAITING = 0
    STARTING = 1
    RUNNING = 2
    ENDED = 3


@dataclass(frozen=True)
class NodeSeen:
    """A node as the engine knows it. `up`: takes new work; `lost`: what ran there is gone; cpus in millicores, memory
    in MiB."""

    name: str
    kind: str
    pool: str
    chips: int
    cpu: int
    memory: int
    up: bool
    lost: bool = False
    reason: str = ""


@dataclass(frozen=True)
class Asked:
    """What a user submitted; per node: chips, share (thousandths of each), cpu (millicores), memory (MiB). Times in ms.

    `job` is the engine's own id. `kinds` and `pools` (partitions) are those that are allowed; empty: any. `pinned` are
    nodes that the user named.
    """

    job: str
    tenant: str
    user: str
    submit: int
    nodes: int
    chips: int
    share: int
    cpu: int
    memory: int
    kinds: tuple[str, ...] = ()
    pools: tuple[str, ...] = ()
    pinned: tuple[str, ...] = ()
    limit: int = UNKNOWN
    checkpoint: int = UNKNOWN
    service: Service = Service.NORMAL
    name: str = ""
    workload: str = ""


@dataclass(frozen=True)
class JobSeen:
    """A job as the engine knows it now. `run` counts requeues from 0. `on`: node names with the chips' mask, UNKNOWN
    where the engine chooses chips itself. `ours`: started through Headrace (False: behind its back). `startable`: False
    where the engine holds it for a reason of its own (dependency, begin time, held by its user), which is `said`."""

    asked: Asked
    status: Status
    run: int = 0
    on: tuple[tuple[str, int], ...] = ()
    start: int = NEVER
    end: int = NEVER
    outcome: Outcome = Outcome.PENDING
    ours: bool = True
    startable: bool = True
    said: str = ""


@dataclass(frozen=True)
class Observation:
    """The whole of nodes, and of jobs that wait or run, at `at` (ms, UTC); and those that ended since the last one."""

    at: int
    nodes: tuple[NodeSeen, ...]
    jobs: tuple[JobSeen, ...]


@dataclass(frozen=True)
class Start:
    """Start run `run` of `job` on these nodes and chips. `key` is the intent's: one key twice is the same start."""

    key: str
    job: str
    run: int
    on: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Stop:
    """Stop run `run` of `job` and put it back in the queue (held by Headrace), to be started again."""

    key: str
    job: str
    run: int


@dataclass(frozen=True)
class Answer:
    """What the engine said to an order: taken, or why not, in its own words."""

    key: str
    taken: bool
    said: str = ""


class Engine(Protocol):
    """What really runs jobs."""

    def observe(self) -> Observation:
        """What the engine says now. Raises EngineError where it cannot be asked."""

    def act(self, orders: Sequence[Start | Stop]) -> Sequence[Answer]:
        """One answer an order, in order. Raises EngineError where the engine cannot be told; some may be done then."""

    def submit(
        self, asked: Asked, command: Sequence[str], directory: str, environment: Mapping[str, str], key: str = ""
    ) -> str:
        """The new job's id; one `key` twice is one job. EngineError where users submit to the engine itself (Slurm:
        they keep sbatch)."""

    def cancel(self, job: str, user: str) -> Answer:
        """End `job`, in the name of `user`; it does not come back."""
