"""An intent is stored once, before it is acted on, and never goes backwards."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.live.store.made import start

from headrace.errors import StoreError
from headrace.live.engine import Start, Stop
from headrace.live.store import statements
from headrace.live.store.nouns import OPEN, IntentState, Order, Page, Settled, may_follow

if TYPE_CHECKING:
    from headrace.live.store.store import Store

STATES = st.sampled_from(IntentState)
STEPS = st.lists(st.tuples(st.integers(0, 2), STATES), max_size=12)
PREFIXES = count()


def test_what_was_intended_comes_back_in_order_until_it_ends(store: Store) -> None:
    """Starts with their places, stops without; those that ended are no longer open."""
    store.intend(5, [Start("a", "1", 0, (("n1", 3), ("n2", -1))), Stop("b", "2", 4)])
    first, second = store.open_intents()
    assert [first.to_engine(), second.to_engine()] == [Start("a", "1", 0, (("n1", 3), ("n2", -1))), Stop("b", "2", 4)]
    assert (first.order, first.job, first.run, first.on) == (Order.START, "1", 0, (("n1", 3), ("n2", -1)))
    assert (second.order, second.job, second.run, second.on) == (Order.STOP, "2", 4, ())
    assert {intent.state for intent in (first, second)} == {IntentState.NEW}
    store.settle(6, [Settled("a", IntentState.SENT), Settled("b", IntentState.FAILED, "no such job")])
    (only,) = store.open_intents()
    assert (only.key, only.state, only.made, only.changed) == ("a", IntentState.SENT, 5, 6)
    assert [(intent.key, intent.said) for intent in store.intents(job="2")] == [("b", "no such job")]


def test_one_key_twice_is_one_intent(store: Store) -> None:
    """Stored again, as after a lost connection, it is there once, and audited once."""
    store.intend(1, [start("a"), start("b")])
    store.intend(2, [start("b"), start("c"), start("c")])
    assert [(intent.key, intent.made) for intent in store.open_intents()] == [("a", 1), ("b", 1), ("c", 2)]
    assert [line.detail.count("start") for line in store.audit()] == [2, 1]


@pytest.mark.parametrize(
    "other", [start("a", job="2"), start("a", run=1), start("a", on=(("n2", 255),)), Stop("a", "1", 0)]
)
def test_a_key_that_stands_for_another_order_is_refused_whole(store: Store, other: Start | Stop) -> None:
    """Whether it was stored before or stands twice in one list; nothing of the list is stored then."""
    for orders in ([start("x"), start("a"), other], [start("y"), other]):
        store.intend(1, [start("a")])
        with pytest.raises(StoreError, match="'a' stands for another order already"):
            store.intend(2, orders)
        assert [intent.key for intent in store.open_intents()] == ["a"]


@given(before=STATES, after=STATES)
def test_the_rule_leads_only_forwards(before: IntentState, after: IntentState) -> None:
    """No end is left, nothing becomes new, and a later state is never followed by an earlier one."""
    if may_follow(before, after):
        assert before in OPEN
        assert before.value <= after.value
        assert after is not IntentState.NEW


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_intents_never_go_backwards(store: Store, steps: list[tuple[int, IntentState]]) -> None:
    """Whatever is told, one by one or at once, the store follows the rule and says what it refused."""
    prefix = f"{next(PREFIXES)}."
    keys, twins = [[f"{prefix}{i}{twin}" for i in range(3)] for twin in "ab"]
    store.intend(0, [start(key, job=prefix) for key in (*keys, *twins)])
    expected = [IntentState.NEW] * 3
    for at, (i, state) in enumerate(steps, 1):
        refused = store.settle(at, [Settled(keys[i], state)])
        moves = may_follow(expected[i], state)
        assert refused == (() if moves or state is expected[i] else (keys[i],))
        expected[i] = state if moves else expected[i]
    store.settle(99, [Settled(twins[i], state) for i, state in steps])
    found = {intent.key: intent.state for intent in store.intents(Page(size=6, newest=True), job=prefix)}
    assert [found[key] for key in keys] == expected
    assert [found[key] for key in twins] == expected


def test_an_intent_that_was_never_stored_cannot_be_settled(store: Store) -> None:
    """Nor is anything else of the same call: an order that nobody intended is a mistake that must show."""
    store.intend(1, [start("a")])
    with pytest.raises(StoreError, match="no intent has the key 'b'"):
        store.settle(2, [Settled("a", IntentState.SENT), Settled("b", IntentState.SENT)])
    assert store.open_intents()[0].state is IntentState.NEW


def test_nothing_intended_or_settled_changes_nothing(store: Store) -> None:
    """A quiet round writes no line."""
    store.intend(1, [])
    assert store.settle(1, []) == ()
    assert store.audit() == ()


def test_more_keys_than_fit_into_one_statement_are_no_limit(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A round that starts more jobs than that stores them all (the limit is lowered here; 40,000 take a while)."""
    monkeypatch.setattr(statements, "MOST_KEYS", 7)
    orders = [start(f"k{i}") for i in range(40)]
    store.intend(1, orders)
    store.intend(2, orders)
    assert store.settle(3, [Settled(order.key, IntentState.SENT) for order in orders]) == ()
    assert {intent.state for intent in store.open_intents()} == {IntentState.SENT}
    assert len(store.open_intents()) == 40
