"""Nothing lost, nothing twice: whatever breaks, and wherever between deciding, writing down and telling it stops."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.live.hand import DictStore, Running, ask, node
from tests.twins.inputs import often

from headrace.live.engine import Status
from headrace.live.memory import NOTHING
from headrace.units import SECOND_MS
from headrace.world.fleet import Tenant
from headrace.world.record import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headrace.live.event import Event
    from headrace.live.intents import Intent, Settled
    from headrace.live.memory import Memory

NODES = {"n1": 4, "n2": 4, "n3": 2}
POLICIES = ["fifo/first", "fair+easy/fgd", "las/best", "las+conservative/packing", "fair+greedy/worth"]
STEP = 5 * SECOND_MS
LONG = 2000
"""Turns after which everything that can run has run."""


class Crash(Exception):  # noqa: N818
    """The process is killed."""


class Killing(DictStore):
    """A store that survives: before or after its n-th call from now, the process that calls it is killed."""

    fuse = 0

    def _burn(self) -> None:
        self.fuse -= 1
        if self.fuse == 0:
            raise Crash

    def intend(self, intents: Sequence[Intent], news: Memory = NOTHING) -> None:
        self._burn()
        super().intend(intents, news)
        self._burn()

    def settle(self, settled: Sequence[Settled], at: int) -> None:
        self._burn()
        super().settle(settled, at)
        self._burn()

    def record(self, events: Sequence[Event], news: Memory = NOTHING) -> None:
        self._burn()
        super().record(events, news)
        self._burn()


class Crashes(RuleBasedStateMachine):
    """Users, operators, failing nodes and a misbehaving engine, against turns that are killed anywhere."""

    @initialize(policy=st.sampled_from(POLICIES), chooses=st.booleans())
    def begin(self, policy: str, chooses: bool) -> None:
        nodes = [node(name, chips) for name, chips in NODES.items()]
        self.running = Running(nodes, policy, [Tenant("b", {"H20": 3})], chooses=chooses, store=Killing())
        self.engine, self.behind = self.running.engine, 0

    def turn(self) -> None:
        try:
            self.running.turn()
        except Crash:
            self.running.crash()

    @rule(
        chips=st.sampled_from([1, 1, 2, 4]),
        nodes=st.sampled_from([1, 1, 1, 2]),
        share=st.sampled_from([1000, 1000, 500]),
        tenant=st.sampled_from("aab"),
        work=st.integers(0, 8),
        checkpoint=st.sampled_from([-1, 0, STEP]),
        limit=st.sampled_from([-1, 4 * STEP]),
    )
    def a_user_submits(
        self, chips: int, nodes: int, share: int, tenant: str, work: int, checkpoint: int, limit: int
    ) -> None:
        other = {"nodes": nodes, "share": share, "tenant": tenant, "checkpoint": checkpoint, "limit": limit}
        job = f"job-{len(self.engine.jobs)}"
        self.engine.arrive(ask(job, chips, submit=self.engine.at, **other), work * STEP)

    @rule(steps=st.integers(0, 3))
    def time_passes(self, steps: int) -> None:
        self.engine.until(self.engine.at + steps * STEP)

    @rule()
    def a_turn(self) -> None:
        self.turn()

    @rule(fuse=st.integers(1, 9))
    def a_turn_that_is_killed(self, fuse: int) -> None:
        self.running.store.fuse = fuse  # type: ignore[attr-defined]
        self.turn()
        self.running.store.fuse = 0  # type: ignore[attr-defined]

    @rule()
    def killed_between_turns(self) -> None:
        self.running.crash()

    @rule(name=st.sampled_from(sorted(NODES)), lost=st.booleans())
    def a_node_goes(self, name: str, lost: bool) -> None:
        (self.engine.fail if lost else self.engine.drain)(name)

    @rule(name=st.sampled_from(sorted(NODES)))
    def a_node_is_back(self, name: str) -> None:
        self.engine.repair(name)

    @rule(what=st.sampled_from(["blind", "stale", "deaf", "mute"]), times=st.integers(1, 2))
    def the_engine_misbehaves(self, what: str, times: int) -> None:
        setattr(self.engine.mischief, what, times)

    @rule(late=st.sampled_from([0, STEP, 30 * STEP]))
    def the_engine_starts_late(self, late: int) -> None:
        self.engine.mischief.late = late

    @rule(skew=st.integers(-3, 3))
    def the_clock_jumps(self, skew: int) -> None:
        self.engine.mischief.skew = skew * STEP

    @rule(data=st.data())
    def a_job_is_refused(self, data: st.DataObject) -> None:
        self.engine.mischief.refuse = set(data.draw(st.lists(st.sampled_from([*self.engine.jobs, "none"]))))

    @rule(data=st.data())
    def jobs_are_not_listed(self, data: st.DataObject) -> None:
        self.engine.mischief.hide = set(data.draw(st.lists(st.sampled_from([*self.engine.jobs, "none"]))))

    @precondition(lambda self: any(job.status == Status.WAITING for job in self.engine.jobs.values()))
    @rule(data=st.data())
    def an_operator_starts_a_job(self, data: st.DataObject) -> None:
        waiting = sorted(name for name, job in self.engine.jobs.items() if job.status == Status.WAITING)
        job = data.draw(st.sampled_from(waiting))
        name = data.draw(st.sampled_from(sorted(NODES)))
        self.engine.start_behind(job, ((name, (1 << self.engine.jobs[job].asked.chips) - 1),))
        self.behind += 1

    @precondition(lambda self: self.engine.jobs)
    @rule(data=st.data())
    def a_user_cancels(self, data: st.DataObject) -> None:
        self.engine.cancel(data.draw(st.sampled_from(sorted(self.engine.jobs))), "u")

    @invariant()
    def nothing_is_below_zero_where_a_loop_would_look(self) -> None:
        if hasattr(self, "running"):
            assert (self.running.desk.tables.state.free >= 0).all()

    @invariant()
    def no_chip_is_overcommitted_but_by_an_operator(self) -> None:
        if hasattr(self, "running") and not self.behind:
            for name in NODES:
                chips, cpu, memory = self.engine.free(name)
                assert min(chips) >= 0
                assert cpu >= 0
                assert memory >= 0

    def teardown(self) -> None:
        """In the end everything works again: every job that fits runs to its end, once."""
        if not hasattr(self, "running"):
            return
        self.engine.mischief.__init__()  # type: ignore[misc]
        for name in NODES:
            self.engine.repair(name)
        for _ in range(LONG):
            self.turn()
            if all(job.status == Status.ENDED for job in self.engine.jobs.values() if self.could_run(job.asked)):
                break
            self.engine.until(self.engine.at + STEP)
        self.turn()
        self.turn()
        for name, job in self.engine.jobs.items():
            if self.could_run(job.asked):
                assert job.status == Status.ENDED, name
                assert sum(run.outcome == Outcome.COMPLETED for run in job.runs) == (job.outcome == Outcome.COMPLETED)
        assert not self.running.store.intents
        assert self.running.desk.jobs.keys() == {n for n, j in self.engine.jobs.items() if j.status != Status.ENDED}

    def could_run(self, asked: object) -> bool:
        """Within the quota, and on the nodes that there are."""
        milli = asked.nodes * asked.chips * asked.share  # type: ignore[attr-defined]
        enough = sum(chips >= asked.chips for chips in NODES.values()) >= asked.nodes  # type: ignore[attr-defined]
        return enough and (asked.tenant != "b" or milli <= 3000)  # type: ignore[attr-defined]


Crashes.TestCase.settings = settings(often(150), stateful_step_count=40)
TestCrashes = Crashes.TestCase
