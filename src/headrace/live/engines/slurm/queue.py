"""The queue, from two calls of `squeue` at once, whatever the number of jobs: every value whole, and after each a word.

    State:0WORD,Name:0LAST     ->     PENDINGWORDtrainLAST

A job's name may hold line ends, any separator, and terminal codes. Both words are drawn anew for each call and go to
squeue by the environment, which no other user sees: nothing that a user writes can pose as them. (Columns of a fixed
width are as safe, cut off what is long, and took squeue longer to fill: it prints blank by blank.)

The nodes that a job excludes are no such column in 22.05; those are asked for apart, and have no text of a user in
them. Each task of an array is a row of its own (-r). A job may come between the two.
"""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, NamedTuple

from headrace.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Mapping

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

    text: str
    excluded: str | None

    @property
    def job(self) -> str:
        """Its id."""
        return self.text.partition(_END)[0]

    @property
    def columns(self) -> dict[str, str]:
        """Value by the name of its column."""
        return dict(zip(COLUMNS, self.text.split(_END), strict=True))

    def lists(self, columns: Mapping[str, str]) -> Lists:
        """Those that are there."""
        on, required, features = (_plain(columns[name]) for name in ("NodeList", "ReqNodes", "Feature"))
        return Lists(on, required, self.excluded or "", features)


def read_queue(tools: Tools, *jobs: str) -> list[Row]:
    """Every job that Slurm still knows, ended ones too, or only `jobs`. EngineError where squeue cannot be asked."""
    which = (*_ALL, *(("-j", ",".join(jobs)) if jobs else ()))
    word, last = (f"w{secrets.token_urlsafe(6)}" for _ in range(2))
    with ThreadPoolExecutor(1) as other:
        beside = other.submit(tools.ask, "squeue", *which, "-o", EXCLUDED)
        printed = tools.ask("squeue", *which, **{FORMAT: wanted(word, last)})
        excluded = _excluded(beside.result())
    return [Row(text, excluded.get(text.partition(_END)[0])) for text in split(printed, word, last)]


def wanted(word: str, last: str) -> str:
    """What is to be printed: each value, and `word` after it, but `last` after the last of a row."""
    return f"{f':0{word},'.join(COLUMNS)}:0{last}"


def split(printed: bytes, word: str, last: str) -> list[str]:
    """The rows of `printed`, each with _END between its values. EngineError where it is not made of such rows."""
    rows = printed.decode(errors="replace").replace(word, _END).split(f"{last}\n")
    if rows.pop() or any(row.count(_END) != len(COLUMNS) - 1 for row in rows):
        raise EngineError(f"squeue printed {len(printed)} bytes, which are no jobs of {len(COLUMNS)} values")
    return rows


def _excluded(printed: bytes) -> dict[str, str]:
    parts = (line.partition("|") for line in printed.decode(errors="replace").splitlines())
    return {job: _plain(nodes) for job, _, nodes in parts}


def _plain(value: str) -> str:
    return "" if value in _NOTHING else value
