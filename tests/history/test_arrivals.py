"""Arrivals that are drawn: each job once, then again at random, until the fleet has been asked for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.twins.inputs import often

from headrace.errors import InputError
from headrace.history.arrivals import draw_arrivals
from headrace.units import MILLI


def drawn(demand: list[int], capacity: int, until: float = 1.3, seed: int = 1) -> list[int]:
    return draw_arrivals(np.array(demand, np.int64), capacity, until, np.random.default_rng(seed)).tolist()


@given(
    st.lists(st.sampled_from([0, 250, 1000, 4000, 8000]), min_size=1, max_size=20).filter(any),
    st.integers(16_000, 200_000),
    st.sampled_from([0.5, 1.0, 1.3, 2.0]),
    st.integers(0, 99),
)
@often(200)
def test_what_arrives_never_asks_for_more_than_the_limit(
    demand: list[int], capacity: int, until: float, seed: int
) -> None:
    arrivals = drawn(demand, capacity, until, seed)
    asked = sum(demand[job] for job in arrivals)
    assert asked <= round(until * capacity) < asked + max(demand)
    first = arrivals[: len(demand)]
    assert len(set(first)) == len(first)


def test_every_job_arrives_once_before_any_arrives_again() -> None:
    arrivals = drawn([1000] * 10, 20_000)
    assert len(arrivals) == 26
    assert sorted(arrivals[:10]) == list(range(10))
    assert arrivals[:10] != list(range(10))


def test_a_list_that_asks_for_more_than_the_limit_is_cut() -> None:
    assert len(drawn([1000] * 10, 5000, until=1.0)) == 5


def test_jobs_without_chips_arrive_on_the_way() -> None:
    arrivals = drawn([0, 1000], 100_000, until=1.0)
    assert arrivals.count(1) == 100
    assert 60 < arrivals.count(0) < 160


def test_jobs_are_drawn_again_evenly() -> None:
    arrivals = drawn([MILLI] * 4, 4000 * MILLI, until=1.0)
    assert [arrivals.count(job) for job in range(4)] == pytest.approx([1000] * 4, rel=0.15)


def test_the_same_seed_draws_the_same_and_another_one_does_not() -> None:
    assert drawn([1000] * 50, 80_000, seed=7) == drawn([1000] * 50, 80_000, seed=7)
    assert drawn([1000] * 50, 80_000, seed=7) != drawn([1000] * 50, 80_000, seed=8)


@pytest.mark.parametrize(
    ("demand", "capacity", "said"),
    [
        ([0, 0], 8000, "asks for no chips at all"),
        ([], 8000, "asks for no chips at all"),
        ([0] * 9_999 + [1], 10**9, "would have to arrive"),
        ([9000], 4000, "begins, as it was drawn, with a job of more than 130%"),
    ],
)
def test_a_list_that_can_fill_nothing_is_refused(demand: list[int], capacity: int, said: str) -> None:
    with pytest.raises(InputError, match=said):
        drawn(demand, capacity)
