"""A study: everything that the report shows, assembled once, so that terminal, page and JSON print the same figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headrace.explain.findings import Finding
    from headrace.explain.ledger import Ledger
    from headrace.explain.metrics import Bounds, Metrics
    from headrace.explain.mismatch import Mismatch
    from headrace.history.log import Reject
    from headrace.world.fleet import Fleet

AS_IT_HAPPENED = "as it happened"


@dataclass(frozen=True)
class TenantWait:
    """How long one tenant's jobs waited (ms), and what it held (milli-chip-ms)."""

    tenant: str
    jobs: int
    p50_wait: int
    p95_wait: int
    chip_time: int


@dataclass(frozen=True)
class Result:
    """One policy's replay, or (named AS_IT_HAPPENED) the log's own times. An oracle's name begins with `oracle:`.

    `mismatch` is None where no workload is known, and of replays beside what happened.
    """

    name: str
    ledger: Ledger
    metrics: Metrics
    waits: tuple[TenantWait, ...]
    mismatch: Mismatch | None = None

    @property
    def oracle(self) -> bool:
        return self.name.startswith("oracle:")


@dataclass(frozen=True)
class Shrink:
    """The smallest fleet whose 95th-percentile wait is no worse than `target_p95_wait` (ms), under `policy`."""

    policy: str
    target_p95_wait: int
    p95_wait: int
    nodes: dict[str, tuple[int, int]]
    """Pool -> (nodes now, nodes needed)."""
    tried: int


@dataclass(frozen=True)
class Study:
    """`happened` is None for a log without start times; `results` are the replays in the order asked for.

    The main ledger is `main.ledger`. `unplayed` counts the jobs that a replay leaves out, by reason: the log does not
    tell their work. `assumptions` are plain facts on how the log was read, as (message key, value).
    """

    fleet: Fleet
    source: str
    sha256: str
    fleet_sha256: str
    jobs: int
    rejects: tuple[Reject, ...]
    notes: tuple[str, ...]
    happened: Result | None
    results: tuple[Result, ...]
    bounds: Bounds
    findings: tuple[Finding, ...]
    unplayed: dict[str, int]
    assumptions: tuple[tuple[str, str], ...]
    shrink: Shrink | None
    version: str
    seed: int
    command: str

    @property
    def main(self) -> Result:
        """The result whose ledger the study opens with: what happened, or else the first policy replayed."""
        return self.happened if self.happened is not None else self.results[0]
