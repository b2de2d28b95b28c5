"""A job as its folder tells it: waiting, with a run that lives, or over. Whoever reads the folder comes to the same."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Final

from headrace.live.engine import Asked, JobSeen, Status
from headrace.live.engines.local.files import read_whole
from headrace.units import NEVER
from headrace.world.record import Outcome, Service

if TYPE_CHECKING:
    from pathlib import Path

    from headrace.live.engines.local.machine import Places

OUTCOME: Final = {
    "completed": Outcome.COMPLETED,
    "failed": Outcome.FAILED,
    "cancelled": Outcome.CANCELLED,
    "preempted": Outcome.PREEMPTED,
    "timeout": Outcome.TIMEOUT,
    "lost": Outcome.NODE_FAIL,
}
"""What an exit says -> how the run ended."""
COMES_BACK: Final = (Outcome.PREEMPTED, Outcome.NODE_FAIL)


@dataclass
class Job:
    """`folder` is the job's; `seen` is what is told of it; `submission` is the key that it was submitted with;
    `key` is of the order that began its run; `lost` counts the runs that were lost; `asked_at` (s) is when a keeper was
    last asked for; `lock` is the path of its run's lock, which every observation asks."""

    folder: Path
    seen: JobSeen
    key: str = ""
    lost: int = 0
    cancelled: bool = False
    asked_at: float = float("-inf")
    lock: str = ""
    submission: str = ""

    @property
    def number(self) -> int:
        return int(self.folder.name)

    @property
    def name(self) -> str:
        return self.seen.asked.job

    @property
    def nodes(self) -> tuple[str, ...]:
        """Where its run is."""
        return tuple(node for node, _ in self.seen.on)

    @property
    def run(self) -> Path:
        """The folder of its last run, or of the one that comes next."""
        return self.folder / "runs" / str(self.seen.run)

    @property
    def live(self) -> bool:
        return self.seen.status in (Status.STARTING, Status.RUNNING)

    def starts(self, key: str, on: Places) -> None:
        """A run is claimed."""
        self.key, self.lock = key, str(self.run / "lock")
        self.seen = replace(self.seen, status=Status.STARTING, on=on, start=NEVER)

    def runs(self, at: int) -> None:
        """Its command was started."""
        self.seen = replace(self.seen, status=Status.RUNNING, start=at)

    def ends(self, form: dict[str, Any], lost_again: int) -> None:
        """Its run is over: it waits for the next one, or is over itself."""
        outcome = OUTCOME[form["outcome"]]
        self.lost += outcome == Outcome.NODE_FAIL
        if outcome in COMES_BACK and not self.cancelled and self.lost <= lost_again:
            self.seen = JobSeen(self.seen.asked, Status.WAITING, self.seen.run + 1)
            return
        if outcome in COMES_BACK and self.cancelled:
            outcome = Outcome.CANCELLED
        start = self.seen.start if form["start"] is None else form["start"]
        self.seen = replace(self.seen, status=Status.ENDED, start=start, end=form["end"], outcome=outcome)

    def is_dropped(self, at: int) -> None:
        """It was cancelled while it waited."""
        self.seen = replace(self.seen, status=Status.ENDED, end=at, outcome=Outcome.CANCELLED)


def read_job(folder: Path, lost_again: int) -> Job | None:
    """The job of a folder, or None where the folder holds none that is whole."""
    form = read_whole(folder / "asked.json")
    if form is None:
        return None
    job = Job(folder, JobSeen(_asked(form["asked"]), Status.WAITING), submission=form.get("key", ""))
    cancelled = read_whole(folder / "cancelled.json")
    job.cancelled = cancelled is not None
    while order := read_whole(job.run / "order.json"):
        job.starts(order["key"], tuple((node, mask) for node, mask in order["on"]))
        if started := read_whole(job.run / "started.json"):
            job.runs(started["at"])
        if (ended := read_whole(job.run / "exit.json")) is None:
            return job
        job.ends(ended, lost_again)
        if job.seen.status == Status.ENDED:
            return job
    if cancelled:
        job.is_dropped(cancelled["at"])
    return job


def _asked(form: dict[str, Any]) -> Asked:
    lists = {field.name: tuple(form[field.name]) for field in fields(Asked) if isinstance(form[field.name], list)}
    return Asked(**{**form, **lists, "service": Service(form["service"])})
