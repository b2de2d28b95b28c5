"""The engine that tests use does what an engine does, and misbehaves as it is told."""

from __future__ import annotations

import pytest
from tests.live.hand import ask, node

from headrace.errors import EngineError
from headrace.live.engine import Start, Status, Stop
from headrace.live.engines.fake import FakeEngine
from headrace.units import NEVER, UNKNOWN
from headrace.world.record import Outcome


def engine_with(*works: int, chips: int = 2, **other: bool) -> FakeEngine:
    """One node of two chips, and jobs `a`, `b`, ... of one chip each that keep all their work."""
    engine = FakeEngine([node("n1", chips)], **other)
    for name, work in zip("abc", works, strict=False):
        engine.arrive(ask(name, checkpoint=0), work)
    return engine


def start(job: str, mask: int, run: int = 0, key: str = "") -> Start:
    """A start on node `n1`."""
    return Start(key or f"{job}{run}{mask}", job, run, (("n1", mask),))


def test_a_job_runs_for_its_work_and_ends_once() -> None:
    """Its end is listed once, with its times."""
    engine = engine_with(100)
    assert [answer.taken for answer in engine.act([start("a", 1)])] == [True]
    assert engine.next() == 100
    engine.until(99)
    assert engine.observe().jobs[0].status == Status.RUNNING
    engine.until(250)
    ended = engine.observe().jobs[0]
    assert (ended.status, ended.start, ended.end, ended.outcome) == (Status.ENDED, 0, 100, Outcome.COMPLETED)
    assert engine.observe().jobs == ()
    assert engine.next() == NEVER


def test_what_does_not_fit_or_is_not_there_is_refused_and_says_why() -> None:
    """Chips that are taken, runs that are not, nodes that are out, jobs that do not wait."""
    engine = engine_with(100, 100, 100)
    engine.arrive(ask("big", cpu=10**7), 1)
    engine.act([start("a", 1)])
    said = [
        answer.said
        for answer in engine.act(
            [
                start("b", 1),
                start("b", 0b100),
                start("b", 2, run=1),
                start("a", 2),
                start("big", 2),
                Stop("s", "c", 0),
                Start("t", "b", 0, (("n2", 1),)),
            ]
        )
    ]
    assert said == [
        "there is no room",
        "there is no room",
        "there is no run 1 of job b",
        "the job does not wait to be started",
        "there is no room",
        "the job does not run",
        "a node is not up",
    ]
    assert len(engine.refused) == 7


def test_the_same_key_is_the_same_order() -> None:
    """Told twice, done once, answered the same."""
    engine = engine_with(100)
    first = engine.act([start("a", 1, key="k")])
    assert engine.act([start("a", 1, key="k")]) == first
    assert engine.free("n1")[0] == [0, 1000]


def test_a_node_that_fails_sends_its_jobs_back_with_what_their_checkpoints_kept() -> None:
    """Their next run has only the rest to do."""
    engine = engine_with(100)
    engine.act([start("a", 1)])
    engine.until(30)
    engine.fail("n1")
    seen = engine.observe()
    assert (seen.nodes[0].up, seen.nodes[0].lost) == (False, True)
    assert (seen.jobs[0].status, seen.jobs[0].run) == (Status.WAITING, 1)
    engine.repair("n1")
    engine.act([start("a", 1, run=1)])
    assert engine.next() == 100


def test_a_drained_node_finishes_what_it_has() -> None:
    """It takes nothing new."""
    engine = engine_with(100, 100)
    engine.act([start("a", 1)])
    engine.drain("n1")
    assert engine.act([start("b", 2)])[0].said == "a node is not up"
    engine.until(100)
    assert engine.jobs["a"].status == Status.ENDED


def test_a_stop_puts_a_job_back_in_the_queue_for_its_next_run() -> None:
    """And its chips are free at once."""
    engine = engine_with(100)
    engine.act([start("a", 1)])
    assert engine.act([Stop("s", "a", 0)])[0].taken
    assert (engine.jobs["a"].status, engine.jobs["a"].run, engine.free("n1")[0]) == (Status.WAITING, 1, [1000, 1000])


def test_it_may_choose_chips_itself_and_not_say_which() -> None:
    """As Slurm does."""
    engine = engine_with(100, 100, chooses=True)
    engine.act([start("a", 1), start("b", 1)])
    assert not engine.refused
    assert [job.on for job in engine.observe().jobs] == [(("n1", UNKNOWN),)] * 2
    assert engine.free("n1")[0] == [0, 0]


def test_an_operator_may_put_more_on_a_node_than_it_has() -> None:
    """The engine lets operators; it says that this was not ours."""
    engine = engine_with(100, 100)
    engine.start_behind("a", (("n1", 1),))
    engine.start_behind("b", (("n1", 1),))
    assert engine.free("n1")[0] == [-1000, 1000]
    assert [job.ours for job in engine.observe().jobs] == [False, False]


def test_it_misbehaves_as_often_as_it_is_told_and_then_no_more() -> None:
    """Blind, deaf, mute, stale, late, refusing, hiding, and with a clock that is off."""
    engine = engine_with(100, 100, 100)
    engine.mischief.blind = 1
    with pytest.raises(EngineError, match="cannot be asked"):
        engine.observe()
    before = engine.observe()
    engine.mischief.deaf = 1
    with pytest.raises(EngineError, match="cannot be told"):
        engine.act([start("a", 1)])
    assert engine.jobs["a"].status == Status.WAITING
    engine.mischief.mute, engine.mischief.late = 1, 10
    with pytest.raises(EngineError, match="answers are lost"):
        engine.act([start("a", 1)])
    assert engine.jobs["a"].status == Status.STARTING
    engine.until(10)
    assert (engine.jobs["a"].status, engine.jobs["a"].start) == (Status.RUNNING, 10)
    engine.mischief.stale = 1
    assert engine.observe() == before
    engine.mischief.refuse, engine.mischief.hide, engine.mischief.skew = {"b"}, {"c"}, -5
    assert not engine.act([start("b", 2)])[0].taken
    seen = engine.observe()
    assert (seen.at, [job.asked.job for job in seen.jobs]) == (5, ["a", "b"])


def test_users_submit_and_cancel() -> None:
    """A job without a name gets one; what ended cannot be cancelled."""
    engine = engine_with()
    name = engine.submit(ask(""), ["sleep", "1"], "/", {})
    assert engine.jobs[name].status == Status.WAITING
    assert engine.cancel(name, "u").taken
    assert engine.observe().jobs[0].outcome == Outcome.CANCELLED
    assert engine.cancel(name, "u").said == f"there is no job {name} that waits or runs"
