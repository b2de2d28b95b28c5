"""Slurm's own history: what `sacct` prints, and beside it what it says of its nodes.

To take it (as root or an operator, for everybody's jobs; as tried on Slurm 22.05):

    SLURM_TIME_FORMAT=%s SLURM_BITSTR_LEN=0 sacct -P -D -X -a -S 2025-01-01 -E now \\
      -s BF,CA,CD,DL,F,NF,OOM,PD,PR,R,RQ,RS,RV,S,TO \\
      -o JobID,Cluster,User,Account,Partition,QOS,State,Submit,Eligible,Start,End,Timelimit,NNodes,NodeList,\\
    ReqTRES,AllocTRES,AdminComment > sacct.txt
    SLURM_TIME_FORMAT=%s sacctmgr -P show event Start=2025-01-01 format=NodeName,State,Start,End,Reason > events.txt
    scontrol show node > nodes.txt

Why each: `-D` keeps the runs of a job before it was requeued; `-s` with every state and `-E` bring the jobs that were
cancelled before they were eligible, which `-S` alone leaves out; `-X` leaves out steps, which would be skipped;
SLURM_TIME_FORMAT=%s writes times that need no zone; SLURM_BITSTR_LEN=0 keeps Slurm from cutting `17_[1,3,...]` short;
free texts such as JobName are not asked for, since nothing protects a | or a line's end inside them. The last jobs'
records arrive late: take it when `sdiag` says that the DBD agent's queue is empty.

| here | in sacct |
|---|---|
| job, run | JobID (an array's rows unfolded), and the order of Submit and Start among its rows |
| tenant, user, pool | Account, User, Partition (of a pending job perhaps several, parted by commas) |
| site | Cluster, where the file has several |
| submit, eligible, start, end | the columns of that name; no start where it never had nodes |
| state | State, as `slurm_jobs.STATES` has it |
| chips, nodes, cpus_milli, memory_mib, kinds, ran_on | ReqTRES, AllocTRES, NNodes, NodeList, ReqMem |
| share_milli | gres/shard, gres/mps |
| activity, idle_chips | AdminComment, where jobstats wrote it |
| limit_s | Timelimit, TimelimitRaw |
| qos, reservation | kept under their names |
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import polars as pl

from headrace.errors import CallError, InputError
from headrace.history.files import sha256_of
from headrace.history.log import COLUMNS, LINE, JobLog, Reject, checked, make_log
from headrace.history.slurm_events import read_events
from headrace.history.slurm_jobs import REVOKED, runs_of
from headrace.history.slurm_nodes import Known, read_nodes
from headrace.history.slurm_notes import facts_of, last_runs_only, notes_of
from headrace.history.slurm_runs import MOST_TASKS, number, tell_apart, unfold
from headrace.history.slurm_table import Block, Form, Header, read_blocks, read_header
from headrace.history.slurm_times import refuse_unlike_times

if TYPE_CHECKING:
    from datetime import tzinfo
    from pathlib import Path

COLUMNS_ASKED: Final = (
    "JobID,Cluster,User,Account,Partition,QOS,State,Submit,Eligible,Start,End,Timelimit,NNodes,NodeList,"
    "ReqTRES,AllocTRES,AdminComment"
)
COMMAND: Final = f"SLURM_TIME_FORMAT=%s sacct -P -D -X -a -S 2025-01-01 -o {COLUMNS_ASKED}"
"""The shortest form that works, for messages; the module's own text has the one to recommend."""
EXTRA: Final = ("qos", "reservation")
FORM: Final = Form(
    keys=("jobid", "jobidraw"),
    wanted=(
        *(
            "jobid",
            "jobidraw",
            "cluster",
            "user",
            "account",
            "partition",
            "state",
            "submit",
            "eligible",
            "start",
            "end",
        ),
        *("timelimit", "timelimitraw", "nnodes", "nodelist", "reqtres", "alloctres", "reqmem", "admincomment"),
        *("restarts", *EXTRA),
    ),
    free=frozenset(
        {"jobname", "comment", "admincomment", "systemcomment", "workdir", "submitline", "container", "wckey"}
    ),
    command=COMMAND,
    skipped=r"^[0-9]+(?:_[0-9]+|\+[0-9]+)?\.",
)
KEPT: Final = ("cluster", "restarts", "#state")
"""Columns that only the numbering of runs needs."""
SHARDS_OF_A_CHIP: Final = 4
"""How many shards make one chip where no node says. Sites choose that number; Slurm has no default for it."""


def read_slurm(
    path: Path,
    *,
    node_events: Path | None = None,
    tz: tzinfo | None = None,
    nodes: Path | None = None,
    shards_of_a_chip: int = SHARDS_OF_A_CHIP,
) -> JobLog:
    """The log in the text of `sacct -P`; see the module for the command.

    `node_events` is the text of `sacctmgr show event`; `tz` the zone of times that state none; `nodes` the text of
    `scontrol show node` or `sinfo`, which tells the kinds of untyped chips and how many shards make a chip (else
    `shards_of_a_chip` do). InputError where the file is no such text, or where times need a zone and have none.
    """
    if shards_of_a_chip < 1:
        raise CallError(f"{shards_of_a_chip} shards cannot make a chip; one or more can")
    known = Known({node.name: node for node in read_nodes(nodes)} if nodes else {}, shards_of_a_chip)
    header = read_header(path, FORM)
    _refuse_without(path, header)
    reading = _Reading(path, header, known, tz)
    for block in read_blocks(path, header, FORM):
        reading.take(block)
    events, wrong, _ = read_events(node_events, tz) if node_events else (None, [], None)
    jobs, notes = reading.jobs()
    return make_log(
        jobs,
        events,
        source=path.name,
        sha256=sha256_of(path),
        format="slurm",
        rejects=[*reading.rejects, *wrong],
        notes=notes,
    )


def _refuse_without(path: Path, header: Header) -> None:
    """Raise InputError where a column is missing that nothing else can stand for."""
    needed = (("state",), ("submit",), ("reqtres", "alloctres"))
    missing = next((names for names in needed if not set(names) & set(header.names)), None)
    if missing:
        raise InputError(str(path), f"has no column {' or '.join(missing)!r}", f"make it with {COMMAND}")


class _Reading:
    """What has been read so far, block by block: typed rows, rejects, how many lines were what, and other facts."""

    def __init__(self, path: Path, header: Header, known: Known, tz: tzinfo | None) -> None:
        self.path, self.given, self.known, self.tz = path, frozenset(header.names), known, tz
        self.extra = [name for name in EXTRA if name in self.given]
        self.frames: list[pl.DataFrame] = []
        self.rejects: list[Reject] = []
        self.lines: Counter[str] = Counter()
        self.facts: Counter[str] = Counter()
        self.tasks_left = MOST_TASKS

    def take(self, block: Block) -> None:
        """Read a block's rows. What is kept of them no longer holds their text, so that memory follows the types."""
        rows = block.rows.filter(~pl.col("state").str.starts_with(REVOKED))
        local = refuse_unlike_times(self.path, rows["submit"], self.tz, COMMAND)
        runs, wrong = runs_of(rows, self.given, self.known, self.tz)
        runs, senseless = checked(runs, self.path.name)
        unfolded, unread, self.tasks_left = unfold(runs, self.tasks_left)
        wrong = [*block.rejects, *wrong, *senseless, *unread]
        self.rejects += wrong
        self.lines.update(block.lines)
        self.lines.update(read=runs.height - len(unread), revoked=block.rows.height - rows.height, rejects=len(wrong))
        self.facts.update(facts_of(runs))
        self.facts.update(local=local)
        self.frames.append(unfolded.select(LINE, *COLUMNS, "eligible", *KEPT, *self.extra))

    def jobs(self) -> tuple[pl.DataFrame, list[str]]:
        """All runs, told apart and numbered, and the notes about them."""
        if not self.lines["read"] and not self.rejects:
            raise InputError(str(self.path), "has a header and no job", "choose an earlier -S: " + COMMAND)
        runs, notes = tell_apart(pl.concat(self.frames))
        runs = number(runs)
        self.facts.update(last_runs_only=last_runs_only(runs))
        left_out = [*KEPT] if "eligible" in self.given else [*KEPT, "eligible"]
        return runs.drop(left_out), [*notes_of(self.lines, self.facts, self.known, self.given, self.tz), *notes]
