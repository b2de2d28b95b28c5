"""What the rounds did, and what shadow mode would have done."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from headrace.live.store.intents import order_of
from headrace.live.store.nouns import Page, Proposal, RoundKept
from headrace.live.store.statements import paged
from headrace.live.store.tables import proposals, rounds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from headrace.live.engine import Start, Stop


def add(db: Connection, done: RoundKept, proposed: Sequence[Start | Stop]) -> int:
    """Note a round with what it proposed in shadow mode; its sequence."""
    row = {name: value for name, value in asdict(done).items() if name != "sequence"}
    sequence = int(db.execute(insert(rounds).returning(rounds.c.sequence), row).scalar_one())
    if proposed:
        shared = {"round": sequence, "at": done.at}
        db.execute(insert(proposals), [shared | order_of(order) for order in proposed])
    return sequence


def some(db: Connection, page: Page) -> tuple[RoundKept, ...]:
    """A page of rounds."""
    return tuple(RoundKept(**row._mapping) for row in db.execute(paged(select(rounds), rounds.c.sequence, page)))


def proposed(db: Connection, page: Page) -> tuple[Proposal, ...]:
    """A page of proposals."""
    query = paged(select(proposals), proposals.c.sequence, page)
    return tuple(Proposal(**row._mapping) for row in db.execute(query))
