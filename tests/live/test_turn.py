"""A turn: look, understand, decide, write down, tell; and what happens when one of them goes wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.live.hand import DictStore, Running, ask, node

from headrace.live.engine import Observation, Start, Status, Stop
from headrace.live.event import What
from headrace.live.intents import Intent, Outcome
from headrace.live.memory import NOTHING
from headrace.live.turn import PATIENCE, Turned, Turns
from headrace.units import HOUR_MS, MINUTE_MS, SECOND_MS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headrace.live.engine import Answer
    from headrace.live.memory import Memory


def failed(turned: Turned) -> bool:
    """Was an order refused in this turn."""
    return any(one.outcome == Outcome.FAILED for one in turned.settled)


def test_an_order_is_written_down_before_the_engine_hears_of_it() -> None:
    """A store that cannot write stops the turn: the engine is told nothing."""

    class Full(DictStore):
        def intend(self, intents: Sequence[Intent], news: Memory = NOTHING) -> None:
            raise OSError("the disk is full")

    running = Running([node()], store=Full())
    running.engine.arrive(ask("a"))
    with pytest.raises(OSError, match="disk is full"):
        running.turn()
    assert running.engine.jobs["a"].status == Status.WAITING


def test_a_start_is_confirmed_by_the_next_look() -> None:
    """An answer is not a start: what the engine shows is."""
    running = Running([node()])
    running.engine.arrive(ask("a"), work=HOUR_MS)
    turned = running.turn()
    assert (turned.told, turned.settled) == (1, ())
    assert len(running.store.intents) == 1
    assert [one.outcome for one in running.turn().settled] == [Outcome.CONFIRMED]
    assert running.said(What.STARTED) == ["job a runs on n1"]


def test_an_engine_that_cannot_be_asked_is_asked_again_and_nothing_is_done_blindly() -> None:
    """The trouble is said in a sentence, and the turn after goes on."""
    running = Running([node()])
    running.engine.arrive(ask("a"))
    running.engine.mischief.blind = 1
    turned = running.turn()
    assert "cannot be asked" in turned.trouble
    assert not turned.steps
    assert running.turn().told == 1


def test_an_order_whose_answer_is_lost_is_not_done_twice() -> None:
    """The engine did it; the next look shows that."""
    running = Running([node()])
    running.engine.arrive(ask("a"), work=HOUR_MS)
    running.engine.mischief.mute = 1
    assert "answers are lost" in running.turn().trouble
    assert [one.outcome for one in running.turn().settled] == [Outcome.CONFIRMED]
    assert not running.engine.refused


def test_an_order_that_does_not_show_is_told_again_under_the_same_key() -> None:
    """An engine that heard nothing hears it again; one that did it knows the key."""
    running = Running([node()])
    running.engine.arrive(ask("a"), work=HOUR_MS)
    running.engine.mischief.deaf = 1
    assert running.turn().trouble
    keys = list(running.store.intents)
    told = [running.turn().told for _ in range(PATIENCE)]
    assert told == [0] * (PATIENCE - 1) + [1]
    assert list(running.store.intents) == keys
    assert running.engine.jobs["a"].status == Status.RUNNING


def test_a_job_that_is_refused_is_tried_again_later_and_ever_later() -> None:
    """Others are not held up by it, and why it waits is in the engine's own words."""
    running = Running([node(chips=1)])
    running.engine.arrive(ask("a"))
    running.engine.arrive(ask("b"), work=SECOND_MS)
    running.engine.mischief.refuse = {"a"}
    assert [one.said for one in running.turn().settled] == ["it was told to refuse this job"]
    assert running.desk.jobs["a"].why == "the engine did not start it: it was told to refuse this job"
    assert [step.job for step in running.turn().steps] == ["b"]
    tried = [at for at in range(1, 100) if failed(running.turn(at * SECOND_MS))]
    assert tried == [10, 30, 70]


def test_a_job_of_an_operator_takes_the_node_before_the_order_goes_out() -> None:
    """A start that was not told yet and has no place any more is taken back, and decided anew."""
    running = Running([node("n1", 1), node("n2", 1, up=False)])
    running.engine.arrive(ask("a"), work=HOUR_MS)
    running.engine.arrive(ask("b"), work=HOUR_MS)
    running.store.intend([Intent(Start("old", "a", 0, (("n1", 1),)), 0)])
    running.crash()
    running.engine.start_behind("b", (("n1", 1),))
    turned = running.turn()
    assert [one.outcome for one in turned.settled] == [Outcome.OVERTAKEN]
    running.engine.repair("n2")
    assert [step.job for step in [*running.turn().steps, *running.turn().steps]] == ["a"]
    assert dict(running.engine.jobs["a"].on) == {"n2": 1}


def test_what_needs_a_stop_first_is_started_in_the_same_turn_once_the_stop_is_seen() -> None:
    """Least attained service stops the old job for the new one: stop, look, start; nothing is ever refused."""
    running = Running([node(chips=1)], "las/first")
    running.engine.arrive(ask("old", checkpoint=0), work=100 * HOUR_MS)
    running.turn()
    running.turn(20 * HOUR_MS)
    running.engine.arrive(ask("new", submit=20 * HOUR_MS), work=HOUR_MS)
    turned = running.turn()
    assert [(step.job, step.stop) for step in turned.steps] == [("old", True), ("new", False)]
    assert turned.told == 2
    assert running.engine.jobs["new"].status == Status.RUNNING
    assert running.engine.jobs["old"].run == 1
    assert not running.engine.refused


def test_a_stop_that_is_refused_leaves_the_job_where_it_runs_and_takes_back_what_counted_on_it() -> None:
    """The engine is right: the old job runs on, and the new one waits on."""
    running = Running([node(chips=1)], "las/first")
    running.engine.arrive(ask("old", checkpoint=0), work=100 * HOUR_MS)
    running.turn()
    running.turn(20 * HOUR_MS)
    running.engine.arrive(ask("new", submit=20 * HOUR_MS), work=HOUR_MS)
    running.engine.mischief.refuse = {"old"}
    running.turn()
    assert running.engine.jobs["old"].status == Status.RUNNING
    assert running.desk.jobs["old"].on == (("n1", 1),)
    assert running.desk.jobs["new"].status == Status.WAITING
    assert all(isinstance(order, Stop) for order, _ in running.engine.refused)


def test_a_job_that_the_engine_does_not_stop_is_let_be_for_ever_longer() -> None:
    """Others wait meanwhile; and what the job has received counts once, however often it was to be stopped."""
    running = Running([node(chips=1)], "las/first")
    running.engine.arrive(ask("old", checkpoint=0), work=100 * HOUR_MS)
    running.turn()
    begin = 20 * HOUR_MS
    running.turn(begin)
    running.engine.arrive(ask("new", submit=begin), work=HOUR_MS)
    running.engine.mischief.refuse = {"old"}
    running.turn()
    tried = [at for at in range(1, 100) if failed(running.turn(begin + at * SECOND_MS))]
    assert tried == [10, 30, 70]
    assert running.desk.tables.state.jobs[running.desk.jobs["old"].number]["attained"] == 0
    running.engine.mischief.refuse = set()
    running.turn(begin + 200 * SECOND_MS)
    assert running.engine.jobs["new"].status == Status.RUNNING


def test_no_more_orders_are_told_in_one_turn_than_allowed_and_the_others_follow() -> None:
    """A thousand starts do not hold up the next look."""
    running = Running([node(chips=8)])
    running.turns = Turns(running.desk, running.engine, running.store, lambda: f"key-{next(running.keys)}", most=3)
    for i in range(8):
        running.engine.arrive(ask(f"j{i}"), work=HOUR_MS)
    assert [running.turn().told for _ in range(4)] == [3, 3, 2, 0]


def test_a_start_that_comes_late_counts_from_when_it_began() -> None:
    """The engine took a minute to start it; its limit ends a minute later."""
    running = Running([node(chips=1)], "fifo+easy/first")
    running.engine.mischief.late = MINUTE_MS
    running.engine.arrive(ask("a", limit=HOUR_MS), work=HOUR_MS)
    running.turn()
    running.turn()
    running.turn(MINUTE_MS)
    assert running.desk.jobs["a"].start == MINUTE_MS
    assert running.desk.tables.state.jobs[running.desk.jobs["a"].number]["expected"] == MINUTE_MS + HOUR_MS


def test_an_end_that_the_engine_lists_again_is_told_once() -> None:
    """Slurm lists what ended for minutes."""

    class Lingering(Running):
        def linger(self) -> Observation:
            seen = self.plain()
            self.engine.jobs["a"].told = False
            return seen

    running = Lingering([node()])
    running.engine.arrive(ask("a"), work=10)
    running.plain, running.engine.observe = running.engine.observe, running.linger  # type: ignore[method-assign, attr-defined]
    for at in (0, 10, 20, 30):
        running.turn(at)
    assert running.said(What.ENDED) == ["job a ended as completed"]


def test_an_engine_that_answers_too_little_is_a_fault_that_is_not_hidden() -> None:
    """One answer an order: anything else and nothing can be known."""
    running = Running([node()])
    running.engine.arrive(ask("a"))

    def dumb(orders: Sequence[Start | Stop]) -> Sequence[Answer]:
        return []

    running.engine.act = dumb  # type: ignore[method-assign]
    with pytest.raises(ValueError, match="zip"):
        running.turn()


def test_a_start_that_the_engine_will_not_do_gives_its_chips_back_at_once() -> None:
    """Held where it was sent (a limit of an array, say), it keeps nothing, and waits until the engine lets it."""
    running = Running([node(chips=1)])
    running.engine.arrive(ask("a"), work=HOUR_MS)
    running.engine.mischief.deaf = 1
    running.turn()
    running.engine.jobs["a"].startable, running.engine.jobs["a"].said = False, "its array may not have more tasks"
    running.engine.arrive(ask("b", submit=1), work=10)
    turned = running.turn(1)
    assert [(one.outcome, one.said) for one in turned.settled] == [
        (Outcome.FAILED, "its array may not have more tasks")
    ]
    assert [step.job for step in turned.steps] == ["b"]
    running.engine.jobs["a"].startable = True
    assert [step.job for step in running.turn(11).steps] == ["a"]


def test_an_engine_is_called_upon_in_every_turn_though_there_is_nothing_to_tell() -> None:
    """It may have something to put in order itself: jobs that it will not start where they were sent."""
    running, told = Running([node()]), list[int]()
    act = running.engine.act
    running.engine.act = lambda orders: (told.append(len(orders)), act(orders))[1]  # type: ignore[method-assign]
    running.turn()
    assert told == [0]


def test_a_job_that_was_stopped_is_told_of_when_that_is_seen() -> None:
    """Who reads the store sees it wait for its next run, and not run on."""
    running = Running([node(chips=1)], "las/first")
    running.engine.arrive(ask("old", checkpoint=0), work=100 * HOUR_MS)
    running.turn()
    running.turn(20 * HOUR_MS)
    running.engine.arrive(ask("new", submit=20 * HOUR_MS), work=HOUR_MS)
    running.turn()
    assert running.said(What.STOPPED) == ["job old was stopped, and waits for its run 1"]
    assert running.store.jobs["old"].status == Status.WAITING
