"""Which signals end a run, in which order, how long apart."""

from __future__ import annotations

from signal import SIGKILL, SIGTERM, SIGUSR1

import pytest

from headrace.live.engines.local.ending import KILL_AGAIN_MS, Ending, steps

ORDER = {"grace_ms": 30, "checkpoint_signal": "SIGUSR1", "checkpoint_grace_ms": 100}


@pytest.mark.parametrize("why", ["cancelled", "timeout", "lost"])
def test_what_has_to_end_is_asked_once(why: str) -> None:
    """TERM and its grace; then it is killed."""
    assert steps(why, ORDER) == ((SIGTERM, 30),)


def test_what_gives_way_may_save_itself_first() -> None:
    """The checkpoint signal has a grace of its own, and where it is TERM it is sent once."""
    assert steps("preempted", ORDER) == ((SIGUSR1, 100), (SIGTERM, 30))
    assert steps("preempted", ORDER | {"checkpoint_signal": "SIGTERM"}) == ((SIGTERM, 100),)


def test_signals_come_when_they_are_due_and_killing_goes_on() -> None:
    """Never early, each once, and KILL until nothing lives."""
    ending = Ending.begin("preempted", steps("preempted", ORDER), 1000)
    sent = [(now, ending.due(now)) for now in range(1000, 1000 + 130 + 2 * KILL_AGAIN_MS + 1)]
    assert [(now - 1000, number) for now, number in sent if number] == [
        (0, SIGUSR1),
        (100, SIGTERM),
        (130, SIGKILL),
        (130 + KILL_AGAIN_MS, SIGKILL),
        (130 + 2 * KILL_AGAIN_MS, SIGKILL),
    ]
