"""What the store and the desk hold, as the API answers it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

from headrace.serve.shapes import AuditLine, Job, Node, Place, Round, Step
from headrace.units import NEVER, UNKNOWN
from headrace.world.record import Outcome

if TYPE_CHECKING:
    from headrace.live.desk import Desk
    from headrace.live.engine import NodeSeen
    from headrace.live.known import Places
    from headrace.live.known import Step as Decided
    from headrace.live.store.chain import Line
    from headrace.live.store.nouns import JobKept, RoundKept
    from headrace.serve.shapes import OutcomeName, ServiceName, StatusName

OPEN = (Outcome.RUNNING, Outcome.PENDING)


def job_view(kept: JobKept) -> Job:
    """A job of the store."""
    asked, seen = kept.job.asked, kept.job
    return Job(
        job=asked.job,
        name=asked.name,
        tenant=asked.tenant,
        user=asked.user,
        workload=asked.workload,
        status=cast("StatusName", seen.status.name.lower()),
        outcome=None if seen.outcome in OPEN else cast("OutcomeName", seen.outcome.name.lower()),
        run=seen.run,
        nodes=asked.nodes,
        chips=asked.chips,
        share_milli=asked.share,
        cpu_millicores=asked.cpu,
        memory_mib=asked.memory,
        kinds=list(asked.kinds),
        pools=list(asked.pools),
        pinned=list(asked.pinned),
        service=cast("ServiceName", asked.service.name.lower()),
        limit_ms=known(asked.limit),
        checkpoint_ms=known(asked.checkpoint),
        submit_ms=asked.submit,
        start_ms=instant(seen.start),
        end_ms=instant(seen.end),
        on=places(seen.on),
        ours=seen.ours,
        startable=seen.startable,
        seen_ms=kept.seen,
    )


def node_view(node: NodeSeen, held: int, jobs: int) -> Node:
    """A node of the store, with what is held there."""
    return Node(
        name=node.name,
        kind=node.kind,
        pool=node.pool,
        chips=node.chips,
        held_milli=held,
        jobs=jobs,
        cpu_millicores=node.cpu,
        memory_mib=node.memory,
        up=node.up,
        lost=node.lost,
        reason=node.reason,
    )


def round_view(kept: RoundKept) -> Round:
    """A round of the store."""
    return Round(
        sequence=kept.sequence,
        at_ms=kept.at,
        took_ms=kept.took,
        waiting=kept.waiting,
        started=kept.started,
        stopped=kept.stopped,
        rejected=kept.rejected,
    )


def audit_view(line: Line) -> AuditLine:
    """A line of the audit log."""
    return AuditLine(
        sequence=line.sequence,
        at_ms=line.at,
        who=line.who,
        what=line.what,
        detail=json.loads(line.detail),
        previous=line.previous,
        hash=line.hash,
    )


def step_view(desk: Desk, step: Decided) -> Step:
    """A step of a plan."""
    return Step(job=step.job, tenant=desk.jobs[step.job].asked.tenant, run=step.run, on=places(step.on))


def places(on: Places) -> list[Place]:
    """Nodes with their chips' numbers."""
    return [Place(node=node, chips=None if mask == UNKNOWN else _bits(mask)) for node, mask in on]


def _bits(mask: int) -> list[int]:
    return [i for i in range(mask.bit_length()) if mask >> i & 1]


def known(length: int) -> int | None:
    """A length in ms, None where it is not known."""
    return None if length == UNKNOWN else length


def instant(at: int) -> int | None:
    """An instant in ms, None where it does not come."""
    return None if at == NEVER else at
