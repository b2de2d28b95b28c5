"""What a desk must not forget when it is closed, so that the next one decides as it would have.

    usage       what tenants have used                              no engine knows it
    attained    what jobs have received in runs that are over       no engine knows it
    jobs        what was known of them                              what became of them since is then seen, not guessed

Whoever keeps it is handed what is new with each turn (`headrace.live.recall`), in the transaction of what it follows
from, and hands all of it to the next desk.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from headrace.live.engine import JobSeen


@dataclass(frozen=True)
class Memory:
    """`usage` by tenant: (milli-chip-ms, decayed as `fair` decays it; the instant up to which it counts, ms).
    `attained` by job: milli-chip-ms received in runs that are over; jobs that have received nothing are left out.
    `jobs` are those that were alive, as the engine last had them, in the order in which they came."""

    usage: dict[str, tuple[int, int]] = field(default_factory=dict)
    attained: dict[str, int] = field(default_factory=dict)
    jobs: tuple[JobSeen, ...] = ()


NOTHING: Final = Memory()
