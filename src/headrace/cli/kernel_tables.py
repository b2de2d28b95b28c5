"""Reads tables of measured kernels: one file a family and maker, units in the names of columns."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from headrace.catalog.load import chips as known_chips
from headrace.estimate import work as needs
from headrace.estimate.kernel_points import Table, exchange_points, grouped_points, joined, points
from headrace.estimate.precision import PRECISIONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from headrace.estimate.chip import Chip

GEMM: Final = {
    "bfloat16": "bf16",
    "float16": "bf16",
    "fp8": "fp8",
    "fp8_block": "fp8_block",
    "sq": "int8",
    "int8_wo": "int8_wo",
    "int4_wo": "int4_wo",
    "w4a16_mxfp4": "mxfp4_wo",
}
SYSTEMS: Final = {"a100_sxm": "A100", "b200_sxm": "B200", "h100_sxm": "H100"} | {
    "h200_sxm": "H200",
    "gb200": "GB200",
    "l40s": "L40S",
}


SPARSE: Final = 1000
"""Fewer measured shapes than this make no table of products: what lies between them is a guess."""
SLOW: Final = ("int8_wo", "int4_wo")
"""Products that H20-3e's table has from a library without the kernels that engines use for them."""


def kernel_tables(folder: Path, chips: Mapping[str, Chip]) -> Iterator[Table]:
    """Every family on every chip."""
    yield from _products(folder, chips)
    yield from _attention(folder, chips)
    yield from _grouped(folder, chips)
    yield from _latent(folder, chips)
    yield from _exchange(folder, chips)


def _library(engine: str) -> str:
    return re.split(r"[ /]", engine.lower())[0]


def _own(chip: str) -> str:
    return known_chips().find(chip).name


def _columns(table: pl.DataFrame, *names: str) -> tuple[np.ndarray, ...]:
    return tuple(table[name].to_numpy().astype(np.float64) for name in names)


def _products(folder: Path, chips: Mapping[str, Chip]) -> Iterator[Table]:
    shape = ("chip", "dtype", "engine", "m", "n", "k", "latency_s")
    files = ("kernels_gemm_nvidia.csv.gz", "kernels_gemm_h20_h800.csv.gz")
    table = pl.concat([pl.read_csv(folder / file, infer_schema_length=None).select(shape) for file in files])
    for (named, dtype), group in table.group_by(["chip", "dtype"], maintain_order=True):
        chip = _own(named)
        newest = group.group_by("engine").len().sort("len")["engine"][-1]
        one = group.filter(pl.col("engine") == newest)
        m, n, k, seconds = _columns(one, "m", "n", "k", "latency_s")
        if len(seconds) < SPARSE or (chip == "H20-3e" and GEMM[dtype] in SLOW):
            continue
        found = points(needs.product(m, n, k, PRECISIONS[GEMM[dtype]]), chips[chip], seconds)
        yield Table(chip, GEMM[dtype], _library(newest), found, f"GEMM table, {newest}")


def _attention(folder: Path, chips: Mapping[str, Chip]) -> Iterator[Table]:
    names = {"batch_size": "batch", "s": "tokens", "num_heads": "heads", "num_key_value_heads": "keys"}
    nvidia = pl.read_csv(folder / "kernels_attention_nvidia.csv.gz", infer_schema_length=None).rename(
        names | {"attn_dtype": "q", "kv_cache_dtype": "kv"}
    )
    others = {"kv_or_seq_len": "tokens", "q_heads": "heads", "kv_heads": "keys", "q_dtype": "q", "kv_dtype": "kv"}
    h20 = pl.read_csv(folder / "kernels_attention_h20_h800.csv.gz", infer_schema_length=None).rename(others)
    wanted = ["chip", "phase", "batch", "tokens", "heads", "keys", "head_dim", "q", "kv", "latency_s", "engine"]
    table = pl.concat([nvidia.with_columns(head_dim=pl.lit(128, dtype=pl.Int64)).select(wanted), h20.select(wanted)])
    for (named, phase, kv), group in table.group_by(["chip", "phase", "kv"], maintain_order=True):
        chip = _own(named)
        one = group.filter(pl.col("q") != "fp8")
        if phase == "prefill" and kv == "fp8":
            continue
        batch, tokens, heads, keys, dim, seconds = _columns(
            one, "batch", "tokens", "heads", "keys", "head_dim", "latency_s"
        )
        if phase == "prefill":
            work = needs.prefill(batch, tokens, heads, keys, dim)
        else:
            work = needs.decode(batch, tokens, heads, keys, dim, 1.0 if kv == "fp8" else 2.0)
        library = one["engine"][0]
        yield Table(
            chip, work.precision, _library(library), points(work, chips[chip], seconds), f"attention table, {library}"
        )


def _grouped(folder: Path, chips: Mapping[str, Chip]) -> Iterator[Table]:
    shape = ["num_tokens", "hidden_size", "inter_size", "topk", "num_experts", "moe_tp_size", "moe_ep_size"]
    table = pl.read_csv(folder / "kernels_moe_nvidia.csv.gz", infer_schema_length=None)
    table = table.filter(pl.col("distribution") == "power_law_1.01")
    for (named, dtype), group in table.group_by(["chip", "moe_dtype"], maintain_order=True):
        chip = _own(named)
        how = PRECISIONS[GEMM[dtype]]
        parts = grouped_points(_columns(group, *shape), how, chips[chip], _columns(group, "latency_s")[0])
        library = group["engine"][0]
        yield Table(chip, how.name, _library(library), joined(parts), f"expert table, {library}, power law 1.01")
    yield from _grouped_h20(folder, chips)


def _grouped_h20(folder: Path, chips: Mapping[str, Chip]) -> Iterator[Table]:
    table = pl.read_csv(folder / "kernels_moe_h20_h800.csv.gz", infer_schema_length=None)
    table = table.with_columns(seconds=pl.col("up_proj_s") + pl.col("down_proj_s"), one=pl.lit(1))
    table = table.filter(pl.col("seconds").is_not_null())
    shape = ("num_tokens", "hidden", "inter", "topk", "experts", "one", "gpus")
    for (named,), group in table.group_by(["chip"], maintain_order=True):
        chip = _own(named)
        parts = grouped_points(
            _columns(group, *shape), PRECISIONS["fp8_block"], chips[chip], _columns(group, "seconds")[0]
        )
        yield Table(chip, "fp8_block", "deepgemm", joined(parts), "expert table, DeepGEMM")


def _latent(folder: Path, chips: Mapping[str, Chip]) -> Iterator[Table]:
    table = pl.read_csv(folder / "kernels_mla_h20_h800.csv.gz", infer_schema_length=None)
    table = table.filter(pl.col("kv_dtype") != "fp8")
    for (named, phase), group in table.group_by(["chip", "phase"], maintain_order=True):
        chip = _own(named)
        batch, tokens, heads, seconds = _columns(group, "batch", "s", "heads", "latency_s")
        if phase == "decode":
            work = needs.latent_decode(batch, tokens, heads, (512, 64), 2.0)
        else:
            work = needs.latent_prefill(batch, tokens, heads, (192, 128))
        yield Table(chip, work.precision, "", points(work, chips[chip], seconds), "latent attention table")


def _exchange(folder: Path, chips: Mapping[str, Chip]) -> Iterator[Table]:
    table = pl.read_csv(folder / "kernels_comm_nvidia.csv.gz", infer_schema_length=None)
    table = table.filter((pl.col("op") == "all_reduce") & pl.col("backend").is_in(["vLLM_custom_graph", "NCCL"]))
    table = table.filter(pl.col("dtype") != "int8").with_columns(
        size=pl.col("message_elems_or_bytes").cast(pl.Float64) * 2
    )
    best = table.group_by("system", "gpus", "size", maintain_order=True).agg(pl.col("latency_s").min())
    for (system,), group in best.group_by(["system"], maintain_order=True):
        size, ways, seconds = _columns(group, "size", "gpus", "latency_s")
        chip = SYSTEMS[system]
        found = exchange_points(size, ways, chips[chip], seconds)
        yield Table(chip, "bf16", "", found, "all-reduce table, NCCL or custom")
