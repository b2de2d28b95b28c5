"""Nodes as the engine last had them, and when they took no work."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, insert, or_, select, update

from headrace.live.engine import NodeSeen
from headrace.live.store.nouns import NodeEvent, Page
from headrace.live.store.statements import adding, paged
from headrace.live.store.tables import node_events, nodes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Row

SEEN: Final = tuple(field.name for field in fields(NodeSeen))


def keep(db: Connection, at: int, seen: Sequence[NodeSeen]) -> None:
    """Take over what the engine says now, and begin and end node events where it differs from before."""
    if not seen:
        return
    statement = adding(db, nodes)
    new = {name: statement.excluded[name] for name in (*SEEN, "seen") if name != "name"}
    db.execute(
        statement.on_conflict_do_update(index_elements=["name"], set_=new), [vars(node) | {"seen": at} for node in seen]
    )
    _keep_events(db, at, seen)


def all_of_them(db: Connection) -> tuple[NodeSeen, ...]:
    """Every node that was ever seen, by name."""
    return tuple(_node(row) for row in db.execute(select(nodes).order_by(nodes.c.name)))


def events(db: Connection, since: int, page: Page) -> tuple[NodeEvent, ...]:
    """A page of the events that last, or ended at `since` or after."""
    query = select(node_events).where(or_(node_events.c.end.is_(None), node_events.c.end >= since))
    return tuple(NodeEvent(**row._mapping) for row in db.execute(paged(query, node_events.c.sequence, page)))


def _keep_events(db: Connection, at: int, seen: Sequence[NodeSeen]) -> None:
    lasting = select(node_events).where(node_events.c.end.is_(None))
    before = {row.node: (row.state, row.reason) for row in db.execute(lasting)}
    now = {node.name: None if node.up else (_state(node), node.reason) for node in seen}
    changed = {name: event for name, event in now.items() if event != before.get(name)}
    if over := [{"of": name} for name in changed if name in before]:
        ends = update(node_events).where(node_events.c.node == bindparam("of"), node_events.c.end.is_(None))
        db.execute(ends.values(end=at), over)
    if begun := [_begun(at, name, *event) for name, event in changed.items() if event]:
        db.execute(insert(node_events), begun)


def _state(node: NodeSeen) -> str:
    return "down" if node.lost else "drain"


def _begun(at: int, node: str, state: str, reason: str) -> dict[str, Any]:
    return {"node": node, "start": at, "end": None, "state": state, "reason": reason}


def _node(row: Row[Any]) -> NodeSeen:
    return NodeSeen(**{name: row._mapping[name] for name in SEEN})
