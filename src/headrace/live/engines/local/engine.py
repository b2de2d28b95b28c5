"""The engine of one machine: see the package for the files, the keeper for what runs a job."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from headrace.errors import EngineError
from headrace.live.engine import Answer, JobSeen, Observation, Start, Status, Stop
from headrace.live.engines.local.alone import alone
from headrace.live.engines.local.bell import BELL, hang, listen
from headrace.live.engines.local.booking import Booking
from headrace.live.engines.local.claim import claim
from headrace.live.engines.local.ended import Ended
from headrace.live.engines.local.files import holder, read_whole, write_whole
from headrace.live.engines.local.job import Job
from headrace.live.engines.local.machine import Machine
from headrace.live.engines.local.nursing import Nursing
from headrace.live.engines.local.outages import Outages
from headrace.live.engines.local.settings import Settings
from headrace.live.engines.local.state import open_state, read_live, shortage, write_job
from headrace.live.engines.local.stopping import tell_to_end
from headrace.live.engines.local.submission import job_form, refuse_strange, refuse_unstartable
from headrace.live.engines.local.watch import wall_ms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from headrace.live.engine import Asked
    from headrace.world.fleet import Fleet

ASK_AGAIN_S: Final = 5.0
"""A keeper that was asked for takes its lock within milliseconds; one that has not by now does not come."""


class LocalEngine:
    """The Engine of this machine; `clock` is now in ms, UTC. Raises EngineError where `state` cannot be used."""

    def __init__(
        self, fleet: Fleet, state: Path, settings: Settings | None = None, clock: Callable[[], int] = wall_ms
    ) -> None:
        self._settings, self._state, self._clock = settings or Settings(), state.absolute(), clock
        self.mutex = threading.Lock()
        self._machine = Machine(fleet, self._settings)
        self._lock = open_state(self._state)
        self._bell = hang(self._state / BELL)
        self._nursing = Nursing(self._state / "keepers.log")
        self._booking = Booking(self._machine)
        self._ended = Ended(self._state, self._settings)
        self._outages = Outages(self._state / "down", fleet.node_names)
        self._jobs: dict[str, Job] = {}
        self._live: dict[str, Job] = {}
        self._submitted: dict[str, str] = {}
        """By a submission's key, the job that it made; none that ended before this engine was opened."""
        for job in read_live(self._state, self._settings.lost_again):
            self._adopt(job)
        self._next = 1 + max(self._ended.newest, *(job.number for job in self._jobs.values()), 0)

    def _adopt(self, job: Job) -> None:
        """Go on with a job as its folder tells it."""
        self._know(job)
        if job.live:
            self._live[job.name] = job
            self._booking.take(job.seen.asked, job.seen.on)
            if job.cancelled:
                self._tell_to_end(job, "cancelled", job.name)
            elif down := self._outages.reason(job.nodes):
                self._tell_to_end(job, "lost", down)
        if job.seen.status == Status.ENDED:
            self._put_away(job)

    def _know(self, job: Job) -> None:
        self._jobs[job.name] = job
        if job.submission:
            self._submitted[job.submission] = job.name
        if len(self._submitted) > self._settings.keep_jobs + self._settings.jobs:
            del self._submitted[next(iter(self._submitted))]

    @alone
    def close(self) -> None:
        """Let go of the state directory; what runs, runs on."""
        self._nursing.end()
        os.close(self._bell)
        os.close(self._lock)

    def wait(self, seconds: float) -> bool:
        """Wait until a run has ended, `seconds` at most; whether one has. Saves asking again and again."""
        return listen(self._bell, seconds)

    @alone
    def observe(self) -> Observation:
        """Everything as it is now: the locks of live runs are asked, and of others nothing is read again."""
        at = self._clock()
        try:
            for job in list(self._live.values()):
                self._look(job)
            self._ended.prune(at)
            reason = shortage(self._state, self._settings.spare_disk)
        except OSError as error:
            raise EngineError(f"local: {self._state} cannot be read: {error.strerror or error}") from error
        jobs = (*(job.seen for job in self._jobs.values()), *self._ended.told())
        return Observation(at, self._outages.applied(self._machine.nodes(not reason, reason)), jobs)

    def _look(self, job: Job) -> None:
        """See how a live run does; where nobody keeps it, ask for a keeper."""
        if holder(job.lock):
            job.asked_at = float("-inf")  # it came; should it go without an exit, another is asked for at once
            self._note_start(job)
        elif ended := read_whole(job.run / "exit.json"):
            self._note_end(job, ended)
        elif time.monotonic() - job.asked_at > ASK_AGAIN_S:
            self._nursing.bring_up(job.run)
            job.asked_at = time.monotonic()

    def _note_start(self, job: Job) -> None:
        if job.seen.status == Status.STARTING and (started := read_whole(job.run / "started.json")):
            job.runs(started["at"])

    def _note_end(self, job: Job, form: dict[str, object]) -> None:
        del self._live[job.name]
        self._booking.give_back(job.seen.asked, job.seen.on)
        job.ends(form, self._settings.lost_again)
        if job.seen.status == Status.ENDED:
            self._put_away(job)

    def _put_away(self, job: Job) -> None:
        del self._jobs[job.name]
        self._ended.add(job, self._clock())

    @alone
    def act(self, orders: Sequence[Start | Stop]) -> Sequence[Answer]:
        """One answer an order, in order; a full disk is an answer too."""
        return [self._start(order) if isinstance(order, Start) else self._stop(order) for order in orders]

    def _start(self, order: Start) -> Answer:
        job = self._jobs.get(order.job)
        if refusal := self._refusal(job, order):
            return self._done_before(order, "order.json") or Answer(order.key, False, refusal)
        assert job is not None
        try:
            if not claim(job, order, self._machine, self._settings):
                return Answer(order.key, False, f"run {order.run} of job {order.job} was started before")
        except OSError as error:
            return Answer(order.key, False, f"job {order.job} cannot be started: {error.strerror or error}")
        job.starts(order.key, order.on)
        self._booking.take(job.seen.asked, order.on)
        self._live[job.name] = job
        with contextlib.suppress(OSError):  # what does not come up now is asked for again when it is looked at
            self._nursing.bring_up(job.run)
            job.asked_at = time.monotonic()
        return Answer(order.key, True)

    def _done_before(self, order: Start | Stop, file: str) -> Answer | None:
        """The answer to an order with a key that has been heard, whatever came of its run since."""
        job = self._jobs.get(order.job) or self._ended.find(order.job)
        form = read_whole(job.folder / "runs" / str(order.run) / file) if job else None
        return Answer(order.key, True, "it was done before") if form and form["key"] == order.key else None

    def _refusal(self, job: Job | None, order: Start) -> str:
        if job is None:
            return f"no job {order.job} waits"
        if job.live or job.seen.run != order.run:
            state = "runs" if job.live else "waits"
            return f"job {order.job} {state} as run {job.seen.run}, not {order.run}"
        refusal = self._booking.refusal(job.seen.asked, order.on)
        return refusal or self._outages.reason(tuple(node for node, _ in order.on))

    def _stop(self, order: Stop) -> Answer:
        job = self._live.get(order.job)
        if job is None or job.seen.run != order.run:
            refusal = Answer(order.key, False, f"run {order.run} of job {order.job} does not run")
            return self._done_before(order, "stop.json") or refusal
        return self._tell_to_end(job, "preempted", order.key)

    def _tell_to_end(self, job: Job, why: str, key: str) -> Answer:
        try:
            tell_to_end(job.run, why, key, self._clock())
        except OSError as error:
            return Answer(key, False, f"job {job.name} cannot be told to end: {error.strerror or error}")
        return Answer(key, True)

    @alone
    def cancel(self, job: str, user: str) -> Answer:
        """End `job`, and write down in whose name. Whether that user may is for the caller to judge."""
        known = self._jobs.get(job)
        if known is None:
            return Answer(job, False, f"no job {job} waits or runs")
        try:
            if not known.cancelled:
                write_whole(known.folder / "cancelled.json", {"user": user, "at": self._clock()})
        except OSError as error:
            return Answer(job, False, f"job {job} cannot be cancelled: {error.strerror or error}")
        known.cancelled = True
        if known.live:
            return self._tell_to_end(known, "cancelled", job)
        known.is_dropped(self._clock())
        self._put_away(known)
        return Answer(job, True)

    @alone
    def submit(
        self, asked: Asked, command: Sequence[str], directory: str, environment: Mapping[str, str], key: str = ""
    ) -> str:
        """The new job's number, from 1 on; `asked.job` is not looked at. Raises InputError where the job could never
        run, EngineError where it cannot be kept. One `key` twice is one job, after a restart too."""
        if known := self._submitted.get(key):
            return known
        refuse_strange(asked, self._machine.pool)
        refuse_unstartable(command, directory, environment, self._settings)
        if len(self._jobs) >= self._settings.jobs:
            raise EngineError(
                f"local: {len(self._jobs)} jobs wait or run, which is the most; submit when some have ended"
            )
        asked = replace(asked, job=str(self._next), submit=asked.submit if asked.submit > 0 else self._clock())
        try:
            folder = write_job(self._state, asked.job, job_form(asked, command, directory, environment, key))
        except OSError as error:
            raise EngineError(f"local: the job cannot be kept in {self._state}: {error.strerror or error}") from error
        self._next += 1
        self._know(Job(folder, JobSeen(asked, Status.WAITING), submission=key))
        return asked.job

    @alone
    def submitted(self, key: str) -> JobSeen | None:
        """The job that was submitted with that key, if it waited or ran when this engine was opened, or came since."""
        name = self._submitted.get(key, "")
        known = self._jobs.get(name) or self._ended.find(name)
        return known.seen if known else None

    @alone
    def take_down(self, node: str, reason: str) -> None:
        """Take a node out until it is brought back. What runs there is lost, and waits for its next run.

        Raises EngineError.
        """
        with self._saying(f"node {node} cannot be taken down"):
            self._outages.begin(node, reason)
        for job in self._live.values():
            if node in job.nodes:
                self._tell_to_end(job, "lost", node)

    @alone
    def bring_back(self, node: str) -> None:
        """Have the node take work again. Raises EngineError."""
        with self._saying(f"node {node} cannot be brought back"):
            self._outages.end(node)

    @contextlib.contextmanager
    def _saying(self, what: str) -> Iterator[None]:
        try:
            yield
        except KeyError as error:
            raise EngineError(f"local: {what}: there is no such node") from error
        except OSError as error:
            raise EngineError(f"local: {what}: {error.strerror or error}") from error

    @alone
    def folder(self, job: str) -> Path:
        """Where the files of a job are: `runs/N/stdout` and the like. Raises EngineError where it is not kept."""
        known = self._jobs.get(job) or self._ended.find(job)
        if known is None:
            raise EngineError(f"local: job {job} is not known, or is kept no longer")
        return known.folder

    @alone
    def recall(self, job: str) -> JobSeen | None:
        """A job that waits, runs or ended, for as long as it is kept."""
        known = self._jobs.get(job) or self._ended.find(job)
        return known.seen if known else None
