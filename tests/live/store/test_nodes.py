"""When nodes took no work: one event from the first time that was seen to the first time it was not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.live.store.made import node

from headrace.live.store.nouns import NodeEvent, Page
from headrace.units import NEVER

if TYPE_CHECKING:
    from headrace.live.store.store import Store


def events(store: Store, since: int = 0) -> list[tuple[str, int, int, str, str]]:
    return [(e.node, e.start, e.end, e.state, e.reason) for e in store.node_events(since)]


def test_a_node_comes_back_as_it_was_last_seen(store: Store) -> None:
    """By name; what it was before is gone, but for its events."""
    store.record(1, nodes_seen=[node("b"), node("a", cpu=7)])
    store.record(2, nodes_seen=[node("a", up=False, lost=True, reason="power")])
    assert store.nodes() == (node("a", up=False, lost=True, reason="power"), node("b"))


def test_a_drain_lasts_from_when_it_was_seen_until_the_node_is_up(store: Store) -> None:
    """Seen again and again it is still one event."""
    for at, up in ((1, True), (2, False), (3, False), (4, True), (5, True)):
        store.record(at, nodes_seen=[node(up=up, reason="" if up else "ecc")])
    assert events(store) == [("n1", 2, 4, "drain", "ecc")]


def test_a_drained_node_that_is_lost_begins_another_event(store: Store) -> None:
    """Down and drained are different things for what ran there; so is another reason."""
    store.record(1, nodes_seen=[node(up=False, reason="ecc")])
    store.record(2, nodes_seen=[node(up=False, lost=True, reason="ecc")])
    store.record(3, nodes_seen=[node(up=False, lost=True, reason="power")])
    assert events(store) == [
        ("n1", 1, 2, "drain", "ecc"),
        ("n1", 2, 3, "down", "ecc"),
        ("n1", 3, NEVER, "down", "power"),
    ]


def test_nodes_that_are_not_mentioned_stay_as_they_are(store: Store) -> None:
    """Those that changed are enough; the others' events go on."""
    store.record(1, nodes_seen=[node("a", up=False), node("b", up=False)])
    store.record(2, nodes_seen=[node("a")])
    assert events(store) == [("a", 1, 2, "drain", ""), ("b", 1, NEVER, "drain", "")]


def test_events_since_a_time_are_those_that_last_or_ended_then(store: Store) -> None:
    """And come in pages by key."""
    for at in range(1, 9, 2):
        store.record(at, nodes_seen=[node(up=False)])
        store.record(at + 1, nodes_seen=[node()])
    assert [event[1] for event in events(store, 5)] == [5, 7]
    (first,) = store.node_events(5, Page(size=1))
    assert store.node_events(5, Page(first.sequence)) == (NodeEvent(first.sequence + 1, "n1", 7, 8, "drain", ""),)
