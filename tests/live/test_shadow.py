"""A plan and a shadow look and propose; neither ever acts."""

from __future__ import annotations

from tests.live.hand import ask, node

from headrace.live.desk import Desk
from headrace.live.engine import Status
from headrace.live.engines.fake import FakeEngine
from headrace.live.shadow import Shadow, Watched, plan
from headrace.policy.policy import parse
from headrace.units import HOUR_MS, MINUTE_MS
from headrace.world.plan import Reason


def test_a_plan_says_what_the_next_round_would_do_and_why_the_others_wait() -> None:
    """And the engine is told nothing."""
    engine = FakeEngine([node("n1", 2)])
    for job, chips in (("a", 1), ("b", 2), ("c", 1)):
        engine.arrive(ask(job, chips), HOUR_MS)
    planned = plan(Desk(parse("fifo/first")), engine)
    assert [(step.job, step.on) for step in planned.steps] == [("a", (("n1", 1),))]
    assert [(one.job, one.reason) for one in planned.holds] == [("b", Reason.CHIPS), ("c", Reason.BEHIND)]
    assert all(job.status == Status.WAITING for job in engine.jobs.values())


def test_a_shadow_compares_what_it_would_have_done_with_what_the_engine_did() -> None:
    """Agreed, elsewhere, unforeseen; and by how much it was ahead."""
    engine = FakeEngine([node("n1", 1), node("n2", 1), node("n3", 1)])
    shadow = Shadow(Desk(parse("fifo/first")), engine)
    for job in "abc":
        engine.arrive(ask(job), HOUR_MS)
    shadow.look()
    engine.until(MINUTE_MS)
    engine.start_behind("a", (("n1", 1),))
    engine.start_behind("b", (("n3", 1),))
    shadow.look()
    assert shadow.watched == Watched(turns=2, proposed=3, agreed=1, elsewhere=1, sooner=2 * MINUTE_MS)
    engine.arrive(ask("d", 1, pools=("main",), submit=MINUTE_MS), HOUR_MS)
    engine.start_behind("d", (("n2", 1),))
    shadow.look()
    assert shadow.watched.unforeseen == 1
    assert engine.jobs["c"].status == Status.WAITING


def test_what_ran_before_the_shadow_came_is_not_compared() -> None:
    """It could not have foreseen it."""
    engine = FakeEngine([node("n1", 1)])
    engine.arrive(ask("a"), HOUR_MS)
    engine.start_behind("a", (("n1", 1),))
    shadow = Shadow(Desk(parse("fifo/first")), engine)
    shadow.look()
    assert shadow.watched == Watched(turns=1)
