"""The queue, from two calls of `squeue` whatever the number of jobs: every value whole, and after each a word.

    State:0WORD,Name:0WORD     ->     PENDINGWORDtrainWORD

A job's name may hold line ends, any separator, and terminal codes. The word is drawn anew for each call and goes to
squeue by the environment, which no other user sees: nothing that a user writes can pose as it. (Columns of a fixed
width are as safe, cut off what is long, and took squeue longer to fill: it prints blank by blank.)

The nodes that a job excludes are no such column in 22.05; those are asked for apart, and have no text of a user in
them. Each task of an array is a row of its own (-r). Between the two calls a job may change.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final, NamedTuple

from headrace.errors import EngineError

if TYPE_CHECKING:
    from headrace.live.engines.slurm.tools import Tools

COLUMNS: Final = (
    *("JobArrayID", "HetJobID", "Partition", "State", "Reason", "RestartCnt", "SubmitTime", "StartTime", "EndTime"),
    *("TimeLimit", "NumNodes", "NumCPUs", "tres-alloc", "tres-per-node", "tres-per-job", "tres-per-task"),
    *("tres-per-socket", "OverSubscribe", "PriorityLong", "Account", "UserName", "Reservation", "Licenses"),
    *("NodeList", "ReqNodes", "Feature", "Comment", "Name"),
)
EXCLUDED: Final = "%i|%x"
FORMAT: Final = "SQUEUE_FORMAT2"
"""The variable by which squeue is told what -O would tell it."""
_ALL: Final = ("-h", "-a", "-r", "-t", "all")
_END: Final = "\0"
"""Stands for the word once the text is here, where no value can hold it: squeue prints strings of C."""
_NOTHING: Final = frozenset({"", "(null)", "N/A", "None"})


class Lists(NamedTuple):
    """The nodes and features of a job."""

    on: str = ""
    required: str = ""
    excluded: str = ""
    features: str = ""


class Row(NamedTuple):
    """One job or task of an array, as Slurm prints it; `excluded` is null where it was not there a moment before."""

    values: tuple[str, ...]
    excluded: str | None

    @property
    def job(self) -> str:
        """Its id."""
        return self.values[0]

    @property
    def columns(self) -> dict[str, str]:
        """Value by the name of its column."""
        return dict(zip(COLUMNS, self.values, strict=True))

    @property
    def lists(self) -> Lists:
        """Those that are there."""
        on, required, features = (_plain(value) for value in self.values[-5:-2])
        return Lists(on, required, self.excluded or "", features)


def read_queue(tools: Tools, *jobs: str) -> list[Row]:
    """Every job that Slurm still knows, ended ones too, or only `jobs`. EngineError where squeue cannot be asked."""
    which = (*_ALL, *(("-j", ",".join(jobs)) if jobs else ()))
    excluded = _excluded(tools.ask("squeue", *which, "-o", EXCLUDED))
    word = f"w{secrets.token_urlsafe(6)}"
    printed = tools.ask("squeue", *which, **{FORMAT: ",".join(f"{name}:0{word}" for name in COLUMNS)})
    return [Row(values, excluded.get(values[0])) for values in split(printed, word)]


def split(printed: bytes, word: str) -> list[tuple[str, ...]]:
    """The values of each row of `printed`. EngineError where it is not made of such rows."""
    values = ("\n" + printed.decode(errors="replace")).replace(word, _END).split(_END)
    firsts, last = values[: -1 : len(COLUMNS)], values.pop()
    if len(values) % len(COLUMNS) or last != "\n" or not all(first.startswith("\n") for first in firsts):
        raise EngineError(f"squeue printed {len(printed)} bytes, which are no jobs of {len(COLUMNS)} values")
    values[:: len(COLUMNS)] = [first[1:] for first in firsts]
    each = iter(values)
    return [*zip(*[each] * len(COLUMNS), strict=True)]


def _excluded(printed: bytes) -> dict[str, str]:
    parts = (line.partition("|") for line in printed.decode(errors="replace").splitlines())
    return {job: _plain(nodes) for job, _, nodes in parts}


def _plain(value: str) -> str:
    return "" if value in _NOTHING else value
