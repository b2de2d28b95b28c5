"""A shadow looks and proposes, and never acts; what it proposed is compared with what the engine did."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.live.hand import DictStore, ask, node

from headrace.live.desk import Desk
from headrace.live.engine import Status
from headrace.live.engines.fake import FakeEngine
from headrace.live.foreseen import Became, Foreseen, Watched, foreseen, watched
from headrace.live.shadow import ShadowTurns
from headrace.live.store.nouns import Order, Proposal, Stay
from headrace.policy.policy import parse
from headrace.units import HOUR_MS, MINUTE_MS, NEVER, SECOND_MS
from headrace.world.record import Outcome

WATCH = Watched(0, HOUR_MS, ((0, HOUR_MS),))


def shadow_over(engine: FakeEngine) -> ShadowTurns:
    return ShadowTurns(Desk(parse("fifo/first")), engine, DictStore())


def stay(job: str, start: int, on: str = "n1", *, queued: int = 0, end: int = NEVER, ours: bool = False) -> Stay:
    """A run that the engine started on one node."""
    return Stay(1, ask(job), 0, queued, ((on, 1),), "H20", start, end, Outcome.RUNNING, ours)


def proposal(job: str, at: int, on: str = "n1", order: Order = Order.START) -> Proposal:
    return Proposal(1, 1, at, order, job, 0, ((on, 1),))


def test_a_shadow_proposes_and_the_engine_is_told_nothing() -> None:
    """Each proposal once while it stands."""
    engine = FakeEngine([node("n1", 2)])
    for job in "ab":
        engine.arrive(ask(job), HOUR_MS)
    shadow = shadow_over(engine)
    assert [(step.job, step.on) for step in shadow.turn().steps] == [("a", (("n1", 1),)), ("b", (("n1", 2),))]
    assert shadow.turn().steps == ()
    assert all(job.status == Status.WAITING for job in engine.jobs.values())


def test_a_job_that_is_to_go_elsewhere_is_proposed_again() -> None:
    """Its node was taken by the engine meanwhile."""
    engine = FakeEngine([node("n1", 1), node("n2", 1)])
    shadow = shadow_over(engine)
    engine.arrive(ask("a"), HOUR_MS)
    assert [step.on for step in shadow.turn().steps] == [(("n1", 1),)]
    engine.arrive(ask("b"), HOUR_MS)
    engine.start_behind("b", (("n1", 1),))
    assert [(step.job, step.on) for step in shadow.turn().steps] == [("a", (("n2", 1),))]


def test_starts_are_told_apart_by_what_was_proposed() -> None:
    """On the nodes last proposed, on others, never proposed; and by how much the first proposal was ahead."""
    proposals = [proposal("a", 10), proposal("b", 20, "n2"), proposal("a", 30, "n3"), proposal("c", 50)]
    stays = [stay("a", 100, "n3"), stay("b", 100, "n1"), stay("c", NEVER), stay("d", MINUTE_MS)]
    found = foreseen(stays, proposals, WATCH, SECOND_MS)
    assert {what: count for what, count in found.became.items() if count} == {
        Became.SAME: 1,
        Became.ELSEWHERE: 1,
        Became.UNFORESEEN: 1,
    }
    assert (found.sooner, found.sooner_mean, found.sooner_median) == ((80, 90), 85, 80)
    assert (found.waiting, found.stops, found.starts) == (1, 0, 3)


@pytest.mark.parametrize(
    ("run", "what"),
    [
        (stay("a", MINUTE_MS + 900, queued=MINUTE_MS), Became.AT_ONCE),
        (stay("a", 2 * HOUR_MS), Became.UNWATCHED),
        (stay("a", MINUTE_MS, ours=True), Became.OURS),
    ],
)
def test_what_no_shadow_could_have_foreseen_is_not_held_against_it(run: Stay, what: Became) -> None:
    """Started before a turn could see it wait, while nobody watched, or by Headrace itself."""
    found = foreseen([run], [], replace(WATCH, end=3 * HOUR_MS), SECOND_MS)
    assert found.became[what] == found.starts == 1


def test_a_proposal_that_came_after_the_start_was_not_sooner() -> None:
    """The engine tells of a start some time after it; that is no lead, and no lag."""
    assert foreseen([stay("a", 10)], [proposal("a", 15)], WATCH, SECOND_MS).sooner == (0,)


def test_what_lies_outside_the_period_is_not_counted() -> None:
    """Starts before and after it; of proposals, those after it."""
    stays = [stay("a", 5), stay("b", 50), stay("c", 15)]
    proposals = [proposal("c", 30), proposal("d", 40, order=Order.STOP), proposal("e", 12, order=Order.STOP)]
    found = foreseen(stays, proposals, Watched(10, 20, ((10, 20),)), 1)
    assert (found.starts, found.sooner, found.stops) == (1, (), 1)


def test_a_shadow_watched_where_its_rounds_follow_each_other() -> None:
    """A gap of some minutes between two rounds is a time in which nobody looked."""
    rounds = [0, MINUTE_MS, 2 * MINUTE_MS, 60 * MINUTE_MS, 61 * MINUTE_MS]
    found = watched(rounds, MINUTE_MS, HOUR_MS + 30 * SECOND_MS)
    assert found.stretches == ((MINUTE_MS, 2 * MINUTE_MS), (HOUR_MS, HOUR_MS + 30 * SECOND_MS))
    assert found.length == 90 * SECOND_MS
    assert (found.at(MINUTE_MS), found.at(30 * MINUTE_MS)) == (True, False)


def test_nothing_proposed_is_nothing_ahead() -> None:
    """There is no mean of nothing."""
    found = Foreseen({}, (), 0, 0)
    assert (found.sooner_mean, found.sooner_median, found.starts) == (None, None, 0)
