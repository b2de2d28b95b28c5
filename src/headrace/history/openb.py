"""Alibaba's openb inventory (2023): its pod lists as job logs, its node list as a fleet.

    name                  job
    pod_phase             state           Running, but deleted before the list ends: completed; Pending so: cancelled
    num_gpu, gpu_milli    chips, share_milli
    cpu_milli, memory_mib cpus_milli, memory_mib (a pod is on one node)
    gpu_spec              kinds           "V100M16|V100M32" -> "V100M16;V100M32"
    qos                   tenant, class   LS (latency sensitive) -> serving, BE (best effort) -> spare, else normal
    creation_time         submit          seconds from an instant that is not stated, taken as 1970-01-01 UTC
    scheduled_time        start
    deletion_time         end             (the latest one in a list is when the list ends)
    (place in the file)   arrival         0, 1, ...: the order in which the published experiments may take them

The lists are samples: replayed by these times hardly any GPU would be busy. They are for `fill`. The list multigpu20
has no times at all.

Source: hkust-adsl/kubernetes-scheduler-simulator @8f3d641, Apache-2.0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from headrace.errors import CallError, InputError
from headrace.history.files import sha256_of
from headrace.history.log import LINE, MAX_PER_NODE, TEXT, JobLog, Reject, Rule, make_log, refuse, rule
from headrace.history.table import tables
from headrace.units import MILLI, SECOND_MS
from headrace.world.fleet import MAX_CHIPS_PER_NODE, Fleet, Pool

if TYPE_CHECKING:
    from datetime import tzinfo
    from pathlib import Path

DEMAND: Final = ("name", "cpu_milli", "memory_mib", "num_gpu", "gpu_milli")
TIMES: Final = ("creation_time", "deletion_time", "scheduled_time")
WORDS: Final = ("name", "gpu_spec", "qos", "pod_phase")
PODS: Final[dict[str, pl.DataType]] = {
    **dict.fromkeys(WORDS, pl.String()),
    **dict.fromkeys((*DEMAND[1:], *TIMES), pl.Int64()),
}
NODES: Final[dict[str, pl.DataType]] = {
    **dict.fromkeys(("sn", "model"), pl.String()),
    **dict.fromkeys(("cpu_milli", "memory_mib", "gpu"), pl.Int64()),
}
PHASES: Final = {"Running": "running", "Pending": "pending", "Failed": "failed", "Succeeded": "completed"}
CLASSES: Final = {"LS": "serving", "BE": "spare"}
MAX_SECOND: Final = 7_000_000_000
NO_CHIPS: Final = "CPU"
"""The kind of a node without chips."""
GIB: Final = 1024


def read_openb(path: Path, *, tz: tzinfo | None = None, node_events: Path | None = None) -> JobLog:
    """The log of an openb pod list (CSV, .gz or not). Its times are on no clock and it has no node events."""
    if tz is not None or node_events is not None:
        raise CallError("an openb pod list is on no clock and names no nodes: it takes no time zone and no node events")
    frame, rejects = _rows(path, PODS, DEMAND, _pod_rules())
    absent = [pl.lit(None, kind).alias(name) for name, kind in PODS.items() if name not in frame.columns]
    pods = frame.with_columns(absent)
    timed = pods["creation_time"].null_count() < pods.height
    return make_log(
        _timed(pods) if timed else _untimed(pods),
        source=path.name,
        sha256=sha256_of(path),
        format="openb",
        rejects=rejects,
        notes=[
            "times are seconds from an instant that openb does not state, taken as 1970-01-01 UTC"
            if timed
            else "this openb list has no times; its jobs are all submitted at once, in the order of `arrival`"
        ],
    )


def _rows(
    path: Path, kinds: dict[str, pl.DataType], required: tuple[str, ...], rules: list[Rule]
) -> tuple[pl.DataFrame, list[Reject]]:
    blocks, rejects = [], []
    for frame, wrong in tables(path, kinds, required, None):
        kept, senseless = refuse(frame, [r for r in rules if set(r.broken.meta.root_names()) <= set(frame.columns)])
        blocks.append(kept)
        rejects += wrong + senseless
    return pl.concat(blocks), rejects


def _pod_rules() -> list[Rule]:
    phase = pl.col("pod_phase")
    return [
        *(_within(name, 0, MAX_SECOND) for name in TIMES),
        rule(~phase.is_in(list(PHASES)), f"has the pod_phase '{{}}'; possible are {', '.join(PHASES)}", "pod_phase"),
    ]


def _within(name: str, low: int, high: int) -> Rule:
    return rule(~pl.col(name).is_between(low, high), f"has {name} {{}}; {low} to {high} are possible", name)


def _timed(pods: pl.DataFrame) -> pl.DataFrame:
    """What was deleted before the list ends has left; what the list's last instant deletes was still there."""
    phase = pl.col("pod_phase").replace_strict(PHASES, default=None, return_dtype=pl.String)
    there = (pl.col("deletion_time") == pl.col("deletion_time").max()).fill_null(True)
    left = pl.when(phase == "running").then(pl.lit("completed")).when(phase == "pending").then(pl.lit("cancelled"))
    stays = there & phase.is_in(["running", "pending"])
    return pods.select(
        *_demand(),
        pl.when(stays).then(phase).otherwise(left.otherwise(phase)).alias("state"),
        _instant("creation_time").alias("submit"),
        _instant("scheduled_time").alias("start"),
        pl.when(~stays).then(_instant("deletion_time")).alias("end"),
    )


def _untimed(pods: pl.DataFrame) -> pl.DataFrame:
    zero = pl.lit(0, pl.Int64).cast(pl.Datetime("ms")).dt.replace_time_zone("UTC")
    return pods.select(*_demand(), pl.lit("pending").alias("state"), zero.alias("submit"))


def _instant(name: str) -> pl.Expr:
    return (pl.col(name) * SECOND_MS).cast(pl.Datetime("ms")).dt.replace_time_zone("UTC")


def _demand() -> list[pl.Expr]:
    chips, share = pl.col("num_gpu"), pl.min_horizontal("gpu_milli", pl.lit(MILLI))
    return [
        pl.col("name").alias("job"),
        pl.col("qos").alias("tenant"),
        chips.alias("chips"),
        pl.when(chips == 0).then(MILLI).otherwise(share).alias("share_milli"),
        pl.col("cpu_milli").alias("cpus_milli"),
        pl.col("memory_mib"),
        pl.col("gpu_spec").str.replace_all("|", ";", literal=True).alias("kinds"),
        pl.col("qos").replace_strict(CLASSES, default="normal").alias("class"),
        (pl.col(LINE) - 2).cast(pl.Int64).alias("arrival"),
        pl.col(LINE),
        pl.col(TEXT),
    ]


def read_openb_nodes(path: Path) -> Fleet:
    """The fleet of an openb node list: a pool for each (CPU, memory, GPUs, model), in order of appearance."""
    frame, rejects = _rows(path, NODES, tuple(NODES), _node_rules())
    if rejects:
        raise InputError(f"{path}, line {rejects[0].line}", rejects[0].reason, "a fleet is read whole or not at all")
    alike = frame.group_by("model", "gpu", "cpu_milli", "memory_mib", maintain_order=True).agg("sn")
    return Fleet("openb", tuple(_pool(*row) for row in alike.iter_rows()))


def _node_rules() -> list[Rule]:
    return [
        rule(pl.col("sn").is_null(), "names no node"),
        *(_within(name, 0, MAX_PER_NODE) for name in ("cpu_milli", "memory_mib")),
        *(rule(pl.col(name).is_null(), f"has no {name}") for name in ("cpu_milli", "memory_mib", "gpu")),
        _within("gpu", 0, MAX_CHIPS_PER_NODE),
        rule((pl.col("gpu") > 0) & pl.col("model").is_null(), "has GPUs of no model"),
    ]


def _pool(model: str | None, chips: int, cpu: int, memory: int, names: list[str]) -> Pool:
    kind = model or NO_CHIPS
    size = f"{kind}-{chips}x" if chips else kind
    return Pool(f"{size}-{cpu / MILLI:g}c-{memory / GIB:g}g", kind, tuple(names), chips, cpu, memory)
