"""Reconciling: what the engine says against what is known, and what happened since. The engine wins."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.live.hand import ask, node

from headrace.live.engine import JobSeen, NodeSeen, Observation, Start, Status, Stop
from headrace.live.event import Event, What
from headrace.live.intents import Intent, Outcome, judge, may_go
from headrace.live.known import Known
from headrace.live.reconcile import Picture, Unchanged, reconcile
from headrace.units import HOUR_MS, NEVER, UNKNOWN
from headrace.world.record import Outcome as Ended

ON = (("n1", 0b1),)
WAITS = Known(ask("a"), 0)
STARTS = Known(ask("a"), 0, status=Status.STARTING, on=ON, start=5)
RUNS = replace(STARTS, status=Status.RUNNING)


def seen(status: Status = Status.WAITING, **other: object) -> JobSeen:
    """What the engine says of job `a`."""
    made = JobSeen(ask("a"), status, **other)  # type: ignore[arg-type]
    return replace(made, on=ON, start=5) if status in (Status.STARTING, Status.RUNNING) and not made.on else made


def told(known: Known | None, *jobs: JobSeen, intents: tuple[Intent, ...] = (), at: int = 10) -> list[Event]:
    """The events that follow from one job as known and as the engine lists it."""
    picture = Picture({} if known is None else {"a": known}, {"n1": node()}, intents, 5)
    return list(reconcile(picture, Observation(at, (node(),), jobs)).events)


def kinds(events: list[Event]) -> list[What]:
    return [event.what for event in events]


def test_what_is_as_it_was_is_no_event() -> None:
    """Nothing is told of a job or a node of which nothing is new."""
    assert told(WAITS, seen()) == []
    assert told(RUNS, seen(Status.RUNNING)) == []


def test_a_job_that_is_new_is_submitted_and_one_that_runs_without_an_order_is_adopted() -> None:
    """The sentence says who, what and where."""
    assert [event.said for event in told(None, seen())] == ["job a of t is submitted: 1 x 1 chips"]
    found = told(None, seen(Status.RUNNING, ours=False))
    assert [event.said for event in found] == ["job a was started behind our back, on n1"]
    assert found[0].seen is not None
    assert not found[0].seen.ours


def test_a_job_that_ends_says_how_and_one_that_is_not_listed_has_vanished() -> None:
    """The engine that lists a job no more says nothing of how it ended."""
    assert [event.said for event in told(RUNS, seen(Status.ENDED, outcome=Ended.FAILED))] == ["job a ended as failed"]
    assert [event.said for event in told(RUNS, seen(Status.ENDED))] == ["job a ended in a way that is not known"]
    assert [event.said for event in told(RUNS)] == ["job a ran and the engine lists it no more"]
    assert [event.said for event in told(WAITS)] == ["job a waited and the engine lists it no more"]


def test_a_job_that_was_cut_off_is_interrupted() -> None:
    """It waits again, with a run more; be it that only its new run is seen."""
    assert kinds(told(RUNS, seen(run=1))) == [What.INTERRUPTED]
    assert kinds(told(RUNS, seen(Status.RUNNING, run=1))) == [What.ADOPTED]
    assert kinds(told(RUNS, seen(Status.ENDED, run=0), seen(run=1))) == [What.INTERRUPTED]


def test_a_decided_start_is_awaited_until_it_shows_and_then_it_has_started() -> None:
    """Waiting on is no event; running where it was put is the start, in whatever chips the engine chose."""
    intent = Intent(Start("k", "a", 0, ON), 5)
    assert told(STARTS, seen(), intents=(intent,)) == []
    assert kinds(told(STARTS, seen(Status.STARTING), intents=(intent,))) == [What.STARTED]
    assert kinds(told(STARTS, seen(Status.RUNNING, on=(("n1", UNKNOWN),), start=7), intents=(intent,))) == [
        What.STARTED
    ]


def test_a_job_that_runs_elsewhere_than_decided_has_moved() -> None:
    """The engine wins: it runs there, and says so."""
    found = told(STARTS, seen(Status.RUNNING, on=(("n2", 1),), start=7))
    assert [event.said for event in found] == ["job a runs on n2, not on n1"]
    assert kinds(found) == [What.MOVED]


def test_a_job_that_is_still_to_be_stopped_is_left_alone_until_it_is() -> None:
    """The stop is decided, and the engine has not done it yet; without an order it was simply started."""
    waits = replace(WAITS, run=1)
    assert told(waits, seen(Status.RUNNING), intents=(Intent(Stop("k", "a", 0), 5),)) == []
    assert kinds(told(waits, seen(Status.RUNNING))) == [What.ADOPTED]


def test_an_order_from_before_a_restart_stands_while_its_job_waits() -> None:
    """Its nodes are kept: the engine may be about to do it."""
    found = told(None, seen(), intents=(Intent(Start("k", "a", 0, ON), 5),))
    assert kinds(found) == [What.SUBMITTED, What.DECIDED]
    assert found[1].seen is not None
    assert found[1].seen.on == ON


def test_a_job_that_the_engine_holds_is_held_and_then_released() -> None:
    """A job that it refused is tried again once its time has come, and not before."""
    assert kinds(told(WAITS, seen(startable=False))) == [What.HELD]
    assert told(replace(WAITS, why="held"), seen(startable=False)) == []
    assert kinds(told(replace(WAITS, why="held"), seen())) == [What.RELEASED]
    assert told(replace(WAITS, why="refused", again=11), seen()) == []
    assert kinds(told(replace(WAITS, why="refused", again=10), seen())) == [What.RELEASED]


def test_a_request_that_changed_is_told_before_what_happened_to_its_job() -> None:
    """The books need to know the size of what starts."""
    larger = replace(seen(Status.RUNNING), asked=ask("a", 2))
    assert kinds(told(WAITS, larger)) == [What.CHANGED, What.ADOPTED]


def test_a_clock_that_jumps_back_is_clamped_and_told() -> None:
    """Engine time never runs backwards here."""
    found = told(WAITS, seen(), at=3)
    assert [(event.at, event.said) for event in found] == [
        (5, "the engine's clock jumped back by 2 ms; 5 is kept until it has caught up")
    ]


def test_nodes_that_are_new_changed_out_lost_back_and_gone_are_told() -> None:
    """Each in a sentence, with the engine's reason where it gives one."""
    out = replace(node(), up=False, reason="fans")
    cases: list[tuple[NodeSeen | None, NodeSeen | None, list[str]]] = [
        (None, node(), ["node n1 is new: 8 x H20 in main, 1000000 millicores, 1000000 MiB"]),
        (node(), out, ["node n1 takes no new work: fans"]),
        (node(), replace(out, lost=True), ["node n1 is lost, with what ran there: fans"]),
        (out, replace(out, lost=True), ["node n1 is lost, with what ran there: fans"]),
        (out, node(), ["node n1 is back"]),
        (node(), None, ["node n1 is listed by the engine no more"]),
        (out, out, []),
    ]
    for was, now, said in cases:
        picture = Picture({}, {} if was is None else {"n1": was})
        found = reconcile(picture, Observation(1, () if now is None else (now,), ()))
        assert [event.said for event in found.events] == said


def test_events_of_one_look_come_in_the_order_of_replay() -> None:
    """Ends, then nodes, then submissions, then starts."""
    known = {"a": RUNS, "b": Known(ask("b"), 1, status=Status.STARTING, on=ON)}
    jobs = (
        JobSeen(ask("d", submit=2), Status.WAITING),
        JobSeen(ask("c", submit=1), Status.WAITING),
        JobSeen(ask("b"), Status.RUNNING, on=ON, start=1),
        seen(Status.ENDED),
    )
    found = reconcile(Picture(known, {"n1": node()}), Observation(10, (replace(node(), up=False),), jobs)).events
    assert [(event.what, event.job) for event in found] == [
        (What.ENDED, "a"),
        (What.NODE_OUT, ""),
        (What.SUBMITTED, "c"),
        (What.SUBMITTED, "d"),
        (What.STARTED, "b"),
    ]


def test_a_start_is_settled_by_what_the_engine_shows() -> None:
    """Confirmed where it runs as ordered or did; overtaken by whatever happened instead; open while it waits."""
    intent = Intent(Start("k", "a", 1, ON), 0)
    cases = [
        (None, Outcome.OVERTAKEN),
        (seen(run=0), None),
        (seen(run=1), None),
        (seen(run=2), Outcome.OVERTAKEN),
        (seen(Status.RUNNING, run=1), Outcome.CONFIRMED),
        (seen(Status.RUNNING, run=1, on=(("n2", 1),)), Outcome.OVERTAKEN),
        (seen(Status.ENDED, run=1, start=5), Outcome.CONFIRMED),
        (seen(Status.ENDED, run=1, start=NEVER), Outcome.OVERTAKEN),
    ]
    for shown, outcome in cases:
        settled = judge(intent, shown)
        assert (settled.outcome if settled else None) == outcome


def test_a_stop_is_settled_when_its_run_is_over() -> None:
    """Confirmed where the job is back in the queue; overtaken where it ended by itself."""
    intent = Intent(Stop("k", "a", 1), 0)
    cases = [
        (seen(Status.RUNNING, run=1), None),
        (seen(run=2), Outcome.CONFIRMED),
        (seen(Status.RUNNING, run=2), Outcome.CONFIRMED),
        (seen(Status.ENDED, run=1), Outcome.OVERTAKEN),
        (None, Outcome.OVERTAKEN),
    ]
    for shown, outcome in cases:
        settled = judge(intent, shown)
        assert (settled.outcome if settled else None) == outcome


def test_a_start_goes_only_to_nodes_that_are_cleared_and_for_the_run_that_waits() -> None:
    """What has to be stopped first is stopped first."""
    order = Start("k", "a", 1, ON)
    assert may_go(order, seen(run=1), frozenset())
    assert not may_go(order, seen(run=1), frozenset({"n1"}))
    assert not may_go(order, seen(run=0), frozenset())
    assert not may_go(order, seen(Status.RUNNING, run=1), frozenset())
    assert not may_go(order, None, frozenset())
    assert may_go(Stop("k", "a", 1), seen(Status.RUNNING, run=1), frozenset({"n1"}))


def test_a_job_that_is_what_it_was_is_not_looked_at_again_until_it_is_not() -> None:
    """Said of the engine's or of what is known: whichever is otherwise, the job is looked at; an order has it too."""
    unchanged: Unchanged = {}
    at = HOUR_MS
    job = JobSeen(ask("a"), Status.RUNNING, 0, (("n1", 1),), start=5)
    known = Known(job.asked, 0, 0, Status.RUNNING, job.on, 5)

    def said(seen: JobSeen, known: Known, *intents: Intent) -> list[What]:
        picture = Picture({"a": known}, {}, intents, at, unchanged)
        return [event.what for event in reconcile(picture, Observation(at, (), (seen,))).events]

    assert said(job, known) == []
    assert unchanged.keys() == {"a"}
    assert said(replace(job, on=(("n2", 1),)), known) == [What.MOVED]
    assert said(job, known) == []
    assert said(job, replace(known, run=1)) == [What.ADOPTED]
    assert said(job, known) == []
    assert said(replace(job, status=Status.ENDED, end=7), known) == [What.ENDED]
    assert not unchanged


@pytest.mark.parametrize("again", [HOUR_MS, 2 * HOUR_MS])
def test_a_job_that_is_to_be_tried_again_later_is_looked_at_each_time(again: int) -> None:
    """Time alone brings it back."""
    unchanged: Unchanged = {}
    known = Known(ask("a"), 0, why="refused", again=again)
    for at in (0, HOUR_MS, 2 * HOUR_MS):
        picture = Picture({"a": known}, {}, (), at, unchanged)
        found = reconcile(picture, Observation(at, (), (JobSeen(known.asked, Status.WAITING),)))
        assert [event.what for event in found.events] == ([What.RELEASED] if at >= again else [])


def test_a_start_whose_time_the_engine_does_not_say_is_told_once() -> None:
    """An engine that takes its time says nothing of when the job began until it has."""
    known = Known(ask("a"), 0, 0, Status.RUNNING, (("n1", 1),), 5)
    starting = JobSeen(known.asked, Status.STARTING, 0, known.on)
    assert not reconcile(Picture({"a": known}, {}, (), 9), Observation(9, (), (starting,))).events
