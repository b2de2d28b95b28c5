"""What whoever reads a result should know of how a Slurm history was understood: counts first, then the sentences."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

    from headrace.history.slurm_nodes import Known

LINES: Final = {
    "header": "header",
    "read": "rows read",
    "skipped": "steps",
    "revoked": "rows of federated jobs that started elsewhere",
    "rejects": "rejects",
    "rest": "rests of broken rows",
}
"""What each line of the file was, in the order of the note that says so; they sum to its lines with text."""
JS1: Final = "#js1 "
"""Before the reason of a payload in a Counter of facts."""


def facts_of(runs: pl.DataFrame) -> Counter[str]:
    """What the notes are made of, for some runs."""
    started = pl.col("start").is_not_null()
    unready = (pl.col("state") == "pending") & pl.col("eligible").is_null()
    counts = runs.select(
        chips=(pl.col("chips") > 0).sum(),
        uneven=(pl.col("#uneven") & started).sum(),
        shard=(pl.col("#shared") & (pl.col("#part") == "shard")).sum(),
        mps=(pl.col("#shared") & (pl.col("#part") == "mps")).sum(),
        het=pl.col("job").str.contains("+", literal=True).sum(),
        resized=((pl.col("#state") == "RESIZING") & pl.col("end").is_not_null()).sum(),
        unready=unready.sum(),
        several=pl.col("pool").str.contains(",", literal=True).sum(),
    ).row(0, named=True)
    payloads = runs["#js1"].drop_nulls().value_counts().iter_rows()
    return Counter(counts) + Counter({JS1 + reason: count for reason, count in payloads})


def last_runs_only(runs: pl.DataFrame) -> int:
    """How many jobs were restarted more often than there are runs of them."""
    restarts = pl.col("restarts").cast(pl.Int64, strict=False)
    again = runs.filter(restarts > 0).select("job").unique()
    jobs = runs.join(again, on="job", how="semi").group_by("job").agg(restarts.max(), pl.len().alias("runs"))
    return int((jobs["restarts"] >= jobs["runs"]).sum())


def notes_of(
    lines: Counter[str], facts: Counter[str], known: Known, given: frozenset[str], tz: tzinfo | None
) -> list[str]:
    """The sentences, in a fixed order; what did not happen is not mentioned."""
    each = [f"{lines[name]} {noun}" for name, noun in LINES.items() if lines[name]]
    return [
        f"lines with text: {sum(lines.values())} = {' + '.join(each)}",
        *([f"times without a zone were read as {tz}"] if facts["local"] else []),
        *_about_chips(facts, known, given),
        *_about_jobs(facts),
        *_about_activity(facts),
    ]


def _about_chips(facts: Counter[str], known: Known, given: frozenset[str]) -> Iterator[str]:
    if not facts["chips"]:
        yield "no job has a chip: is gres/gpu in Slurm's AccountingStorageTRES?"
    if "reqtres" not in given:
        yield "without the column ReqTRES nobody can say who asked for a kind: each job is read as open to any"
    for part in ("shard", "mps"):
        if facts[part]:
            makes = f"{known.parts_of_a_chip(part, ())} of them make one chip"
            source = "where its node does not say otherwise" if known.says(part) else "taken so, as no node's text says"
            yield f"runs on parts of a chip ({part}): {facts[part]}; {makes}, {source}"
    if facts["uneven"]:
        yield f"runs whose chips do not part evenly over their nodes, rounded up on each: {facts['uneven']}"


def _about_jobs(facts: Counter[str]) -> Iterator[str]:
    said = {
        "het": "parts of heterogeneous jobs, each read as a job of its own",
        "resized": "runs that were resized, whose parts are read as runs that completed",
        "unready": "pending jobs that were not yet eligible, read as waiting since their submission",
        "several": "pending jobs that asked for several partitions",
        "last_runs_only": "jobs restarted more often than they have rows (sacct without -D shows the last run alone)",
    }
    yield from (f"{noun}: {facts[name]}" for name, noun in said.items() if facts[name])


def _about_activity(facts: Counter[str]) -> Iterator[str]:
    payloads = {name.removeprefix(JS1): count for name, count in facts.items() if name.startswith(JS1)}
    if payloads.get(""):
        yield f"runs whose activity jobstats tells: {payloads['']}"
    for reason in sorted(payloads):
        if reason:
            yield f"runs whose activity is unknown, since their JS1 payload is {reason}: {payloads[reason]}"
