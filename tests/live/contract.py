"""What every engine must do, whatever it runs jobs with: inherit `EngineContract` and give it a fixture `fleet`.

    class TestMyEngine(EngineContract):
        @pytest.fixture
        def fleet(self) -> Fleet: ...

A test never asserts how long something takes; it looks again until it is so, or gives up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

import pytest

from headrace.live.engine import Engine, Observation, Start, Status, Stop
from headrace.units import NEVER
from headrace.world.record import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from headrace.live.engine import JobSeen

LOOKS: Final = 400
"""Observations after which something is held to be never so."""
ANY: Final = -1
"""The mask of chips where the engine chooses them itself (UNKNOWN)."""


class Fleet(Protocol):
    """An engine, and what its tests can do to the fleet behind its back.

    The fleet has at least two nodes with two chips each, is idle, and its nodes are up.
    """

    engine: Engine
    user: str
    chooses_chips: bool
    """The engine chooses chips itself: its masks are UNKNOWN, and orders leave them to it."""

    def submit(self, seconds: float, chips: int = 1, nodes: int = 1) -> str:
        """Submit, as users do, a job that works for so long; its id. Chips are per node."""

    def again(self) -> Engine:
        """Another engine object for the same fleet, as after Headrace was killed and started."""

    def take_down(self, node: str) -> None:
        """The node fails."""

    def bring_back(self, node: str) -> None:
        """And returns."""

    def pass_time(self) -> None:
        """Let a moment pass between two observations (a hand clock is moved, others sleep)."""


def seen(observation: Observation, job: str) -> JobSeen | None:
    """The job as observed."""
    return next((each for each in observation.jobs if each.asked.job == job), None)


def until(fleet: Fleet, true: Callable[[Observation], bool], engine: Engine | None = None) -> Observation:
    """Observe until it is so; the observation in which it is."""
    for _ in range(LOOKS):
        observation = (engine or fleet.engine).observe()
        if true(observation):
            return observation
        fleet.pass_time()
    pytest.fail(f"it was never so; last seen: {observation}")


def until_job(fleet: Fleet, job: str, *statuses: Status, run: int = 0, engine: Engine | None = None) -> JobSeen:
    """Observe until the job's run has one of the statuses."""

    def there(observation: Observation) -> bool:
        found = seen(observation, job)
        return found is not None and found.status in statuses and found.run == run

    found = seen(until(fleet, there, engine), job)
    assert found is not None
    return found


def chips_on(fleet: Fleet, node: str, chips: int = 1) -> tuple[str, int]:
    """A node with the mask of its first `chips` chips, or with the engine's own choice."""
    return node, ANY if fleet.chooses_chips else (1 << chips) - 1


def start(fleet: Fleet, job: str, *nodes: str, key: str = "k1", run: int = 0, chips: int = 1) -> Start:
    return Start(key, job, run, tuple(chips_on(fleet, node, chips) for node in nodes))


def names_of_nodes(fleet: Fleet) -> list[str]:
    return [node.name for node in fleet.engine.observe().nodes if node.up and node.chips >= 2]


class EngineContract:
    """The promises. Every test has a fleet of its own, or an idle one."""

    def test_nodes_are_seen_with_what_they_have(self, fleet: Fleet) -> None:
        """A node has a name, a kind, a pool, chips, cores and memory, and is up."""
        nodes = fleet.engine.observe().nodes
        assert len(nodes) >= 2
        assert len({node.name for node in nodes}) == len(nodes)
        for node in nodes:
            assert node.kind
            assert node.pool
            assert min(node.chips, node.cpu, node.memory) > 0
            assert node.up
            assert not node.lost

    def test_a_submitted_job_waits_until_it_is_ordered_to_start(self, fleet: Fleet) -> None:
        """It is seen with what was asked, startable and on no node, and stays so while nothing is ordered."""
        job = fleet.submit(1, chips=2)
        waiting = until_job(fleet, job, Status.WAITING)
        for _ in range(3):
            fleet.pass_time()
            assert seen(fleet.engine.observe(), job) == waiting
        assert (waiting.asked.chips, waiting.asked.nodes, waiting.asked.user) == (2, 1, fleet.user)
        assert waiting.startable
        assert waiting.on == ()
        assert waiting.start == NEVER
        assert waiting.run == 0

    def test_a_job_starts_on_the_node_that_was_named_and_ends(self, fleet: Fleet) -> None:
        """On that node and no other, as ours, and later as completed, with times that follow each other."""
        node = names_of_nodes(fleet)[1]
        job = fleet.submit(1, chips=2)
        until_job(fleet, job, Status.WAITING)
        (answer,) = fleet.engine.act([start(fleet, job, node, chips=2)])
        assert answer.taken, answer.said
        assert answer.key == "k1"
        running = until_job(fleet, job, Status.RUNNING)
        assert [name for name, _ in running.on] == [node]
        assert running.ours
        ended = until_job(fleet, job, Status.ENDED)
        assert ended.outcome == Outcome.COMPLETED
        assert ended.asked.submit <= ended.start <= ended.end < NEVER

    def test_a_gang_starts_on_all_of_its_nodes(self, fleet: Fleet) -> None:
        """Two nodes named, two nodes seen."""
        first, second = names_of_nodes(fleet)[:2]
        job = fleet.submit(1, nodes=2)
        until_job(fleet, job, Status.WAITING)
        (answer,) = fleet.engine.act([start(fleet, job, second, first)])
        assert answer.taken, answer.said
        assert {name for name, _ in until_job(fleet, job, Status.RUNNING).on} == {first, second}

    def test_one_key_twice_is_one_start(self, fleet: Fleet) -> None:
        """Asked again at once, after it runs, and by an engine that was started anew: taken, and it runs once."""
        node = names_of_nodes(fleet)[0]
        job = fleet.submit(3)
        until_job(fleet, job, Status.WAITING)
        order = start(fleet, job, node)
        assert [answer.taken for answer in fleet.engine.act([order])] == [True]
        assert [answer.taken for answer in fleet.engine.act([order])] == [True]
        running = until_job(fleet, job, Status.RUNNING)
        assert [answer.taken for answer in fleet.engine.act([order])] == [True]
        anew = fleet.again()
        assert [answer.taken for answer in anew.act([order])] == [True]
        still = until_job(fleet, job, Status.RUNNING, engine=anew)
        assert (still.run, still.start, still.on, still.ours) == (0, running.start, running.on, True)
        assert until_job(fleet, job, Status.ENDED, engine=anew).outcome == Outcome.COMPLETED

    def test_a_job_that_runs_is_not_started_by_another_key(self, fleet: Fleet) -> None:
        """The second start is refused with a reason, and nothing happens to the job."""
        first, second = names_of_nodes(fleet)[:2]
        job = fleet.submit(2, nodes=2)
        until_job(fleet, job, Status.WAITING)
        fleet.engine.act([start(fleet, job, first, second)])
        running = until_job(fleet, job, Status.RUNNING)
        (answer,) = fleet.engine.act([start(fleet, job, first, key="k2")])
        assert not answer.taken
        assert answer.said
        again = until_job(fleet, job, Status.RUNNING)
        assert (again.on, again.run) == (running.on, 0)

    def test_a_job_is_stopped_and_started_again_elsewhere(self, fleet: Fleet) -> None:
        """Stopped it waits as the next run, for us, and its second start is a run of its own."""
        first, second = names_of_nodes(fleet)[:2]
        job = fleet.submit(2)
        until_job(fleet, job, Status.WAITING)
        fleet.engine.act([start(fleet, job, first)])
        until_job(fleet, job, Status.RUNNING)
        (stopped,) = fleet.engine.act([Stop("k2", job, 0)])
        assert stopped.taken, stopped.said
        waiting = until_job(fleet, job, Status.WAITING, run=1)
        assert waiting.startable
        assert waiting.on == ()
        (repeated,) = fleet.engine.act([Stop("k2", job, 0)])
        assert repeated.taken, repeated.said
        (started,) = fleet.engine.act([start(fleet, job, second, key="k3", run=1)])
        assert started.taken, started.said
        assert [name for name, _ in until_job(fleet, job, Status.RUNNING, run=1).on] == [second]
        assert until_job(fleet, job, Status.ENDED, run=1).outcome == Outcome.COMPLETED

    def test_an_order_for_a_run_that_is_over_is_refused(self, fleet: Fleet) -> None:
        """A start of run 0 does nothing to a job that is at run 1."""
        node = names_of_nodes(fleet)[0]
        job = fleet.submit(5)
        until_job(fleet, job, Status.WAITING)
        fleet.engine.act([start(fleet, job, node)])
        until_job(fleet, job, Status.RUNNING)
        fleet.engine.act([Stop("k2", job, 0)])
        until_job(fleet, job, Status.WAITING, run=1)
        (answer,) = fleet.engine.act([start(fleet, job, node, key="k3", run=0)])
        assert not answer.taken
        fleet.pass_time()
        assert until_job(fleet, job, Status.WAITING, run=1).startable

    def test_a_job_that_waits_is_cancelled(self, fleet: Fleet) -> None:
        """It ends as cancelled, having been on no node."""
        job = fleet.submit(1)
        until_job(fleet, job, Status.WAITING)
        assert fleet.engine.cancel(job, fleet.user).taken
        ended = until_job(fleet, job, Status.ENDED)
        assert ended.outcome == Outcome.CANCELLED
        assert ended.on == ()

    def test_a_job_that_runs_is_cancelled(self, fleet: Fleet) -> None:
        """It ends as cancelled and does not come back."""
        node = names_of_nodes(fleet)[0]
        job = fleet.submit(60)
        until_job(fleet, job, Status.WAITING)
        fleet.engine.act([start(fleet, job, node)])
        until_job(fleet, job, Status.RUNNING)
        assert fleet.engine.cancel(job, fleet.user).taken
        assert until_job(fleet, job, Status.ENDED).outcome == Outcome.CANCELLED

    def test_orders_about_a_job_that_is_not_there_are_refused(self, fleet: Fleet) -> None:
        """Each with a reason; the orders beside them are carried out."""
        node = names_of_nodes(fleet)[0]
        job = fleet.submit(1)
        until_job(fleet, job, Status.WAITING)
        orders = [start(fleet, "999999", node, key="a"), Stop("b", "999999", 0), start(fleet, job, node, key="c")]
        answers = fleet.engine.act(orders)
        assert [(answer.key, answer.taken) for answer in answers] == [("a", False), ("b", False), ("c", True)]
        assert all(answer.said for answer in answers[:2])
        until_job(fleet, job, Status.RUNNING, Status.ENDED)

    def test_a_node_that_goes_takes_no_work_and_one_that_returns_does(self, fleet: Fleet) -> None:
        """Gone: not up, and lost. Back: up, and a job starts there."""
        node = names_of_nodes(fleet)[0]

        def up(observation: Observation) -> tuple[bool, bool]:
            found = next(each for each in observation.nodes if each.name == node)
            return found.up, found.lost

        fleet.take_down(node)
        until(fleet, lambda observation: up(observation) == (False, True))
        fleet.bring_back(node)
        until(fleet, lambda observation: up(observation) == (True, False))
        job = fleet.submit(1)
        until_job(fleet, job, Status.WAITING)
        (answer,) = fleet.engine.act([start(fleet, job, node)])
        assert answer.taken, answer.said
        until_job(fleet, job, Status.RUNNING, Status.ENDED)

    def test_a_job_on_a_node_that_goes_is_not_running_any_more(self, fleet: Fleet) -> None:
        """It waits as the next run, or has ended by the failure of its node; never both."""
        node = names_of_nodes(fleet)[0]
        job = fleet.submit(60)
        until_job(fleet, job, Status.WAITING)
        fleet.engine.act([start(fleet, job, node)])
        until_job(fleet, job, Status.RUNNING)
        fleet.take_down(node)

        def off(observation: Observation) -> bool:
            found = seen(observation, job)
            return found is not None and (
                (found.status == Status.WAITING and found.run == 1)
                or (found.status == Status.ENDED and found.outcome == Outcome.NODE_FAIL)
            )

        until(fleet, off)
        fleet.bring_back(node)

    def test_what_is_observed_twice_is_the_same(self, fleet: Fleet) -> None:
        """Looking changes nothing: time does not go back, nodes and waiting jobs stay as they are."""
        job = fleet.submit(1)
        until_job(fleet, job, Status.WAITING)
        first, second = fleet.engine.observe(), fleet.engine.observe()
        assert first.at <= second.at
        assert first.nodes == second.nodes
        assert seen(first, job) == seen(second, job)

    def test_a_refusal_is_one_sentence(self, fleet: Fleet) -> None:
        """To cancel what was never there is refused, with a line that can be shown."""
        answer = fleet.engine.cancel("999999", fleet.user)
        assert not answer.taken
        assert answer.said
        assert answer.said.isprintable()
