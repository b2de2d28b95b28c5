"""When nodes were down or drained, from Slurm's own accounting.

    SLURM_TIME_FORMAT=%s sacctmgr -P show event Start=2025-01-01 format=NodeName,State,Start,End,Reason > events.txt

Without `Start=` it tells of yesterday and today alone. `End` is Unknown while the state lasts. A row without a node is
about the cluster. Slurm records a drain when the node's last job has ended: until then the node is in use.

    State has     DOWN, FAIL, ERROR, POWER..., not answering (*)   -> down      what ran there was lost
                  DRAIN, FAILING, MAINT, REBOOT, RESERVED          -> drain     what ran there went on
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import polars as pl

from headrace.history.log import EVENT_COLUMNS, LINE, TEXT, TIME, Reject, refuse, reject, rule
from headrace.history.slurm_table import Form, read_blocks, read_header
from headrace.history.slurm_times import plain_times, refuse_unlike_times
from headrace.history.table import conform

if TYPE_CHECKING:
    from datetime import tzinfo
    from pathlib import Path

COMMAND: Final = "SLURM_TIME_FORMAT=%s sacctmgr -P show event Start=... format=NodeName,State,Start,End,Reason"
FORM: Final = Form(
    keys=("nodename",),
    wanted=("nodename", "state", "timestart", "start", "timeend", "end", "reason"),
    free=frozenset({"reason"}),
    command=COMMAND,
)
DOWN: Final = r"DOWN|FAIL\b|FAILED|ERROR|POWER|NO_RESP|NOT_RESP|INVAL|UNKNOWN|\*"
DRAINED: Final = r"DRAIN|FAILING|MAINT|REBOOT|RESERVED"
TIMES: Final = {"start": TIME, "end": TIME}
AS: Final = "as a node event, "


def read_events(path: Path, tz: tzinfo | None) -> tuple[pl.DataFrame, list[Reject], Counter[str]]:
    """Node events (EVENT_COLUMNS) of the text in `path`, the rows that make no sense, and how many lines were what.

    Times without a zone are in `tz`; InputError where that is None.
    """
    frames = [pl.DataFrame(schema=EVENT_COLUMNS)]
    rejects: list[Reject] = []
    lines: Counter[str] = Counter()
    for block in read_blocks(path, read_header(path, FORM), FORM):
        named = _named(block.rows)
        refuse_unlike_times(path, named["start"], tz, COMMAND)
        known, strange = refuse(named, [rule(pl.col("state").is_null(), "has the state '{}'", "#state")])
        events, untimely = conform(plain_times(known, TIMES), TIMES, tz)
        frames.append(events.select(*EVENT_COLUMNS))
        wrong = [*block.rejects, *strange, *untimely]
        lines.update(block.lines)
        lines.update(read=events.height, rejects=len(wrong), clusters=block.rows.height - named.height)
        rejects += [reject(r.line, AS + r.reason, r.text) for r in wrong]
    return pl.concat(frames), rejects, lines


def _named(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows about nodes, under our names: what is asked for as Start and End is headed TimeStart and TimeEnd."""
    state = pl.col("state").str.to_uppercase()
    ours = (
        pl.when(state.str.contains(DOWN)).then(pl.lit("down")).when(state.str.contains(DRAINED)).then(pl.lit("drain"))
    )
    return rows.filter(pl.col("nodename") != "").select(
        LINE,
        TEXT,
        pl.col("nodename").alias("node"),
        *(pl.when(pl.col(f"time{n}") != "").then(f"time{n}").otherwise(n).alias(n) for n in TIMES),
        ours.alias("state"),
        pl.col("state").alias("#state"),
        "reason",
    )
