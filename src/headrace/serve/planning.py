"""The next round's plan, with the reasons, of a desk that is not to change."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from headrace.serve.endings import endings
from headrace.serve.shapes import Held, Plan
from headrace.serve.views import step_view
from headrace.serve.why import why_view

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from headrace.live.desk import Desk
    from headrace.live.known import Known
    from headrace.report.words import Words
    from headrace.serve.endings import Endings

MOST_HELD: Final = 200


def plan_view(desk: Desk, at: int, words: Words, may_see: Callable[[str], bool]) -> Plan:
    """What a round at `at` (ms) would decide, as far as `may_see` allows for its tenant."""
    decided = desk.propose(at)
    steps = [(step.stop, step_view(desk, step)) for step in decided if may_see(desk.jobs[step.job].asked.tenant)]
    started = {step.job for step in decided if not step.stop}
    left = [one for one in _waiting(desk) if one.asked.job not in started and may_see(one.asked.tenant)]
    ends = endings(desk)
    return Plan(
        at_ms=at,
        policy=desk.policy.name,
        waiting=len(left),
        stops=[step for stop, step in steps if stop],
        starts=[step for stop, step in steps if not stop],
        holds=[_held(desk, known, words, ends) for known in islice(left, MOST_HELD)],
    )


def _waiting(desk: Desk) -> Iterator[Known]:
    return (known for known in desk.jobs.values() if not known.live)


def _held(desk: Desk, known: Known, words: Words, ends: Endings) -> Held:
    why = why_view(desk, known, words, ends)
    assert why.reason is not None
    return Held(job=why.job, tenant=known.asked.tenant, reason=why.reason, numbers=why.numbers, said=why.said)
