"""What the API answers: one model a kind of answer, the same for the command line, the page and other programs.

Times are milliseconds since 1970, UTC, and lengths milliseconds: names end in `_ms`. Chips that are shared are counted
in thousandths: names end in `_milli`. Chip-time is in milli-chip-milliseconds; money in the smallest unit of its
currency. What is not known is null, never zero.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

StatusName = Literal["waiting", "starting", "running", "ended"]
OutcomeName = Literal["completed", "failed", "cancelled", "preempted", "timeout", "node_fail"]
ServiceName = Literal["normal", "serving", "spare"]
RoleName = Literal["viewer", "tenant", "operator"]
ReasonName = Literal[
    "fits", "never", "quota", "kind", "chips", "fragmented", "cpu", "memory", "reserved", "behind", "gone", "engine",
    "unseen",
]  # fmt: skip
"""Those of headrace.world.plan.Reason; `engine`: the engine itself holds the job, or refused it; `unseen`: it was
submitted and no round has met it yet."""


class Shape(BaseModel):
    """An answer: as it is written here, and nothing beside."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Place(Shape):
    """A node and which of its chips; null where the engine chooses them itself."""

    node: str
    chips: list[int] | None


class Job(Shape):
    """A job as the engine last had it, at `seen_ms`. `run` counts requeues from 0; sizes are per node."""

    job: str
    name: str
    tenant: str
    user: str
    workload: str
    status: StatusName
    outcome: OutcomeName | None = Field(description="How it ended; null before, and where nobody knows.")
    run: int
    nodes: int
    chips: int
    share_milli: int
    cpu_millicores: int
    memory_mib: int
    kinds: list[str] = Field(description="Allowed kinds of chip; empty: any.")
    pools: list[str] = Field(description="Allowed pools; empty: any.")
    pinned: list[str] = Field(description="Nodes that the user named.")
    service: ServiceName
    limit_ms: int | None
    checkpoint_ms: int | None
    submit_ms: int
    start_ms: int | None
    end_ms: int | None
    on: list[Place]
    ours: bool = Field(description="False: it was started behind Headrace's back.")
    startable: bool = Field(description="False: the engine holds it for a reason of its own.")
    seen_ms: int


class Jobs(Shape):
    """A page of jobs; `next`, where it is not null, is the `after` of the page that follows."""

    items: list[Job]
    next: str | None


class Why(Shape):
    """Why a job waits: the reason, its numbers (chips in thousandths) and a sentence of them.

    `ahead` counts waiting jobs that were submitted before it; `expected_ms` is when what is missing is expected to be
    free, by the time limits of what runs. A job that does not wait has no reason.
    """

    job: str
    status: StatusName
    reason: ReasonName | None
    numbers: dict[str, int]
    ahead: int | None
    expected_ms: int | None
    said: str


class Node(Shape):
    """A node as the engine last had it. `up`: takes new work; `lost`: what ran there is gone; `jobs`: how many run."""

    name: str
    kind: str
    pool: str
    chips: int
    held_milli: int
    jobs: int
    cpu_millicores: int
    memory_mib: int
    up: bool
    lost: bool
    reason: str


class Nodes(Shape):
    """All nodes, by name."""

    items: list[Node]


class Tenant(Shape):
    """Who shares the fleet. `quota` is chips by kind, null without a cap; `held_milli` is what it holds, by kind."""

    name: str
    weight: float
    quota: dict[str, int] | None
    held_milli: dict[str, int]
    waiting: int
    running: int


class Tenants(Shape):
    """All tenants with a quota, a weight or jobs; a tenant sees itself alone."""

    items: list[Tenant]


class UsageLine(Shape):
    """What a tenant held of a kind on a day (UTC); `cost` is null where the fleet file gives the kind no price."""

    tenant: str
    kind: str
    day: str
    runs: int
    chip_time: int
    chip_hours: float
    cost: int | None
    currency: str | None


class Usage(Shape):
    """Showback: chip-hours and money by tenant, kind and day, in that order; `costs` sums the lines by currency."""

    since_ms: int
    until_ms: int
    items: list[UsageLine]
    chip_time: int
    chip_hours: float
    costs: dict[str, int]


class Step(Shape):
    """A job that is started on, or stopped on, these nodes."""

    job: str
    tenant: str
    run: int
    on: list[Place]


class Held(Shape):
    """A job that is left waiting, and why."""

    job: str
    tenant: str
    reason: ReasonName
    numbers: dict[str, int]
    said: str


class Plan(Shape):
    """What a round at `at_ms` would decide. `holds` are the first of the `waiting` jobs that it would not start."""

    at_ms: int
    policy: str
    waiting: int
    stops: list[Step]
    starts: list[Step]
    holds: list[Held]


class KindNow(Shape):
    """The chips of one kind at this moment, in thousandths; `chips_milli` is the sum of the four others."""

    kind: str
    chips_milli: int
    down_milli: int
    starting_milli: int
    running_milli: int
    free_milli: int


class ClassSoFar(Shape):
    """Chip-time in one class of the ledger, and its share of the whole in parts per million."""

    cls: str
    chip_time: int
    chip_hours: float
    share_ppm: int


class Ledger(Shape):
    """Chips by what they do now; and by class since `since_ms`, null while nothing has run or too much to sum here."""

    at_ms: int
    now: list[KindNow]
    since_ms: int | None
    classes: list[ClassSoFar] | None


class Round(Shape):
    """A round: when, how long it took, and what it did; `rejected` counts refusals by reason."""

    sequence: int
    at_ms: int
    took_ms: int
    waiting: int
    started: int
    stopped: int
    rejected: dict[str, int]


class Rounds(Shape):
    """A page of rounds, newest first."""

    items: list[Round]
    next: str | None


class Happening(Shape):
    """The data of one event of the stream.

    `what` is `round` or one of headrace.live.event.What, or `missed`: events before this one are no longer kept, so
    ask for everything again.
    """

    at_ms: int
    what: str
    said: str
    job: str
    tenant: str


class AuditLine(Shape):
    """A line of the audit log; each carries the hash of the one before it."""

    sequence: int
    at_ms: int
    who: str
    what: str
    detail: dict[str, Any]
    previous: str
    hash: str


class AuditLines(Shape):
    """A page of the audit log, newest first."""

    items: list[AuditLine]
    next: str | None


class Me(Shape):
    """Who the token stands for."""

    name: str
    role: RoleName
    tenant: str | None


class Health(Shape):
    """Whether the loop runs. `said` says what is wrong where it does not."""

    ok: bool
    said: str
    version: str
    engine: str
    shadow: bool
    turn_ms: int | None = Field(description="When the last turn ended well, by the server's clock.")


class Problem(Shape):
    """RFC 9457: why the answer is no. `title` names the status, `detail` is a sentence for a person."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str


class Submit(Shape):
    """A job to be run; sizes are per node. An operator names the tenant; a tenant's token stands for its own."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    command: list[str] = Field(min_length=1, max_length=1000)
    directory: str = Field("/", max_length=4000)
    environment: dict[str, str] = Field(default={}, max_length=1000)
    tenant: str | None = Field(None, min_length=1, max_length=200)
    user: str | None = Field(None, min_length=1, max_length=200)
    name: str = Field("", max_length=200)
    workload: str = Field("", max_length=200)
    nodes: int = Field(1, ge=1, le=100_000)
    chips: int = Field(1, ge=0, le=62)
    share_milli: int = Field(1000, ge=1, le=1000)
    cpu_millicores: int = Field(0, ge=0, le=10**9)
    memory_mib: int = Field(0, ge=0, le=10**12)
    kinds: list[str] = Field(default=[], max_length=100)
    pools: list[str] = Field(default=[], max_length=100)
    pinned: list[str] = Field(default=[], max_length=10_000)
    service: ServiceName = "normal"
    limit_ms: int | None = Field(None, ge=1, le=10**12)
    checkpoint_ms: int | None = Field(None, ge=1, le=10**12)
