"""An engine for tests: nodes and jobs in memory, and a clock that is moved by hand.

    engine = FakeEngine([NodeSeen("n1", "H20", "main", 8, 96000, 2**20, up=True)])
    engine.arrive(asked, work=60_000)      a user submits a job that runs for a minute
    engine.observe(), engine.act(orders)   what Headrace sees and says
    engine.until(60_000)                   a minute passes, and what is due in it happens

It does what an engine does: holds chips while a job runs, requeues what ran on a node that failed (with the work that
its last checkpoint kept), refuses what does not fit, and takes the same key for the same order. `mischief` has it
misbehave.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, NamedTuple

from headrace.errors import EngineError
from headrace.live.engine import Answer, Asked, JobSeen, NodeSeen, Observation, Start, Status, Stop
from headrace.units import MILLI, NEVER, UNKNOWN
from headrace.world.checkpoint import kept_work
from headrace.world.record import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

WORK: Final = 100
"""How long (ms) a job runs of which nobody said."""
NODE: Final = NodeSeen("", "", "", 0, 0, 0, up=False)


@dataclass
class Mischief:
    """What the engine does wrong. Numbers count down: so many times, and it behaves again.

    `blind`: cannot be observed · `stale`: says what it said last · `deaf`: hears no order, and says so · `mute`: does
    what it is told, and its answers are lost · `late`: ms that pass from a start until the job runs · `refuse`: jobs
    whose orders it refuses · `hide`: jobs that it does not list · `skew`: ms by which its clock is off.
    """

    blind: int = 0
    stale: int = 0
    deaf: int = 0
    mute: int = 0
    late: int = 0
    skew: int = 0
    refuse: set[str] = field(default_factory=set)
    hide: set[str] = field(default_factory=set)


class FakeRun(NamedTuple):
    """A run that is over."""

    start: int
    end: int
    outcome: Outcome
    on: tuple[tuple[str, int], ...]


@dataclass
class FakeJob:
    """A job as the engine itself has it. `left` is the work to do (ms), `due` when it next begins or ends."""

    asked: Asked
    left: int
    ends: Outcome
    status: Status = Status.WAITING
    run: int = 0
    on: tuple[tuple[str, int], ...] = ()
    start: int = NEVER
    due: int = NEVER
    end: int = NEVER
    outcome: Outcome = Outcome.PENDING
    ours: bool = True
    startable: bool = True
    said: str = ""
    told: bool = False
    showing: tuple[object, ...] = ()
    shown: JobSeen | None = None
    """What was last said of it; the same object while that is the same."""
    runs: list[FakeRun] = field(default_factory=list)

    @property
    def live(self) -> bool:
        return self.status in (Status.STARTING, Status.RUNNING)


class FakeEngine:
    """`chooses`: like Slurm, it picks the chips of a node itself and does not say which."""

    def __init__(self, nodes: Iterable[NodeSeen], at: int = 0, *, chooses: bool = False) -> None:
        self.nodes = {node.name: node for node in nodes}
        self.at, self.chooses, self.mischief = at, chooses, Mischief()
        self.jobs: dict[str, FakeJob] = {}
        self.refused: list[tuple[Start | Stop, str]] = []
        """Every order that was refused, and why."""
        self._live: dict[str, dict[str, FakeJob]] = {}
        """By node, what runs there; under "" all that runs."""
        self._answers: dict[str, Answer] = {}
        self._submitted: dict[str, str] = {}
        self._last: Observation | None = None

    # What Headrace sees and says.

    def observe(self) -> Observation:
        """Nodes, jobs, and each job that ended once more."""
        if self.mischief.blind > 0:
            self.mischief.blind -= 1
            raise EngineError("the fake engine cannot be asked: it was made blind; ask again")
        if self.mischief.stale > 0 and self._last is not None:
            self.mischief.stale -= 1
            return self._last
        listed = [job for name, job in self.jobs.items() if not job.told and name not in self.mischief.hide]
        for job in listed:
            job.told = job.status == Status.ENDED
        seen = tuple(self._seen(job) for job in listed)
        self._last = Observation(self.at + self.mischief.skew, tuple(self.nodes.values()), seen)
        return self._last

    def act(self, orders: Sequence[Start | Stop]) -> Sequence[Answer]:
        """Do what fits; the same key is the same order, and has the same answer."""
        if self.mischief.deaf > 0:
            self.mischief.deaf -= 1
            raise EngineError("the fake engine cannot be told: it was made deaf; tell it again")
        answers = [self._answer(order) for order in orders]
        if self.mischief.mute > 0:
            self.mischief.mute -= 1
            raise EngineError("the fake engine's answers are lost: it was made mute; look what it did")
        return answers

    def submit(
        self, asked: Asked, command: Sequence[str], directory: str, environment: Mapping[str, str], key: str = ""
    ) -> str:
        """A job like any other; its command is not run."""
        job = self._submitted.get(key) or asked.job or f"fake-{len(self.jobs) + 1}"
        if job not in self.jobs:
            self.arrive(replace(asked, job=job))
        if key:
            self._submitted[key] = job
        return job

    def cancel(self, job: str, user: str) -> Answer:
        """A job that ended, or is not there, cannot be cancelled."""
        found = self.jobs.get(job)
        if found is None or found.status == Status.ENDED:
            return Answer(job, taken=False, said=f"there is no job {job} that waits or runs")
        self._end(found, Outcome.CANCELLED)
        return Answer(job, taken=True)

    # What happens without Headrace.

    def arrive(self, asked: Asked, work: int = WORK, ends: Outcome = Outcome.COMPLETED) -> None:
        """A user submits a job that runs for `work` ms and then `ends`."""
        self.jobs[asked.job] = FakeJob(asked, work, ends)

    def start_behind(self, job: str, on: tuple[tuple[str, int], ...]) -> None:
        """An operator starts a job, whether it fits or not."""
        self.jobs[job].ours = False
        self._start(self.jobs[job], on)

    def next(self) -> int:
        """When the next job begins or ends by itself (ms), or NEVER."""
        return min((job.due for job in self._on("")), default=NEVER)

    def until(self, at: int) -> None:
        """Move the clock to `at` (ms); what is due until then happens, each at its own time."""
        while (due := self.next()) <= at:
            self.at = max(self.at, due)
            for job in [job for job in self._on("") if job.due == due]:
                self._due(job)
        self.at = max(self.at, at)

    def fail(self, node: str) -> None:
        """A node is lost; every job on it goes back to the queue."""
        self.nodes[node] = replace(self.nodes[node], up=False, lost=True, reason="failed")
        for job in self._on(node):
            self._requeue(job, Outcome.NODE_FAIL)

    def drain(self, node: str) -> None:
        """A node takes no new work; what runs there goes on."""
        self.nodes[node] = replace(self.nodes[node], up=False, reason="drained")

    def repair(self, node: str) -> None:
        """A node takes work again."""
        self.nodes[node] = replace(self.nodes[node], up=True, lost=False, reason="")

    # What a test may want to know.

    def free(self, node: str) -> tuple[list[int], int, int]:
        """Of a node: milli left on each chip, millicores, MiB; below zero where it holds more than it has."""
        one = self.nodes.get(node, NODE)
        chips, cpu, memory = [MILLI] * one.chips, one.cpu, one.memory
        for job in self._on(node):
            cpu, memory = cpu - job.asked.cpu, memory - job.asked.memory
            for c in range(one.chips):
                chips[c] -= job.asked.share * (dict(job.on)[node] >> c & 1)
        return chips, cpu, memory

    def _on(self, node: str) -> list[FakeJob]:
        return list(self._live.get(node, {}).values())

    def _leave(self, job: FakeJob) -> None:
        for node in ("", *dict(job.on)):
            self._live.get(node, {}).pop(job.asked.job, None)

    def _seen(self, job: FakeJob) -> JobSeen:
        on = tuple((node, UNKNOWN) for node, _ in job.on) if self.chooses else job.on
        how = (job.start, job.end, job.outcome, job.ours, job.startable, job.said)
        now = (job.asked, job.status, job.run, on, *how)
        if job.shown is None or now != job.showing:
            job.showing, job.shown = now, JobSeen(*now)
        return job.shown

    def _answer(self, order: Start | Stop) -> Answer:
        if order.key not in self._answers:
            said = self._why_not(order)
            self._answers[order.key] = Answer(order.key, taken=not said, said=said)
            if said:
                self.refused.append((order, said))
            elif isinstance(order, Start):
                self.jobs[order.job].ours = True
                self._start(self.jobs[order.job], self._chosen(order))
            else:
                self._requeue(self.jobs[order.job], Outcome.PREEMPTED)
        return self._answers[order.key]

    def _why_not(self, order: Start | Stop) -> str:
        job = self.jobs.get(order.job)
        if order.job in self.mischief.refuse:
            return "it was told to refuse this job"
        if job is None or job.run != order.run:
            return f"there is no run {order.run} of job {order.job}"
        if isinstance(order, Stop):
            return "" if job.live else "the job does not run"
        if job.status != Status.WAITING or not job.startable:
            return "the job does not wait to be started"
        if any(not self.nodes.get(node, NODE).up for node, _ in order.on):
            return "a node is not up"
        return "" if self._fits(job.asked, self._chosen(order)) else "there is no room"

    def _chosen(self, order: Start) -> tuple[tuple[str, int], ...]:
        """The order's chips, or those that the engine chooses: the first with room."""
        if not self.chooses:
            return order.on
        asked = self.jobs[order.job].asked
        return tuple((node, self._first(node, asked)) for node, _ in order.on)

    def _first(self, node: str, asked: Asked) -> int:
        fit = [c for c, left in enumerate(self.free(node)[0]) if left >= asked.share]
        return sum(1 << c for c in fit[: asked.chips])

    def _fits(self, asked: Asked, on: tuple[tuple[str, int], ...]) -> bool:
        for node, mask in on:
            chips, cpu, memory = self.free(node)
            named = [left for c, left in enumerate(chips) if mask >> c & 1]
            short = len(named) != asked.chips or any(left < asked.share for left in named)
            if short or cpu < asked.cpu or memory < asked.memory:
                return False
        return len(dict(on)) == asked.nodes

    def _start(self, job: FakeJob, on: tuple[tuple[str, int], ...]) -> None:
        job.on, job.status, job.due = on, Status.STARTING, self.at + self.mischief.late
        for node in ("", *dict(on)):
            self._live.setdefault(node, {})[job.asked.job] = job
        if self.mischief.late == 0:
            self._due(job)

    def _due(self, job: FakeJob) -> None:
        if job.status == Status.STARTING:
            job.status, job.start, job.due = Status.RUNNING, self.at, self.at + job.left
        else:
            self._end(job, job.ends)

    def _end(self, job: FakeJob, outcome: Outcome) -> None:
        if job.live:
            job.runs.append(FakeRun(job.start, self.at, outcome, job.on))
        self._leave(job)
        job.status, job.end, job.outcome, job.due = Status.ENDED, self.at, outcome, NEVER

    def _requeue(self, job: FakeJob, outcome: Outcome) -> None:
        job.runs.append(FakeRun(job.start, self.at, outcome, job.on))
        ran = max(0, self.at - job.start)
        job.left -= kept_work(ran, 0, job.asked.checkpoint)
        self._leave(job)
        job.status, job.run, job.on = Status.WAITING, job.run + 1, ()
        job.start = job.due = NEVER
