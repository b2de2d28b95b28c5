"""Serving: the closed forms meet queueing theory."""

from __future__ import annotations

import pytest

from headrace.estimate.serving import TPOT, USUAL, Load, arrivals_wait, first_token, next_token


def one(**changed: float) -> Load:
    """The load of one replica."""
    usual = {"layers": 32.0, "products": 0.004, "beside": 0.0, "cached": 0.001, "prefill": 0.1, "causal": 0.01}
    usual |= {"running": 1.0, "asked": 1.0, "copies": 1.0, "output": 100.0}
    return Load(**usual | changed)


def test_waiting_of_random_service_is_that_of_m_m_1() -> None:
    """M/M/1: mean wait = utilisation / (rate of service - rate of arrival)."""
    service, arrival = 0.5, 1.2
    expected = arrival * service / (1 / service - arrival)
    assert arrivals_wait(arrival * service, service) == pytest.approx(expected)


def test_constant_service_halves_the_wait() -> None:
    wait = [arrivals_wait(0.7, 1.0, spread) for spread in (0.0, 1.0)]
    assert wait[0] == pytest.approx(wait[1] / 2)


def test_littles_law_holds_of_requests_that_wait_for_a_place() -> None:
    """Requests there at any time = their rate x the time each spends, waiting included."""
    load = one(running=16.0, asked=64.0)
    tpot = float(next_token(USUAL[:TPOT], load))
    waiting = float(first_token(USUAL[TPOT:], load, tpot)) - float(
        first_token(USUAL[TPOT:], one(running=16.0, asked=16.0), tpot)
    )
    rate = 16 / (100 * tpot)
    assert rate * (waiting + 100 * tpot) == pytest.approx(64)


def test_prompts_of_others_slow_a_token_by_their_share_of_the_steps() -> None:
    alone, crowded = (float(next_token(USUAL[:TPOT], one(running=count))) for count in (1.0, 11.0))
    assert crowded - alone == pytest.approx(10 / 100 * 0.11)
