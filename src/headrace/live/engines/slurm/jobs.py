"""A row of the queue as a JobSeen: where it is in its life, whose it is, and why it may not be started.

in front       waits for Headrace, unless Slurm or its user holds it
in run         with our mark of this run: STARTING until it runs, or WAITING where Slurm says that it will not
               with our mark of an earlier run: it was requeued, and waits
               without a mark: somebody else put it there, and Slurm starts it
elsewhere      is seen only while it runs on nodes of ours
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from headrace.live.engine import JobSeen, Status
from headrace.live.engines.slurm.asked import NotUnderstoodError, names, number, read_asked, time
from headrace.live.engines.slurm.notes import read_mark
from headrace.live.engines.slurm.tools import shown
from headrace.units import NEVER, UNKNOWN
from headrace.world.record import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headrace.live.engines.slurm.asked import Places
    from headrace.live.engines.slurm.notes import Mark
    from headrace.live.engines.slurm.queue import Row
    from headrace.live.engines.slurm.settings import Settings

RUNS: Final = frozenset({"RUNNING", "COMPLETING", "SUSPENDED", "STOPPED", "SIGNALING", "STAGE_OUT", "RESIZING"})
"""States in which a job holds its chips; COMPLETING until the last process is gone."""
WAITS: Final = frozenset({"PENDING", "REQUEUED", "REQUEUE_HOLD", "REQUEUE_FED", "SPECIAL_EXIT", "RESV_DEL_HOLD"})
ENDS: Final = {
    "COMPLETED": Outcome.COMPLETED,
    "FAILED": Outcome.FAILED,
    "BOOT_FAIL": Outcome.FAILED,
    "OUT_OF_MEMORY": Outcome.FAILED,
    "CANCELLED": Outcome.CANCELLED,
    "REVOKED": Outcome.CANCELLED,
    "TIMEOUT": Outcome.TIMEOUT,
    "DEADLINE": Outcome.TIMEOUT,
    "NODE_FAIL": Outcome.NODE_FAIL,
    "PREEMPTED": Outcome.PREEMPTED,
}
HELD: Final = {
    "JobHeldUser": "its user holds it",
    "JobHeldAdmin": "an operator holds it",
    "job requeued in held state": "it was requeued and is held",
    "Dependency": "it waits for other jobs",
    "DependencyNeverSatisfied": "a job that it waits for did not end well",
    "BeginTime": "its begin time has not come",
    "JobArrayTaskLimit": "its array may not have more tasks at once",
    "Reservation": "its reservation is not there yet",
    "BadConstraints": "no node can ever meet its request",
}
"""Slurm's own reasons not to start a job, whoever asks. One that begins with one of LIMITS is such a reason too."""
LIMITS: Final = ("Assoc", "QOS", "MaxJobs", "PartitionTimeLimit", "PartitionNodeLimit", "AccountNot", "InvalidAccount")
STUCK: Final = ("ReqNodeNotAvail", "NodeDown", "NODE_DOWN", "PartitionConfig", "Licenses", "Nodes_required")
"""Reasons for which a job that was sent to its nodes is not going to start there."""


class Needs(Enum):
    """What a job in the run partition needs that will not start there: to go home to the front, or to be hurried,

    since Slurm has a requeued job wait for two minutes.
    """

    NOTHING = 0
    HOME = 1
    HURRY = 2


@dataclass(frozen=True)
class Read:
    """A job, and what the orders need to know of it.

    `reason`: why it may not be started ("": it may). `sent`: it is in the run partition. `pinned`: the nodes that it
    requires were named by its user. `licenses`: as its user wrote them.
    """

    seen: JobSeen
    reason: str
    comment: str
    mark: Mark | None
    sent: bool
    needs: Needs
    pinned: bool
    licenses: str


def read_job(row: Row, places: Places, settings: Settings, known: Mapping[str, Mark]) -> Read | None:
    """The job of `row`; null where it is not in sight: waiting or ended in some other partition.

    `known`: marks of jobs whose comment could not take one. NotUnderstoodError where the row is not understood.
    """
    columns = row.columns
    lists = row.lists(columns)
    mark = _mark(columns, known)
    sent = columns["Partition"] == settings.run
    on = names(lists.on)
    if not sent and not _in_sight(columns["Partition"], on, places, settings):
        return None
    status = _status(columns["State"], on)
    run = _run(columns, mark, on, names(lists.required))
    pinned = bool(lists.required) and (not sent or mark is None or mark.pinned)
    own = lists if pinned else lists._replace(required="")
    asked, reason = read_asked(columns, own, places, settings)
    needs = Needs.NOTHING
    if status == Status.WAITING and sent:
        status, held, needs = _sent(columns["Reason"], mark, run)
        reason = held or reason
    elif status == Status.WAITING:
        reason = _held(columns, run) or ("it has only just come" if row.excluded is None else "") or reason
    place = () if status == Status.WAITING else on or (names(lists.required) if status == Status.STARTING else ())
    seen = JobSeen(
        asked=asked,
        status=status,
        run=run,
        on=tuple((name, UNKNOWN) for name in place),
        start=time(columns["StartTime"]) if on and status != Status.WAITING else NEVER,
        end=time(columns["EndTime"]) if status == Status.ENDED else NEVER,
        outcome=_outcome(columns["State"], status),
        ours=sent and mark is not None and (mark.run == run or columns["State"] == "COMPLETING"),
        startable=status != Status.WAITING or not reason,
        said=reason if status == Status.WAITING else "",
    )
    return Read(seen, reason, columns["Comment"], mark, sent, needs, pinned, columns["Licenses"])


def _in_sight(partition: str, on: tuple[str, ...], places: Places, settings: Settings) -> bool:
    return settings.front in partition.split(",") or any(name in places.ground.nodes for name in on)


def _mark(columns: Mapping[str, str], known: Mapping[str, Mark]) -> Mark | None:
    mark = read_mark(columns["Comment"])
    return mark if mark and mark.job == columns["JobArrayID"] else known.get(columns["JobArrayID"])


def _status(state: str, on: tuple[str, ...]) -> Status:
    if state in WAITS:
        return Status.WAITING
    if state == "CONFIGURING" or (state in RUNS and not on):
        return Status.STARTING
    if state in RUNS:
        return Status.RUNNING
    if state in ENDS:
        return Status.ENDED
    raise NotUnderstoodError(f"its state is {shown(state)!r}")


def _run(columns: Mapping[str, str], mark: Mark | None, on: tuple[str, ...], required: tuple[str, ...]) -> int:
    """Requeues so far; while a requeued run is still completing, Slurm counts the next one, and it is not that.

    The next one may have been sent to its nodes by then: it is not what completes on others.
    """
    restarts = number(columns["RestartCnt"], "RestartCnt")
    if columns["State"] != "COMPLETING" or mark is None or mark.run > restarts:
        return restarts
    next_is_sent = mark.run == restarts > 0 and not mark.pinned and not set(on) <= set(required)
    return restarts - 1 if next_is_sent else mark.run


def _sent(reason: str, mark: Mark | None, run: int) -> tuple[Status, str, Needs]:
    """What a pending job in the run partition is: its status, why it may not be started, and what it needs."""
    if mark is None:
        return Status.WAITING, "somebody put it where Slurm starts it by itself", Needs.NOTHING
    requeued = reason == "BeginTime" and run > 0
    if mark.run < run:
        return Status.WAITING, "" if requeued else _why(reason), Needs.HOME
    if requeued:
        return Status.STARTING, "", Needs.HURRY
    if _why(reason) or reason.startswith(STUCK):
        return Status.WAITING, _why(reason), Needs.HOME
    return Status.STARTING, "", Needs.NOTHING


def _held(columns: Mapping[str, str], run: int) -> str:
    """Why Slurm itself would not start a job in the front. After a requeue its begin time is Slurm's own delay."""
    if columns["Reason"] == "BeginTime" and run > 0:
        return ""
    return _why(columns["Reason"]) or ("it is held" if columns["PriorityLong"] == "0" else "")


def _why(reason: str) -> str:
    known = next((said for word, said in HELD.items() if reason == word), "")
    return known or (f"Slurm says {shown(reason)}" if reason.startswith(LIMITS) else "")


def _outcome(state: str, status: Status) -> Outcome:
    if status == Status.ENDED:
        return ENDS[state]
    return Outcome.RUNNING if status == Status.RUNNING else Outcome.PENDING
