"""Where a run was, and what it held there: chips, cores and memory per node, from Slurm's totals over all nodes.

What ran is measured by what it was given (AllocTRES), what did not by what it asked for (ReqTRES). The kinds that it
would accept are those in ReqTRES: none there means any, whatever it was given.

    gres/gpu=16,node=2     ->   2 nodes, 8 chips each
    gres/gpu=5,node=2      ->   2 nodes, 3 chips each: Slurm does not say how it parts them, so the demand is rounded up
    gres/shard=2,node=1    ->   1 chip, 500 thousandths of it, where 4 shards make a chip
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from headrace.errors import InputError
from headrace.history.hostlist import expand
from headrace.history.log import MAX_GANG, Reject, Rule, refuse, rule
from headrace.history.slurm_table import looked_up
from headrace.history.slurm_tres import SHARING, Tres, parse_memory, parse_tres
from headrace.units import MILLI

if TYPE_CHECKING:
    from headrace.history.slurm_nodes import Known

NO_NODES: Final = ("", "None assigned", "None", "N/A")
_WHOLE: Final = pl.Int64()
_TEXT: Final = pl.String()
_PLACE: Final = {"#nodes": _TEXT, "#named": _WHOLE, "#kind": _TEXT, "#shard": _WHOLE, "#mps": _WHOLE, "#odd": _TEXT}
_TRES: Final = {name: _TEXT if name in ("kinds", "part", "wrong") else _WHOLE for name in Tres._fields}
_LARGE: Final = 2**30


def place(rows: pl.DataFrame, known: Known) -> tuple[pl.DataFrame, list[Reject]]:
    """On which nodes, and what is known of those."""
    placed = looked_up(rows, "nodelist", lambda text: _place(text, known), _PLACE)
    return refuse(placed, [rule(pl.col("#odd").is_not_null(), "has a NodeList that {}", "#odd")])


def _place(text: str, known: Known) -> tuple[object, ...]:
    try:
        names = () if text in NO_NODES else expand(text, MAX_GANG)
    except InputError as error:
        return "", 0, "", 0, 0, error.what
    if any(mark in text for mark in ";:"):
        return "", 0, "", 0, 0, "names a node with a mark that no name has"
    parts = (known.parts_of_a_chip(part, names) for part in SHARING)
    return ";".join(names), len(names), known.kind(names), *parts, None


def demand(rows: pl.DataFrame, widest: int) -> tuple[pl.DataFrame, list[Reject]]:
    """How much, per node; which kinds were possible; which one it was.

    `widest` is the most chips that a node has (0 = not known): `--gpus=16` asks for one node as long as it waits.
    """
    rows = _resources(_resources(rows, "reqtres", "#req_"), "alloctres", "#got_")
    rows = looked_up(rows, "reqmem", parse_memory, {"#mem": _WHOLE, "#mem_of": _TEXT})
    rows, wrong = refuse(rows, [_unread("reqtres", "#req_"), _unread("alloctres", "#got_")])
    rows, odd = refuse(_gang(rows, widest), [_differing()])
    return _ran_on(_shared(_per_node(rows))), [*wrong, *odd]


def _resources(rows: pl.DataFrame, column: str, prefix: str) -> pl.DataFrame:
    kinds = {prefix + name: kind for name, kind in _TRES.items()}
    return looked_up(rows, column, parse_tres, kinds)


def _unread(column: str, prefix: str) -> Rule:
    return rule(pl.col(prefix + "wrong") != "", f"has '{{}}' in {column}", prefix + "wrong")


def _differing() -> Rule:
    differs = (pl.col("#named") > 0) & (pl.col("#named") != pl.col("nodes"))
    return rule(differs, "names {} nodes in NodeList and says that it had {}", "#named", "nodes")


def _gang(rows: pl.DataFrame, widest: int) -> pl.DataFrame:
    """The totals that count, under #, and the gang."""
    got = (pl.col("alloctres") != "") & (pl.col("start").is_not_null() | (pl.col("reqtres") == ""))
    totals = [
        pl.when(got).then(f"#got_{name}").otherwise(f"#req_{name}").alias(f"#{name}")
        for name in ("nodes_said", "cpu", "memory", "chips", "parts", "part")
    ]
    said = rows.rename({"#got_nodes": "#got_nodes_said", "#req_nodes": "#req_nodes_said"}).with_columns(totals)
    listed = pl.col("nnodes").cast(pl.Int64, strict=False).fill_null(0)
    gang = pl.when(pl.col("#nodes_said") > 0).then("#nodes_said").otherwise(listed).clip(lower_bound=1)
    narrow = pl.col("start").is_null() & (pl.col("#chips") > gang * widest) & pl.lit(widest > 0)
    enough = _up(pl.col("#chips"), pl.lit(max(1, widest)))
    return said.with_columns(pl.when(narrow).then(enough).otherwise(gang).alias("nodes"))


def _up(total: pl.Expr, by: pl.Expr) -> pl.Expr:
    """`total` / `by`, rounded up."""
    return -((-total) // by)


def _per_node(rows: pl.DataFrame) -> pl.DataFrame:
    chips, nodes = pl.col("#chips"), pl.col("nodes")
    unsaid = (pl.col("reqtres") == "") & (pl.col("alloctres") == "")
    cores = _up(pl.col("#cpu"), nodes)
    asked, of = pl.col("#mem").clip(upper_bound=_LARGE), pl.col("#mem_of")
    by_core = _up(asked * cores.clip(upper_bound=_LARGE), pl.lit(MILLI))
    once = pl.when(of == "n").then(asked).when(of == "c").then(by_core).otherwise(_up(asked, nodes))
    return rows.with_columns(
        pl.when(~unsaid).then(_up(chips, nodes)).alias("chips"),
        cores.alias("cpus_milli"),
        pl.when(pl.col("#memory") > 0).then(_up(pl.col("#memory"), nodes)).otherwise(once).alias("memory_mib"),
        (chips % nodes != 0).alias("#uneven"),
    )


def _shared(rows: pl.DataFrame) -> pl.DataFrame:
    """A demand for parts of chips, as chips and the share of each; a share is rounded down, so that all parts fit."""
    parts = _up(pl.col("#parts"), pl.col("nodes"))
    a_chip = pl.when(pl.col("#part") == "mps").then("#mps").otherwise("#shard")
    chips = _up(parts, a_chip)
    share = (parts.clip(upper_bound=_LARGE) * MILLI // (chips * a_chip)).clip(1, MILLI)
    asked_parts = (pl.col("#req_parts") > 0) & (pl.col("#req_chips") == 0)
    shared = (pl.col("#parts") > 0) & (asked_parts | (pl.col("#chips") == 0))
    return rows.with_columns(
        shared.alias("#shared"),
        pl.when(shared).then(chips).otherwise("chips").alias("chips"),
        pl.when(shared).then(share).otherwise(MILLI).alias("share_milli"),
        (pl.col("#uneven") & ~shared).alias("#uneven"),
    )


def _ran_on(rows: pl.DataFrame) -> pl.DataFrame:
    """KIND:NODE;NODE of what started. A gang on several kinds has no one kind; untyped chips are their node's."""
    got = pl.col("#got_kinds")
    kind = pl.when(got == "").then("#kind").when(~got.str.contains(";", literal=True)).then(got).otherwise(pl.lit(""))
    kind = pl.when(pl.col("chips") > 0).then(kind).otherwise(pl.lit(""))
    both = pl.concat_str(kind, pl.lit(":"), "#nodes")
    known = pl.col("start").is_not_null() & (both != ":")
    return rows.with_columns(
        pl.when(known).then(both).otherwise(pl.lit("")).alias("ran_on"), pl.col("#req_kinds").alias("kinds")
    )
