"""Orders carried out: what is known is answered at once, the rest goes through scontrol, many orders a time.

1. home      what will not start where it was sent goes back to the front
2. stops     requeue; then to the front, without our nodes
3. starts    to its nodes (fails where it runs already)
4. doubts    a start that failed is looked up: with our mark on it, it had been done before
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from headrace.errors import EngineError
from headrace.live.engine import Answer, Start, Status, Stop
from headrace.live.engines.slurm import orders as lines
from headrace.live.engines.slurm.jobs import Needs
from headrace.live.engines.slurm.notes import Mark, marked, read_mark
from headrace.live.engines.slurm.queue import Row, read_texts
from headrace.units import NEVER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from headrace.live.engines.slurm.channel import Channel
    from headrace.live.engines.slurm.jobs import Read
    from headrace.live.engines.slurm.settings import Settings
    from headrace.live.engines.slurm.tools import Tools

ALREADY: Final = "it was done before"


class Acting:
    """One engine's hands. `reads` are the jobs as last seen, which it brings up to what it did."""

    def __init__(self, channel: Channel, tools: Tools, settings: Settings) -> None:
        self._channel, self._tools, self._settings = channel, tools, settings
        self.reads: dict[str, Read] = {}
        self.marks: dict[str, Mark] = {}

    def act(self, orders: Sequence[Start | Stop]) -> list[Answer]:
        """One answer an order. EngineError where scontrol cannot be told."""
        self._tidy({order.job for order in orders})
        answers: dict[int, Answer] = {}
        stops = {i: order for i, order in enumerate(orders) if isinstance(order, Stop)}
        starts = {i: order for i, order in enumerate(orders) if isinstance(order, Start)}
        told = {i: stop for i, stop in stops.items() if not self._answered(i, stop, answers)}
        answers |= zip(told, self._stops([*told.values()]), strict=True)
        sent = {i: start for i, start in starts.items() if not self._answered(i, start, answers)}
        answers |= zip(sent, self._starts([*sent.values()]), strict=True)
        return [answers[i] for i in range(len(orders))]

    def _tidy(self, ordered: set[str]) -> None:
        """Home, or on their way, with those that need it and about which nothing else is ordered."""
        stray = {job: read for job, read in self.reads.items() if read.needs != Needs.NOTHING and job not in ordered}
        home = [job for job, read in stray.items() if read.needs == Needs.HOME]
        self._tell([job for job in stray if job not in home], lines.forget_delay)
        self._go_home(home)
        self.reads |= {job: replace(read, needs=Needs.NOTHING) for job, read in stray.items()}

    def _answered(self, i: int, order: Start | Stop, answers: dict[int, Answer]) -> bool:
        """Whether the order needs no telling; its answer is among `answers` then."""
        read = self.reads.get(order.job)
        if read is None:
            answers[i] = Answer(order.key, False, "Slurm lists no such job")
        elif answer := _of_stop(order, read) if isinstance(order, Stop) else _of_start(order, read):
            answers[i] = answer
        return i in answers

    def _stops(self, orders: Sequence[Stop]) -> list[Answer]:
        running = [order.job for order in orders if self.reads[order.job].seen.status == Status.RUNNING]
        said = self._tell(running, lines.requeue)
        failed = {job: text for job, text in said.items() if text and not any(w in text for w in lines.STILL_WAITS)}
        failed |= self._go_home([order.job for order in orders if order.job not in failed])
        for order in orders:
            if order.job not in failed:
                self._now(order.job, Status.WAITING, order.run + (order.job in running))
        return [Answer(order.key, order.job not in failed, failed.get(order.job, "")) for order in orders]

    def _go_home(self, jobs: Sequence[str]) -> dict[str, str]:
        """To the front, and without the nodes that we chose. What is said of those that could not go."""
        said = self._tell(jobs, lambda job: lines.to_front(job, self._settings.front))
        failed = {job: text for job, text in said.items() if text}
        there = [job for job in jobs if job not in failed]
        self._tell(there, lambda job: lines.forget_delay(job) if self.reads[job].pinned else lines.forget_nodes(job))
        return failed

    def _starts(self, orders: Sequence[Start]) -> list[Answer]:
        by_job = {order.job: order for order in orders}
        said = self._tell([*by_job], lambda job: self._to_nodes(by_job[job]))
        done = self._done({job: by_job[job].key for job, text in said.items() if text})
        for order in orders:
            if order.job in done or not said[order.job]:
                self._now(order.job, Status.STARTING, order.run, self._mark(order), order.on)
        return [
            Answer(
                order.key, order.job in done or not said[order.job], ALREADY if order.job in done else said[order.job]
            )
            for order in orders
        ]

    def _to_nodes(self, order: Start) -> str:
        read, mark = self.reads[order.job], self._mark(order)
        comment = marked(read.comment, mark)
        if comment is None:
            self.marks[order.job] = mark
        return lines.to_nodes(order.job, self._settings.run, (name for name, _ in order.on), comment)

    def _mark(self, order: Start) -> Mark:
        return Mark(order.key, order.job, order.run, self.reads[order.job].pinned)

    def _tell(self, jobs: Iterable[str], line: Callable[[str], str]) -> dict[str, str]:
        """What scontrol says of the line of each job; of one that cannot be put into a line, why not."""
        said: dict[str, str] = {}
        ready: dict[str, str] = {}
        for job in jobs:
            try:
                ready[job] = line(job)
            except EngineError as error:
                said[job] = str(error)
        return said | dict(zip(ready, self._channel.tell([*ready.values()]), strict=True))

    def _done(self, keys: dict[str, str]) -> set[str]:
        """Those of the jobs that carry the mark with the key all the same: an earlier order's answer was lost."""
        try:
            rows = [Row(text, None) for text in read_texts(self._tools, *keys)] if keys else []
        except EngineError:  # squeue refuses a job that it does not know
            return set()
        found = {row.job: read_mark(row.columns["Comment"]) for row in rows}
        sent = {row.job for row in rows if row.columns["Partition"] == self._settings.run}
        return {job for job, key in keys.items() if job in sent and (mark := found.get(job)) and mark.key == key}

    def _now(
        self, job: str, status: Status, run: int, mark: Mark | None = None, on: tuple[tuple[str, int], ...] = ()
    ) -> None:
        """What is known of the job until it is seen again."""
        read = self.reads[job]
        seen = replace(read.seen, status=status, run=run, on=on, start=NEVER, startable=True, said="")
        self.reads[job] = replace(
            read, seen=seen, mark=mark or read.mark, sent=mark is not None, needs=Needs.NOTHING, reason=""
        )


def _of_stop(order: Stop, read: Read) -> Answer | None:
    if read.seen.status == Status.ENDED:
        return Answer(order.key, False, "it has ended")
    if read.seen.run > order.run:
        return Answer(order.key, True, ALREADY)
    if read.seen.run < order.run:
        return Answer(order.key, False, f"it is at run {read.seen.run}")
    return Answer(order.key, True, "it waits") if read.seen.status == Status.WAITING and not read.sent else None


def _of_start(order: Start, read: Read) -> Answer | None:
    if read.sent and read.mark and (read.mark.key, read.mark.run) == (order.key, read.seen.run):
        return Answer(order.key, True, ALREADY) if read.needs != Needs.HOME else None
    if read.seen.status in (Status.ENDED, Status.RUNNING):
        return Answer(order.key, False, "it has ended" if read.seen.status == Status.ENDED else "it runs already")
    if read.seen.run != order.run:
        return Answer(order.key, False, f"it is at run {read.seen.run}")
    return Answer(order.key, False, read.reason) if read.reason else None
