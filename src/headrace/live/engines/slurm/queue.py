"""The queue, from one call of `squeue` whatever the number of jobs: every value whole, and after each a word.

    State:0WORD,Name:0LAST     ->     PENDINGWORDtrainLAST

A job's name may hold line ends, any separator, and terminal codes. Both words are drawn anew for each call and go to
squeue by the environment, which no other user sees: nothing that a user writes can pose as them. (Columns of a fixed
width are as safe, cut off what is long, and took squeue longer to fill: it prints blank by blank.)

The nodes that a job excludes are no such column in 22.05: those are asked for apart, when a job is new, and every
AGAIN_S for what is changed later. Each task of an array is a row of its own (-r).
"""

from __future__ import annotations

import secrets
import time
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
"""A job's id and the nodes that it excludes, in which there is no text of a user."""
AGAIN_S: Final = 10.0
"""After so long, what jobs exclude is asked anew: who updates ExcNodeList is heard a little later than others."""
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


class Queue:
    """The queue of one Slurm, read again and again."""

    def __init__(self) -> None:
        self._excluded: dict[str, str] = {}
        self._asked = -AGAIN_S

    def read(self, tools: Tools) -> list[Row]:
        """Every job that Slurm still knows, ended ones too. EngineError where squeue cannot be asked."""
        texts = {text.partition(_END)[0]: text for text in read_texts(tools)}
        if time.monotonic() - self._asked >= AGAIN_S or not texts.keys() <= self._excluded.keys():
            self._asked = time.monotonic()
            self._excluded = _excluded(tools.ask("squeue", *_ALL, "-o", EXCLUDED))
        return [Row(text, self._excluded.get(job)) for job, text in texts.items()]


def read_texts(tools: Tools, *jobs: str) -> list[str]:
    """The rows of every job, or only of `jobs`. EngineError where squeue cannot be asked."""
    which = (*_ALL, *(("-j", ",".join(jobs)) if jobs else ()))
    word, last = (f"w{secrets.token_urlsafe(6)}" for _ in range(2))
    return split(tools.ask("squeue", *which, **{FORMAT: wanted(word, last)}), word, last)


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
