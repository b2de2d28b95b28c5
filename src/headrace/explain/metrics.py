"""One line of the comparison: what tenants felt and what the fleet did, from a workload and its runs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Metrics:
    """Figures of one policy, or of what happened. Times in ms; shares of what was paid, 0..1.

    Completion is from a job's submission to the end of its last run; wait is all its time in the queue. `finished`
    jobs are those that ran to their end; `stranded` those that never could start. `slowdown` is the worst tenant's
    mean completion over its mean time running alone, and `slowest` that tenant.
    """

    name: str
    jobs: int
    finished: int
    stranded: int
    avg_completion: float
    p50_completion: int
    p99_completion: int
    avg_wait: float
    p50_wait: int
    p95_wait: int
    p99_wait: int
    makespan: int
    allocated: float
    useful: float
    preemptions: int
    interruptions: int
    lost: int
    slowdown: float
    slowest: str
    money_lost: dict[str, int]


@dataclass(frozen=True)
class Bounds:
    """What no policy can beat: makespan (ms) from work over capacity and from the longest job; completion from work."""

    makespan_work: int
    makespan_longest: int
    avg_completion: float

    @property
    def makespan(self) -> int:
        return max(self.makespan_work, self.makespan_longest)
