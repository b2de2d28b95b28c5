"""What was asked for, and what happened: the two tables that replay writes and the ledger reads.

    Shapes     everything about a demand that decides where it fits        one row a shape
    Workload   the jobs: who asked, when, for what shape, how much work    one row a job
    Runs       one stay of a job in the system: queued -> start -> end     one row a run, with its nodes and chips
    Outages    when nodes were down or drained                             one row an interval

"As it happened" and every replay are the same pair (Workload, Runs), so one ledger explains both.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]
Floats: TypeAlias = NDArray[np.float64]


class Outcome(IntEnum):
    """How a run ended."""

    COMPLETED = 0
    FAILED = 1
    CANCELLED = 2
    PREEMPTED = 3
    TIMEOUT = 4
    NODE_FAIL = 5
    RUNNING = 6
    PENDING = 7


class Service(IntEnum):
    """A job's class of service."""

    NORMAL = 0
    SERVING = 1
    SPARE = 2


@dataclass(frozen=True)
class Shapes:
    """S demands; jobs of one shape are interchangeable for placement.

    `nodes` is the gang (how many nodes), and per node: `chips`, `share` (thousandths of each chip), `cpu`
    (millicores), `memory` (MiB). `pools[S, P]`: pools where it may run; `kinds[S, P]`: pools where it might run if
    neither a partition nor a pool had been asked for.
    """

    nodes: Ints
    chips: Ints
    share: Ints
    cpu: Ints
    memory: Ints
    pools: Bools
    kinds: Bools

    def __len__(self) -> int:
        return len(self.nodes)


@dataclass(frozen=True)
class Workload:
    """J jobs, in the order of (submit, name). Times in ms; UNKNOWN (-1) where the log does not say.

    `work` is how long the job runs (start-up included), `ends` how it then ends (Outcome), `limit` the user's time
    limit, `checkpoint` the time between checkpoints, `starting` the start-up at the head of every run, `activity` in
    parts per million, `idle_chips` how many of its chips stood at zero throughout. `after` is the job whose end
    releases this one (or -1), and `gap` how long after that end it is submitted again; a job with `after` is not
    submitted on its own.
    """

    names: tuple[str, ...]
    tenants: tuple[str, ...]
    shapes: Shapes
    shape: Ints
    tenant: Ints
    submit: Ints
    work: Ints
    limit: Ints
    checkpoint: Ints
    starting: Ints
    ends: Ints
    service: Ints
    activity: Ints
    idle_chips: Ints
    after: Ints
    gap: Ints

    def __len__(self) -> int:
        return len(self.names)

    @property
    def demand(self) -> Ints:
        """Milli-chips that each job holds while it runs."""
        return (self.shapes.nodes * self.shapes.chips * self.shapes.share)[self.shape]


@dataclass(frozen=True)
class Runs:
    """R runs. `start` is NEVER for a stay that ended in the queue; `end` is when it left the system, in ms.

    The nodes of run r are `node[first[r]:first[r + 1]]`, with `chipmask` (bit i: chip i of that node; 0 for a job
    without chips). A node of -1 is one that the log does not name. `first` is empty for a record without places.
    """

    job: Ints
    queued: Ints
    start: Ints
    end: Ints
    outcome: Ints
    first: Ints
    node: Ints
    chipmask: Ints

    def __len__(self) -> int:
        return len(self.job)


@dataclass(frozen=True)
class Outages:
    """Intervals in which `node` took no new work: `down` (what ran there was lost) or drained (what ran went on)."""

    node: Ints
    start: Ints
    end: Ints
    down: Bools

    def __len__(self) -> int:
        return len(self.node)


def no_outages() -> Outages:
    empty = np.zeros(0, np.int64)
    return Outages(empty, empty, empty, np.zeros(0, np.bool_))
