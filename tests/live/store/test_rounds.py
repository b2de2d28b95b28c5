"""What rounds did, what shadow mode would have done, and how long that is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.live.store.made import seen, start

from headrace.live.engine import Stop
from headrace.live.store.nouns import IntentState, Order, Page, RoundKept, Settled

if TYPE_CHECKING:
    from headrace.live.store.store import Store


def test_rounds_come_back_as_they_were(store: Store) -> None:
    """Counts by reason included, newest first if asked."""
    done = [RoundKept(at, 12, 100, 3, 1, {"quota": 2, "gang": 1} if at else {}) for at in range(3)]
    numbers = [store.note_round(one) for one in done]
    assert [(one.sequence, one.at, one.rejected) for one in store.rounds(Page(size=2, newest=True))] == [
        (numbers[2], 2, {"quota": 2, "gang": 1}),
        (numbers[1], 1, {"quota": 2, "gang": 1}),
    ]


def test_proposals_stand_with_their_round(store: Store) -> None:
    """What shadow mode would have ordered; no intent is made of it."""
    number = store.note_round(RoundKept(5, 1, 2, 0, 0), [start("a"), Stop("b", "2", 1)])
    first, second = store.proposals()
    assert (first.round, first.at, first.order, first.job, first.on) == (number, 5, Order.START, "1", (("n1", 255),))
    assert (second.order, second.job, second.run, second.on) == (Order.STOP, "2", 1, ())
    assert store.proposals(Page(first.sequence)) == (second,)
    assert store.open_intents() == ()


def test_what_only_the_present_needs_is_forgotten_and_history_is_not(store: Store) -> None:
    """Old rounds with their proposals and intents that ended go; open intents, jobs, runs and the audit log stay."""
    store.record(1, [seen()])
    store.intend(1, [start("ended"), start("open"), start("late")])
    store.settle(2, [Settled("ended", IntentState.CONFIRMED)])
    store.settle(9, [Settled("late", IntentState.CONFIRMED)])
    for at in (3, 7):
        store.note_round(RoundKept(at, 1, 1, 0, 0), [start()])
    store.forget(7)
    assert [intent.key for intent in store.intents()] == ["open", "late"]
    assert [one.at for one in store.rounds()] == [7]
    assert [one.at for one in store.proposals()] == [7]
    assert (len(store.jobs()), len(store.log(0)), len(store.audit())) == (1, 1, 1)
    assert store.verify() is None
