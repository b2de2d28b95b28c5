"""The round, driven by hand: a test says what happens and when, and reads what is decided."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tests.factories import Job, make_workload

from headrace.policy.find import Rules
from headrace.policy.memo import empty_memo, refer_memo
from headrace.policy.policy import Policy, parse
from headrace.policy.registry import BACKFILLS, ORDERS, PLACES
from headrace.round import apply, observe, propose, verify
from headrace.world.plan import ROWS, STARTS, STEPS, STOPS, Reason, empty_plan, refer_plan
from headrace.world.state import LIVE, NONE, WAITING, State, build, refer_state
from headrace.world.take import take

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headrace.world.fleet import Fleet

Places = list[tuple[int, int]]


class Step(NamedTuple):
    """One step of a plan; `places` are (node, chipmask)."""

    job: int
    stop: bool
    places: Places
    rejected: Reason = Reason.FITS


class Hand:
    """A fleet, a queue and a policy. `now` is an argument of everything that happens."""

    def __init__(self, fleet: Fleet, jobs: Sequence[Job], policy: Policy | str = "fifo/first") -> None:
        policy = parse(policy) if isinstance(policy, str) else policy
        self.workload = make_workload(fleet, jobs)
        self.state = build(fleet, self.workload)
        self.memo = empty_memo(self.state)
        self.rules = Rules(ORDERS[policy.order], BACKFILLS[policy.backfill], PLACES[policy.place], policy.seed)
        self.plan = empty_plan(len(jobs), len(self.state.rows))
        self.state_ref: Any = refer_state(self.state)
        self.memo_ref: Any = refer_memo(self.memo)
        self.plan_ref: Any = refer_plan(self.plan)

    def submit(self, *jobs: int, now: int = 0) -> Hand:
        for job in jobs:
            observe.submit(self.state_ref, self.memo_ref, self.rules, job, now)
        return self

    def finish(self, job: int, now: int) -> None:
        observe.finish(self.state_ref, job, now)

    def interrupt(self, job: int, now: int) -> None:
        observe.interrupt(self.state_ref, self.rules, job, now)

    def out(self, node: int) -> None:
        observe.node_out(self.state_ref, node)

    def back(self, node: int) -> None:
        observe.node_back(self.state_ref, node)

    def take(self, job: int, places: Places) -> None:
        """Put `job` on `places`, without a plan."""
        for node, mask in places:
            take(self.state_ref, job, node, mask)

    def propose(self, now: int = 0) -> list[Step]:
        propose.propose(self.state_ref, self.memo_ref, self.rules, now, self.plan_ref)
        return self.steps()

    def verify(self) -> list[Reason]:
        verify.verify(self.state_ref, self.plan_ref)
        return [step.rejected for step in self.steps()]

    def apply(self, now: int = 0) -> None:
        apply.apply(self.state_ref, self.rules, self.plan_ref, now)

    def round(self, now: int = 0) -> list[Step]:
        self.propose(now)
        self.verify()
        self.apply(now)
        return self.steps()

    def steps(self) -> list[Step]:
        """The plan, step by step."""
        size, steps, rows, _ = self.plan
        found = []
        for i in range(int(size[STEPS])):
            part = rows[int(steps[i]["first"]) : int(steps[i + 1]["first"])]
            places = list(zip(part["node"].tolist(), part["chipmask"].tolist(), strict=True))
            step = steps[i]
            found.append(Step(int(step["job"]), bool(step["stop"]), places, Reason(int(step["rejected"]))))
        return found

    def write(self, *steps: Step) -> None:
        """Make the plan `steps`, whatever they are."""
        rows = 0
        for i, step in enumerate(steps):
            self.plan.steps[i]["job"], self.plan.steps[i]["stop"] = step.job, step.stop
            self.plan.steps[i]["rejected"], self.plan.steps[i]["first"] = Reason.FITS, rows
            for node, mask in step.places:
                self.plan.rows[rows]["node"], self.plan.rows[rows]["chipmask"] = node, mask
                rows += 1
            self.plan.steps[i + 1]["first"] = rows
        stops = sum(step.stop for step in steps)
        self.plan.size[STEPS], self.plan.size[ROWS] = len(steps), rows
        self.plan.size[STOPS], self.plan.size[STARTS] = stops, len(steps) - stops

    def waiting(self) -> list[int]:
        return [j for j, status in enumerate(self.state.jobs["status"]) if status == WAITING]

    def live(self) -> list[int]:
        return [j for j, status in enumerate(self.state.jobs["status"]) if status == LIVE]

    def places(self, job: int) -> Places:
        """Where `job` runs, by node."""
        found, row = [], int(self.state.jobs[job]["row"])
        while row != NONE:
            found.append((int(self.state.rows[row]["node"]), int(self.state.rows[row]["chipmask"])))
            row = int(self.state.rows[row]["of_job"])
        return sorted(found)

    def reason(self, job: int) -> Reason:
        """Why the line of `job` waits, as the last round left it."""
        return Reason(int(self.state.lines[int(self.state.jobs[job]["line"])]["hold"]))


def on_node(state: State, node: int) -> set[tuple[int, int]]:
    """(job, chipmask) of each allocation of `node`."""
    found, row = set(), int(state.nodes[node]["row"])
    while row != NONE:
        found.add((int(state.rows[row]["job"]), int(state.rows[row]["chipmask"])))
        row = int(state.rows[row]["of_node"])
    return found


def queue(state: State, line: int) -> list[int]:
    """The jobs of `line`, read forwards, after checking that they read the same backwards."""
    forwards, backwards = [], []
    job = int(state.lines[line]["head"])
    while job != NONE:
        forwards.append(job)
        job = int(state.jobs[job]["next"])
    job = int(state.lines[line]["tail"])
    while job != NONE:
        backwards.append(job)
        job = int(state.jobs[job]["prev"])
    assert forwards == backwards[::-1]
    assert len(forwards) == state.lines[line]["length"]
    return forwards


def picture(hand: Hand) -> dict[str, object]:
    """All of the state that a proposal must leave as it was."""
    state = hand.state
    node_columns = [name for name in state.nodes.dtype.names if name != "row"]
    job_columns = [name for name in state.jobs.dtype.names if name != "row"]
    return {
        "nodes": state.nodes[node_columns].tolist(),
        "free": state.free.tolist(),
        "mix": state.mix.tolist(),
        "jobs": state.jobs[job_columns].tolist(),
        "places": [hand.places(j) for j in range(len(state.jobs))],
        "on nodes": [on_node(state, n) for n in range(len(state.nodes))],
        "lines": [queue(state, line) for line in range(len(state.lines))],
        "held": state.tenants["held"].tolist(),
        "used": state.used.tolist(),
        "quota": state.quota.tolist(),
    }
