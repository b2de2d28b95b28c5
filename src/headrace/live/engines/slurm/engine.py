"""Slurm as an Engine: an observation is a few calls whatever the number of jobs, an order a line to one scontrol."""

from __future__ import annotations

import logging
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from headrace.errors import EngineError
from headrace.live.engine import Answer, JobSeen, Observation, Status
from headrace.live.engines.slurm.acting import Acting
from headrace.live.engines.slurm.bell import Bell
from headrace.live.engines.slurm.channel import Channel
from headrace.live.engines.slurm.doors import Doors
from headrace.live.engines.slurm.ended import AT_ONCE, read_ended
from headrace.live.engines.slurm.jobs import HELD, Needs
from headrace.live.engines.slurm.licenses import read_free, short_of
from headrace.live.engines.slurm.nodes import read_nodes
from headrace.live.engines.slurm.orders import JOB
from headrace.live.engines.slurm.queue import Queue
from headrace.live.engines.slurm.reading import Reading
from headrace.live.engines.slurm.settings import Settings
from headrace.live.engines.slurm.tools import Tools, shown
from headrace.units import MINUTE_MS, NEVER, SECOND_MS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from headrace.live.engine import Asked, Start, Stop
    from headrace.live.engines.slurm.jobs import Read

REST: Final = 2 * SECOND_MS
LONGEST_REST: Final = MINUTE_MS
"""How long a job that Slurm would not start is left in the front before it is tried again: at first, and at most. It is
doubled each time for a limit that Slurm does not show in the front (of associations, QOS)."""
LATE: Final = 5 * SECOND_MS
"""Slurm's times are whole seconds, and a job may end while it is being looked at."""
TRIES: Final = 60
"""Observations during which the accounting is asked for a job that squeue has forgotten."""
_TIME: Final = re.compile(rb"sdiag output at .*\(([0-9]{1,12})\)")
_log: Final = logging.getLogger(__name__)


class Rest(NamedTuple):
    """Until when (ms) a job is left alone that Slurm would not start, why, and how often it was left so before."""

    reason: str
    until: int
    times: int


class SlurmEngine:
    """One Slurm. `last_seen`: jobs that were waiting or running when it was last looked at, maybe by a former process.

    After each observation `reasons` says why each job that is not startable is not, and `left_alone` how many jobs were
    not understood (each is logged).
    """

    def __init__(self, settings: Settings | None = None, last_seen: Iterable[JobSeen] = ()) -> None:
        self.settings = settings or Settings()
        self.tools = Tools(self.settings.commands, self.settings.conf, self.settings.wait_s)
        self.reasons: dict[str, str] = {}
        self._queue, self._reading = Queue(), Reading(self.settings)
        self.bell = Bell(self.tools)
        self._channel = Channel(self.tools)
        self._acting = Acting(self._channel, self.tools, self.settings)
        self._active = {seen.asked.job: seen for seen in last_seen}
        self._lost: Counter[str] = Counter()
        self._rests: dict[str, Rest] = {}
        self._at = -NEVER

    @property
    def left_alone(self) -> int:
        """How many jobs were not understood."""
        return self._reading.left_alone

    def observe(self) -> Observation:
        """What Slurm says now. EngineError where one of its commands fails; the next observation begins anew."""
        with ThreadPoolExecutor(3) as asking:  # each mostly waits: for a process to begin, and for slurmctld
            time, nodes = asking.submit(self._time), asking.submit(read_nodes, self.tools, self.settings)
            queue = asking.submit(self._queue.read, self.tools)
        asked_at, ground, rows = time.result(), nodes.result(), queue.result()
        if self._at == -NEVER and Doors(self.tools, self.settings).are_open():
            _log.warning("the partition %s is UP: Slurm itself starts what waits there", self.settings.front)
        reads = self._licensed(self._reading.read(rows, ground, self._acting.marks))
        at = _no_earlier(asked_at, reads.values())
        reads = self._rested(reads, at)
        forgotten = self._forgotten(reads)
        before, self._at = self._at, max(self._at, at)
        listed = [read.seen for read in reads.values() if self._is_news(read.seen, before)]
        self.reasons = {job: read.reason for job, read in reads.items() if not read.seen.startable}
        self._acting.reads = reads
        self._acting.marks = {job: mark for job, mark in self._acting.marks.items() if job in reads}
        self._active = {job: read.seen for job, read in reads.items() if read.seen.status != Status.ENDED} | {
            job: self._active[job] for job in self._lost
        }
        return Observation(at, tuple(ground.nodes.values()), (*listed, *forgotten))

    def act(self, orders: Sequence[Start | Stop]) -> Sequence[Answer]:
        """One answer an order; also without orders, jobs that Slurm will not start where they were sent come back."""
        if self._at == -NEVER:
            self.observe()
        return self._acting.act(orders)

    def submit(
        self, asked: Asked, command: Sequence[str], directory: str, environment: Mapping[str, str], key: str = ""
    ) -> str:
        """Never: Headrace runs nobody's code as somebody else."""
        raise EngineError(f"users submit to Slurm itself: sbatch --partition={self.settings.front} ...")

    def cancel(self, job: str, user: str) -> Answer:
        """End `job`. Who may ask for that is decided before; to Slurm it is the operator's account that does."""
        if not JOB.fullmatch(job):
            return Answer(job, False, f"{shown(job)[:60]!r} is no job's number")
        if self._at == -NEVER:
            self.observe()
        read = self._acting.reads.get(job)  # scancel itself says of a job that is not there that all went well
        if read is None or read.seen.status == Status.ENDED:
            return Answer(job, False, "it has ended" if read else "Slurm lists no such job")
        try:
            self.tools.ask("scancel", job)
        except EngineError as error:
            return Answer(job, False, str(error))
        _log.info("job %s was cancelled for %s", job, shown(user))
        return Answer(job, True)

    def wait(self, seconds: float) -> bool:
        """Return after `seconds`, or when something may be new; while no job waits there is no hurry."""
        waits = any(seen.status == Status.WAITING for seen in self._active.values())
        return self.bell.wait(seconds) if waits else self.bell.rest(seconds)

    def close(self) -> None:
        """End the scontrol that takes the orders."""
        self._channel.close()

    def _time(self) -> int:
        """Slurm's own clock, ms; it has whole seconds."""
        printed = self.bell.heard() or self.tools.ask("sdiag")
        self.bell.hear(printed)
        found = _TIME.search(printed)
        if found is None:
            raise EngineError("sdiag does not say when it was printed; is it Slurm's own?")
        return int(found[1]) * SECOND_MS

    def _licensed(self, reads: dict[str, Read]) -> dict[str, Read]:
        """Jobs short of licences may not be started; licences are asked for only where a waiting job wants some."""
        asking = {
            job: read
            for job, read in reads.items()
            if read.seen.status == Status.WAITING and not read.reason and read.licenses not in ("", "(null)", "N/A")
        }
        free = read_free(self.tools) if asking else {}
        return reads | {job: _held_for(read, short_of(read.licenses, free)) for job, read in asking.items()}

    def _rested(self, reads: dict[str, Read], at: int) -> dict[str, Read]:
        """A job that Slurm would not start rests a while, or it would go to and fro with every turn."""
        for job, read in reads.items():
            before = self._rests.get(job)
            if read.needs == Needs.HOME and read.reason and (before is None or at >= before.until):
                times = before.times + (read.reason not in HELD.values()) if before else 0
                self._rests[job] = Rest(read.reason, at + min(LONGEST_REST, REST << min(times, 20)), times)
        still = (Status.WAITING, Status.STARTING)
        self._rests = {
            job: rest for job, rest in self._rests.items() if job in reads and reads[job].seen.status in still
        }
        resting = (job for job, rest in self._rests.items() if at < rest.until and not reads[job].reason)
        waiting = (job for job in resting if reads[job].seen.status == Status.WAITING)
        return reads | {job: _held_for(reads[job], self._rests[job].reason) for job in waiting}

    def _is_news(self, seen: JobSeen, before: int) -> bool:
        return seen.status != Status.ENDED or seen.asked.job in self._active or before - LATE <= seen.end < NEVER

    def _forgotten(self, reads: Mapping[str, Read]) -> list[JobSeen]:
        """Jobs that were there and are not listed any more, as far as the accounting knows how they ended."""
        self._lost = Counter({job: self._lost[job] + 1 for job in self._active if job not in reads})
        for job in [job for job, tries in self._lost.items() if tries > TRIES or not self.settings.accounting]:
            _log.warning("job %s is gone from Slurm, and nothing says how it ended", job)
            del self._lost[job]
        asked_for = [job for job in self._lost if JOB.fullmatch(job)][:AT_ONCE]
        try:
            ended = read_ended(self.tools, asked_for) if asked_for else {}
        except EngineError as error:
            _log.warning("%s; %d jobs have gone from the queue", error, len(self._lost))
            ended = {}
        for job in ended:
            del self._lost[job]
        return [
            replace(
                self._active[job],
                status=Status.ENDED,
                outcome=how.outcome,
                start=how.start,
                end=how.end,
                startable=True,
                said="",
            )
            for job, how in ended.items()
        ]


def _no_earlier(at: int, reads: Iterable[Read]) -> int:
    """`at`, or when the last job began or ended: Slurm's clock goes on while it is asked, and tells whole seconds."""
    times = (time for read in reads for time in (read.seen.start, read.seen.end))
    return max((time for time in times if at < time <= at + LATE), default=at)


def _held_for(read: Read, reason: str) -> Read:
    seen = replace(read.seen, startable=False, said=reason)
    return replace(read, reason=reason, seen=seen) if reason else read
