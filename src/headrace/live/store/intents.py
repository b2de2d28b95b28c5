"""What was decided, stored before the engine is told, and how far it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select, update

from headrace.errors import StoreError
from headrace.live.engine import Start, Stop
from headrace.live.store.nouns import OPEN, Intent, IntentState, Order, Page, Settled, may_follow
from headrace.live.store.statements import paged, pieces
from headrace.live.store.tables import intents

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection


def add(db: Connection, at: int, orders: Sequence[Start | Stop]) -> tuple[Start | Stop, ...]:
    """Store `orders` as new, and say which were not stored already: one key twice is one intent.

    Raises StoreError where a key stands for another order already.
    """
    known = _by_key(db, [order.key for order in orders])
    fresh = {order.key: order for order in orders if order.key not in known}
    for order in orders:
        _same(order, known.get(order.key) or _row(at, fresh[order.key]))
    if fresh:
        db.execute(insert(intents), [_row(at, order) for order in fresh.values()])
    return tuple(fresh.values())


def settle(db: Connection, at: int, settled: Sequence[Settled]) -> tuple[str, ...]:
    """Move intents onwards, and give the keys of those that stand further on, or have ended otherwise, already.

    Raises StoreError for a key that no intent has.
    """
    state = {key: row["state"] for key, row in _by_key(db, [one.key for one in settled]).items()}
    moved, refused = [], []
    for one in settled:
        before = _known(state, one.key)
        if may_follow(before, one.state):
            state[one.key] = one.state
            moved.append({"of": one.key, "state": one.state, "said": one.said, "changed": at})
        elif before is not one.state:
            refused.append(one.key)
    if moved:
        db.execute(update(intents).where(intents.c.key == bindparam("of")), moved)
    return tuple(refused)


def unsettled(db: Connection) -> tuple[Intent, ...]:
    """All intents that have not ended, in the order in which they were made."""
    query = select(intents).where(intents.c.state.in_(OPEN)).order_by(intents.c.sequence)
    return tuple(Intent(**row._mapping) for row in db.execute(query))


def some(db: Connection, page: Page, job: str | None) -> tuple[Intent, ...]:
    """A page of intents: of one job, or all."""
    query = select(intents) if job is None else select(intents).where(intents.c.job == job)
    return tuple(Intent(**row._mapping) for row in db.execute(paged(query, intents.c.sequence, page)))


def order_of(order: Start | Stop) -> dict[str, Any]:
    """What an order says, without its key."""
    word = Order.START if isinstance(order, Start) else Order.STOP
    return {"order": word, "job": order.job, "run": order.run, "on": order.on if isinstance(order, Start) else ()}


def in_short(order: Start | Stop) -> list[Any]:
    """An order as a line of the audit log tells it."""
    said = order_of(order)
    return [order.key, said["order"].name.lower(), said["job"], said["run"], said["on"]]


def _row(at: int, order: Start | Stop) -> dict[str, Any]:
    life = {"made": at, "state": IntentState.NEW, "said": "", "changed": at}
    return {"key": order.key, **order_of(order), **life}


def _by_key(db: Connection, keys: Sequence[str]) -> dict[str, dict[str, Any]]:
    rows = (db.execute(select(intents).where(intents.c.key.in_(some))) for some in pieces(keys))
    return {row.key: dict(row._mapping) for found in rows for row in found}


def _same(order: Start | Stop, known: dict[str, Any]) -> None:
    if any(known[name] != value for name, value in order_of(order).items()):
        raise StoreError(
            f"the intent {order.key!r} stands for another order already; every order needs a key of its own"
        )


def _known(state: dict[str, IntentState], key: str) -> IntentState:
    if key not in state:
        raise StoreError(f"no intent has the key {key!r}; an intent is stored before it is settled")
    return state[key]
