"""A submission that is sent again submits once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from headrace.errors import StoreError
from headrace.live.store.nouns import Submission
from headrace.units import DAY_MS

if TYPE_CHECKING:
    from headrace.live.store.store import Store


def test_a_key_is_new_once_and_then_stands_for_its_answer(store: Store) -> None:
    """While the first request is at work the second learns that; afterwards, what was answered, word for word."""
    assert store.begin_submission("search", "k", "sum", 5) is None
    assert store.begin_submission("search", "k", "sum", 6) == Submission("search", "k", "sum", 5)
    store.answer_submission("search", "k", "12", '{"job": "12"}')
    assert store.begin_submission("search", "k", "sum", 7) == Submission("search", "k", "sum", 5, "12", '{"job": "12"}')


def test_a_key_is_a_tenants_own(store: Store) -> None:
    """Two tenants that choose the same key do not see each other's answers."""
    store.begin_submission("search", "k", "sum", 5)
    assert store.begin_submission("ads", "k", "sum", 5) is None


def test_a_key_is_kept_for_a_day(store: Store) -> None:
    """To the millisecond."""
    store.begin_submission("search", "k", "sum", 5)
    assert store.begin_submission("search", "k", "sum", 5 + DAY_MS - 1) is not None
    assert store.begin_submission("search", "k", "sum", 5 + DAY_MS) is None


def test_a_key_whose_request_was_refused_is_free_again(store: Store) -> None:
    """One that was answered is not."""
    store.begin_submission("search", "k", "sum", 5)
    store.drop_submission("search", "k")
    assert store.begin_submission("search", "k", "sum", 6) is None
    store.answer_submission("search", "k", "12", "yes")
    store.drop_submission("search", "k")
    assert store.begin_submission("search", "k", "sum", 7) is not None


def test_a_key_is_answered_once_and_only_if_it_was_reserved(store: Store) -> None:
    """Otherwise two jobs would stand behind one key."""
    with pytest.raises(StoreError, match="'k' waits for no answer; reserve it"):
        store.answer_submission("search", "k", "12", "yes")
    store.begin_submission("search", "k", "sum", 5)
    store.answer_submission("search", "k", "12", "yes")
    with pytest.raises(StoreError, match="'k' waits for no answer"):
        store.answer_submission("search", "k", "13", "yes")
