"""What a desk must not forget is kept with what it follows from, on both databases."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from tests.live.store.made import seen, start

from headrace.errors import StoreError
from headrace.live.engine import Status
from headrace.live.memory import Memory

if TYPE_CHECKING:
    from headrace.live.store.store import Store


def test_what_was_learnt_is_what_is_remembered(store: Store) -> None:
    """Usage by tenant, service by job; what is told again replaces what was."""
    store.record(1, [seen("1"), seen("2")], news=Memory({"a": (10**17, 5), "b": (3, 5)}, {"1": 7}))
    store.intend(2, [start("k", "2")], news=Memory({"b": (9, 8)}, {"1": 8}))
    assert store.memory() == Memory({"a": (10**17, 5), "b": (9, 8)}, {"1": 8}, (seen("1"), seen("2")))


def test_a_job_that_ended_is_remembered_no_more_and_one_that_is_seen_again_keeps_what_it_received(store: Store) -> None:
    """What the engine says of a job leaves alone what only the desk knows of it."""
    store.record(1, [seen("1"), seen("2")], news=Memory({}, {"1": 7, "2": 8}))
    running = seen("1", Status.RUNNING, on=(("n1", 1),), start=2)
    store.record(2, [running, replace(seen("2"), status=Status.ENDED, end=2)])
    assert store.memory() == Memory({}, {"1": 7}, (running,))


def test_jobs_are_remembered_in_the_order_in_which_they_came(store: Store) -> None:
    """Whatever became of them since: the order decides between equals."""
    store.record(1, [seen("b"), seen("a")])
    store.record(2, [seen("b", Status.RUNNING, on=(("n1", 1),), start=2), seen("0")])
    assert [one.asked.job for one in store.memory().jobs] == ["b", "a", "0"]


def test_nothing_is_learnt_by_what_is_not_written_down(store: Store) -> None:
    """It is one transaction: an order whose key stands for another one takes with it what was learnt by it."""
    store.record(1, [seen("1")])
    store.intend(1, [start("k", "1")])
    with pytest.raises(StoreError, match="stands for another order"):
        store.intend(2, [start("k", "2")], news=Memory({"a": (1, 2)}, {"1": 3}))
    assert store.memory() == Memory({}, {}, (seen("1"),))


def test_a_store_from_before_remembers_nothing(store: Store) -> None:
    """The column is there for jobs that were written without it."""
    store.record(1, [seen("1")])
    with store.database.reading() as db:
        assert db.execute(text("SELECT attained FROM jobs")).scalar() == 0
