"""Arrivals: the requests that are there obey Little's law, and a replica that cannot keep up says so."""

from __future__ import annotations

import pytest
from tests.estimate.questions import answer, ask

from headrace.estimate.arrivals import at_rate


def test_requests_that_are_there_are_their_rate_times_the_time_each_takes() -> None:
    found = at_rate(ask(), 4.0)
    assert found is not None
    assert found.question.asked == pytest.approx(4.0 * 256 * answer(found.question).tpot.value, rel=0.01)


def test_more_arrivals_wait_longer() -> None:
    few, many = at_rate(ask(), 1.0), at_rate(ask(), 6.0)
    assert few is not None
    assert many is not None
    assert few.wait < many.wait
    assert few.question.asked < many.question.asked


def test_a_replica_that_cannot_keep_up_says_so() -> None:
    assert at_rate(ask(), 1e4) is None
