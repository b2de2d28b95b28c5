"""What a desk must not forget when it is closed: what tenants have used, and what jobs have received in earlier runs.

All else an engine can be asked; this only the desk knows. Whoever keeps it writes it down with each turn, and hands it
to the next desk before its first look.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from headrace.policy.order.fair import settle

if TYPE_CHECKING:
    from headrace.live.desk import Desk


@dataclass(frozen=True)
class Memory:
    """`usage` by tenant: (milli-chip-ms, decayed as `fair` decays it; the instant up to which it counts, ms).
    `attained` by job: milli-chip-ms received in runs that are over; jobs that have received nothing are left out."""

    usage: dict[str, tuple[int, int]] = field(default_factory=dict)
    attained: dict[str, int] = field(default_factory=dict)


def remember(desk: Desk, now: int) -> Memory:
    """What there is to remember at `now` (ms)."""
    state, usage = desk.tables.state, dict(desk.memory.usage)
    for name, t in desk.tables.tenants.items():
        settle(desk.tables.state_ref, t, now)
        usage[name] = int(state.tenants[t]["usage"]), int(state.tenants[t]["settled"])
    attained = {job: int(state.jobs[known.number]["attained"]) for job, known in desk.jobs.items()}
    return Memory(usage, {job: received for job, received in attained.items() if received})
