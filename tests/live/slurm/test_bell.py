"""When the next look is worth its while: by counters of Slurm, made up here."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, cast

from headrace.errors import EngineError
from headrace.live.engines.slurm.bell import LISTEN_S, Bell

if TYPE_CHECKING:
    from headrace.live.engines.slurm.tools import Tools

LONG_S = 60.0


class Counting:
    """Stands in for `Tools`: sdiag's counters, which say `completed` when asked the nth time."""

    def __init__(self, *completed: int) -> None:
        self.completed, self.asked = completed, 0

    def ask(self, name: str, *options: str, **variables: str) -> bytes:
        self.asked += 1
        if self.asked > len(self.completed):
            raise EngineError("sdiag did not answer")
        return f"Jobs submitted: 9\nJobs started:   {self.asked}\nJobs completed: {self._now()}\n".encode()

    def _now(self) -> int:
        return self.completed[self.asked - 1]


def bell(*completed: int) -> tuple[Bell, Counting]:
    tools = Counting(*completed)
    made = Bell(cast("Tools", tools))
    made.hear(tools.ask("sdiag"))
    made.heard()
    made._echo = False  # as after a quiet while
    return made, tools


def test_it_rings_when_a_job_has_ended_and_once_more_after_that() -> None:
    """The chips of a job that ended are free a moment later; what has only started does not ring."""
    made, tools = bell(0, 0, 0, 1, 1, 1, 1, 2)
    rang_at = []
    for _ in range(3):
        assert made.wait(LONG_S)
        rang_at.append(tools.asked)
    assert rang_at == [4, 5, 8]


def test_what_was_printed_when_it_rang_is_told_once() -> None:
    """So that the look which follows need not ask for the time again."""
    made, _ = bell(0, 1)
    assert made.wait(LONG_S)
    assert b"Jobs completed: 1" in made.heard()
    assert made.heard() == b""


def test_it_keeps_silent_for_as_long_as_it_was_told() -> None:
    """Where nothing happens."""
    made, _ = bell(*[0] * 50)
    begun = time.monotonic()
    assert not made.wait(3 * LISTEN_S)
    assert time.monotonic() - begun >= 3 * LISTEN_S


def test_whoever_rings_it_is_heard_at_once() -> None:
    """Also while nobody listens to the counters, and each time once."""
    made, tools = bell(*[0] * 50)
    for wait in (made.wait, made.rest):
        threading.Timer(0.01, made.ring).start()
        assert wait(LONG_S)
    assert tools.asked < 10
    assert not made.rest(0)


def test_a_slurm_that_cannot_be_asked_is_looked_at() -> None:
    """The look says what is wrong."""
    made, _ = bell(0)
    assert made.wait(LONG_S)
