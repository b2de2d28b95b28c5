"""What happened, as it is told: a code and its numbers for programs, a plain sentence for the log."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from headrace.units import NEVER

if TYPE_CHECKING:
    from headrace.live.engine import JobSeen, NodeSeen

HELD_BY_ENGINE: Final = "job {job} is held by the engine"
NOT_STARTED: Final = "the engine did not start it: {said}"
SILENT: Final = "it was told, and nothing came of it"
TAKEN: Final = "its nodes were taken or went out before it was started"
"""Why a job is not tried for now; whoever tells a reader knows these, and says them in the reader's language."""


class What(StrEnum):
    """Kinds of event, in the order in which those of one observation are told."""

    CLOCK_BACK = "clock_back"
    """The engine's clock jumped back; the last instant that was seen goes on counting."""
    NODE_NEW = "node_new"
    NODE_CHANGED = "node_changed"
    """It has another kind, pool or size."""
    ENDED = "ended"
    VANISHED = "vanished"
    """The engine lists the job no more, and does not say how it ended."""
    INTERRUPTED = "interrupted"
    """It was cut off and waits again."""
    STOPPED = "stopped"
    """It was stopped from here, and waits again."""
    NODE_BACK = "node_back"
    NODE_OUT = "node_out"
    """It takes no new work; what runs there goes on."""
    NODE_LOST = "node_lost"
    """What ran there is gone."""
    NODE_GONE = "node_gone"
    """The engine lists it no more."""
    CHANGED = "changed"
    """What the job asks for is not what it was."""
    HELD = "held"
    """The engine holds it, or refused to start it: it is not tried for now."""
    RELEASED = "released"
    SUBMITTED = "submitted"
    DECIDED = "decided"
    """An order from before a restart stands: it may yet be done."""
    ADOPTED = "adopted"
    """It runs, and nobody here decided that it should."""
    MOVED = "moved"
    """It runs elsewhere than was decided or known."""
    STARTED = "started"
    """What was decided is seen to run."""
    CROWDED = "crowded"
    """The engine put more on the node than it has: nothing more is placed there until there is room."""


@dataclass(frozen=True)
class Event:
    """One thing that happened; `at` in engine time (ms). `seen` or `node` is what the engine said, where it did.

    `again` is when a job that was refused is tried again (ms); NEVER where that is up to the engine.
    """

    what: What
    at: int
    said: str
    job: str = ""
    run: int = 0
    seen: JobSeen | None = None
    node: NodeSeen | None = None
    again: int = NEVER
