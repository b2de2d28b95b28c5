"""From a rate of arrivals to the requests that are there: Little's law, closed over the time that a token takes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from headrace.estimate.engines import constants
from headrace.estimate.question import MOST_RUNNING, loaded, most_running
from headrace.estimate.serving import TPOT, arrivals_wait, next_token

if TYPE_CHECKING:
    from headrace.estimate.question import Question

HALVINGS: Final = 40


@dataclass(frozen=True)
class Arrived:
    """The question with the requests that are there on average, and the mean seconds that a prompt waits in line."""

    question: Question
    wait: float
    utilisation: float


def at_rate(question: Question, per_second: float) -> Arrived | None:
    """What `per_second` arrivals make of a replica, or None where it cannot keep up with them.

    Requests there = rate x output x TPOT, and TPOT grows with them: the least number at which they balance, by halving.
    """
    most = min(most_running(question), float(MOST_RUNNING * question.plan.dp))
    if most < 1 or _pressure(question, per_second, most) > most:
        return None
    low, high = 0.0, most
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if _pressure(question, per_second, middle) > middle else (low, middle)
    there = loaded(question, max(high, 1.0), max(high, 1.0))
    prompt = float(there.prefill + there.causal) / question.plan.dp / question.plan.pp
    busy = min(per_second * prompt, 1.0)
    return Arrived(replace(question, asked=max(high, 1.0)), float(arrivals_wait(busy, prompt)), busy)


def _pressure(question: Question, per_second: float, running: float) -> float:
    """Requests that would be there if that many ran at once."""
    fitted, _ = constants(question.calibration, question.stack)
    tpot = next_token(fitted[:TPOT], loaded(question, max(running, 1.0), max(running, 1.0)))
    return per_second * question.output * float(tpot)
