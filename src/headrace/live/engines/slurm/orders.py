"""The lines that scontrol is given, made of names that cannot be anything but names.

A start is one update, and fails as a whole where the job already runs. That is not a matter of course: given to a
running gang, NumNodes and ReqNodeList take nodes away from it (22.05). ResetAccrueTime is refused for a job
that runs, and is looked at before them; to one that waits it does no more than to begin its age anew.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from headrace.errors import EngineError
from headrace.history.hostlist import compress

if TYPE_CHECKING:
    from collections.abc import Iterable

JOB: Final = re.compile(r"[1-9][0-9]{0,9}(?:_[0-9]{1,10})?")
NODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
PARTITION: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
COMMENT: Final = re.compile(r"[A-Za-z0-9_.,:;=+@%/-]{1,400}")
STILL_WAITS: Final = ("Job is pending execution", "already pending", "Job is in held state")
"""What `requeue` says where there is nothing to requeue."""


def to_front(job: str, front: str) -> str:
    """Back to the partition where nothing starts. It fails, and changes nothing, where the job runs."""
    return f"update JobId={_name(job, JOB)} Partition={_name(front, PARTITION)}"


def to_nodes(job: str, run: str, nodes: Iterable[str], comment: str | None) -> str:
    """To the run partition, on these nodes and no other, now. It fails, and changes nothing, where the job runs."""
    named = [_name(node, NODE) for node in nodes]
    if not named or len(set(named)) != len(named):
        raise EngineError(f"job {job} cannot be started on {len(named)} nodes; each node once, and at least one")
    words = [
        f"update JobId={_name(job, JOB)} Partition={_name(run, PARTITION)} ResetAccrueTime",
        f"NumNodes={len(named)}-{len(named)} ReqNodeList={compress(sorted(named))} StartTime=now",
    ]
    return " ".join([*words, f"Comment={_name(comment, COMMENT)}"] if comment else words)


def requeue(job: str) -> str:
    """Stop it and put it back in the queue."""
    return f"requeue {_name(job, JOB)}"


def forget_nodes(job: str) -> str:
    """Any nodes will do again, and it may start at once; for a job in the front partition."""
    return f"update JobId={_name(job, JOB)} ReqNodeList= StartTime=now"


def forget_delay(job: str) -> str:
    """It may start at once; its nodes are its user's own choice."""
    return f"update JobId={_name(job, JOB)} StartTime=now"


def _name(text: str, form: re.Pattern[str]) -> str:
    if not form.fullmatch(text):
        raise EngineError(f"{text[:60]!r} is not put into an order to Slurm: it is no plain name")
    return text
