"""What is not kept for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete

from headrace.live.store.nouns import OPEN
from headrace.live.store.tables import intents, rounds

if TYPE_CHECKING:
    from sqlalchemy import Connection


def forget(db: Connection, before: int) -> None:
    """Remove rounds older than `before`, with their proposals, and intents that ended before it."""
    db.execute(delete(rounds).where(rounds.c.at < before))
    db.execute(delete(intents).where(intents.c.changed < before, intents.c.state.not_in(OPEN)))
