"""All that the page shows, as the API answers it to one reader."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from headrace.report.words import Words
    from headrace.serve.shapes import Health, Job, Ledger, Me, Nodes, Rounds, Tenants, Why

FIRST: Final = 50
"""So many rows of a table are shown; of the others it is said how many there are."""
ROUNDS: Final = 10


@dataclass(frozen=True)
class Waiting:
    """A job that waits, and why."""

    job: Job
    why: Why


@dataclass(frozen=True)
class View:
    """What `me` may see at this moment.

    `waiting` are the first jobs of the queue and `queue` how many there are; `lease_ms` is when the lease was last
    renewed, None where there is none; `now_ms` is the clock of the server. Views of one `stamp` differ in `me` alone; 0
    is none.
    """

    me: Me
    now_ms: int
    health: Health
    lease_ms: int | None
    ledger: Ledger
    waiting: tuple[Waiting, ...]
    queue: int
    nodes: Nodes
    tenants: Tenants
    rounds: Rounds
    stamp: int = 0


class Source(Protocol):
    """Where views come from: the same answers, and the same rights, as the API's."""

    def who(self, token: str) -> Me | None:
        """Whom the token stands for; None where it is none, or is none any more."""

    def view(self, me: Me, words: Words) -> View:
        """What `me` may see now, sentences in the language of `words`. HeadraceError where that cannot be told."""

    def changed(self) -> int:
        """A number that grows whenever there may be something new to see."""

    def ending(self) -> bool:
        """Whether the server is about to end, and streams with it."""
