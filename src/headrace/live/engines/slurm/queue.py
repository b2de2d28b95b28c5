"""The queue, from two calls of `squeue` whatever the number of jobs: columns of a fixed width, and lists.

Lists of nodes have any length, and no text of a user in them: those are asked for apart, separated by |. Each task of
an array is a row of its own (-r). Between the two calls a job may change: its rows may say different things.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from headrace.live.engines.slurm.columns import cut, wanted

if TYPE_CHECKING:
    from headrace.live.engines.slurm.tools import Tools

COLUMNS: Final = {
    "JobArrayID": 32,
    "HetJobID": 12,
    "Partition": 128,
    "State": 20,
    "Reason": 48,
    "RestartCnt": 8,
    "SubmitTime": 16,
    "EligibleTime": 16,
    "StartTime": 16,
    "EndTime": 16,
    "TimeLimit": 20,
    "NumNodes": 16,
    "NumCPUs": 12,
    "tres-alloc": 256,
    "tres-per-node": 96,
    "tres-per-job": 96,
    "OverSubscribe": 8,
    "PriorityLong": 12,
    "tres-per-task": 96,
    "tres-per-socket": 96,
    "Account": 96,
    "UserName": 64,
    "Reservation": 64,
    "Licenses": 96,
    "exit_code": 12,
    "Comment": 384,
    "Name": 96,
}
LISTS: Final = "%i|%N|%n|%x|%E|%f"
"""Id, nodes, nodes asked for, nodes excluded, dependency, features (last: a constraint may hold |)."""
_ALL: Final = ("-h", "-a", "-r", "-t", "all")
_NOTHING: Final = frozenset({"", "(null)", "N/A", "None"})


class Lists(NamedTuple):
    """What has no fixed length."""

    on: str = ""
    required: str = ""
    excluded: str = ""
    dependency: str = ""
    features: str = ""


class Row(NamedTuple):
    """One job or task of an array, as Slurm prints it; `lists` is null where it was not there a moment before."""

    columns: dict[str, str]
    lists: Lists | None


def read_queue(tools: Tools, *jobs: str) -> list[Row]:
    """Every job that Slurm still knows, ended ones too, or only `jobs`. EngineError where squeue cannot be asked."""
    which = (*_ALL, *(("-j", ",".join(jobs)) if jobs else ()))
    lists = _lists(tools.ask("squeue", *which, "-o", LISTS))
    printed = tools.ask("squeue", *which, "-O", wanted(COLUMNS))
    return [Row(row, lists.get(row["JobArrayID"])) for row in cut(printed, COLUMNS, "squeue")]


def _lists(printed: bytes) -> dict[str, Lists]:
    parts = (line.split("|", 5) for line in printed.decode(errors="replace").splitlines())
    return {each[0]: Lists(*map(_plain, each[1:])) for each in parts if len(each) == 6}


def _plain(value: str) -> str:
    return "" if value in _NOTHING else value
