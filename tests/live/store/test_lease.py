"""One server acts at a time, whatever each of them believes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.live.store.made import start
from tests.live.store.processes import CONTEXT, take_the_lease

from headrace.errors import StoreError
from headrace.live.store.nouns import Lease

if TYPE_CHECKING:
    from headrace.live.store.store import Store

TAKERS = 5
STEPS = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 30), st.integers(1, 20)), max_size=12)


def test_a_lease_is_one_holders_until_it_runs_out(store: Store) -> None:
    """Renewed by its holder, refused to others until its last millisecond has passed."""
    assert store.lease() is None
    assert store.take_lease("a", 1_000, 500) == Lease("a", 1, 1_000, 1_500)
    assert store.take_lease("b", 1_499, 500) is None
    assert store.take_lease("a", 1_400, 500) == Lease("a", 1, 1_400, 1_900)
    assert store.take_lease("b", 1_900, 500) == Lease("b", 2, 1_900, 2_400)
    assert store.lease() == Lease("b", 2, 1_900, 2_400)


def test_a_lease_that_is_dropped_is_free_at_once(store: Store) -> None:
    """A server that stops in order need not be waited for; only its own lease can it drop."""
    store.take_lease("a", 1_000, 500)
    assert not store.drop_lease("b", 1_010)
    assert store.drop_lease("a", 1_010)
    assert store.take_lease("b", 1_010, 500) == Lease("b", 2, 1_010, 1_510)


def test_a_server_that_lost_its_lease_intends_nothing(store: Store) -> None:
    """Paused beyond its lease it still believes that it holds it; its orders are refused, whole."""
    mine = store.take_lease("a", 1_000, 500)
    store.intend(1_100, [start("first")], mine)
    assert store.take_lease("b", 2_000, 500)
    with pytest.raises(StoreError, match="the lease of 'a' has run out and 'b' has it; nothing was changed"):
        store.intend(2_001, [start("second")], mine)
    assert [intent.key for intent in store.open_intents()] == ["first"]


def test_a_lease_that_was_lost_and_won_again_is_another_one(store: Store) -> None:
    """In between somebody else decided: what was decided before is not to be done after."""
    before = store.take_lease("a", 1_000, 10)
    store.take_lease("b", 2_000, 10)
    again = store.take_lease("a", 3_000, 10)
    assert again is not None
    assert again.term == 3
    with pytest.raises(StoreError, match="the lease of 'a' has run out"):
        store.intend(3_001, [start()], before)
    store.intend(3_001, [start()], again)


def test_a_change_of_holder_is_audited_and_a_renewal_is_not(store: Store) -> None:
    """Who acted when can be read afterwards, without a line every few seconds."""
    for at, holder in ((0, "a"), (5, "a"), (50, "b"), (55, "b")):
        assert store.take_lease(holder, at, 20)
    assert [(line.at, line.who, line.what) for line in store.audit()] == [(0, "a", "lease"), (50, "b", "lease")]


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_no_two_leases_are_in_force_at_one_time(store: Store, steps: list[tuple[str, int, int]]) -> None:
    """Whoever asks, whenever: another's lease is given on only once it has run out, and the term then grows."""
    before = store.lease()
    for holder, wait, length in steps:
        at = (before.renewed if before else 0) + wait
        given = store.take_lease(holder, at, length)
        free = before is None or before.holder == holder or before.until <= at
        assert (given is not None) == free
        if given and before:
            assert given.term - before.term == (given.holder != before.holder)
        before = store.lease()


def test_of_processes_that_take_at_once_one_gets_it(url: str) -> None:
    """Compared and set in one statement, on both databases."""
    ready = CONTEXT.Barrier(TAKERS)
    pipes = [CONTEXT.Pipe() for _ in range(TAKERS)]
    children = [
        CONTEXT.Process(target=take_the_lease, args=(url, str(i), ready, pipe[1])) for i, pipe in enumerate(pipes)
    ]
    for child in children:
        child.start()
    assert sorted(pipe[0].recv() for pipe in pipes) == [False] * (TAKERS - 1) + [True]
    for child in children:
        child.join(60)
