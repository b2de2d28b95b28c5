"""What a user waits for: whole processes, from the shell's prompt to the next one, with their peak memory."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import polars as pl
import pytest
from tests.conftest import ROOT
from tests.gates.test_philly import FLEET as PHILLY_FLEET

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

MILLION = ("--jobs", "1000000", "--nodes", "10000", "--seed", "1")
RULES = "random,dot,clustering,packing,best,fgd"
TRACE_2 = 5_755
"""Jobs in the second list of Zhao et al., which is not among the reference data: as many are drawn from the first."""


def took(what: str, words: Sequence[object], folder: Path, wanted: float | None = None) -> None:
    """Run `python -m WORDS`; print its seconds, those of a core, and its peak memory, beside what is `wanted`."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", *map(str, words)],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - began
    assert process.returncode == 0, words
    target = f", to be at most {wanted:g} s" if wanted is not None else ""
    busy = used.ru_utime + used.ru_stime
    print(f"\n{what:52} {seconds:6.1f} s ({busy:.1f} of a core), peak {used.ru_maxrss / 2**20:.2f} GiB{target}", end="")


@pytest.mark.bench
def test_how_long_filling_with_the_published_arrivals_takes(tmp_path: Path, reference_data: Path) -> None:
    openb = reference_data / "openb"
    words = ("headrace", "fill", "--nodes", openb / "openb_node_list_gpu_node.csv.gz", "--jobs")
    words = (*words, openb / "openb_pod_list_default.csv.gz", "--format", "openb", "--json", "-")
    words = (*words, "--arrivals", openb / "placements_fgd_default_seed42.csv.gz")
    words = (*words, "--node-order", openb / "node_order_default_seed42.txt.gz")
    took("(nothing: warming up)", ("headrace", "--version"), tmp_path)
    took("10,866 arrivals, fgd", (*words, "--place", "fgd"), tmp_path, 3)
    took("10,866 arrivals, six rules", (*words, "--place", RULES), tmp_path, 10)


@pytest.mark.bench
def test_how_long_a_list_of_the_size_of_trace_2_takes(tmp_path: Path, reference_data: Path) -> None:
    first = pl.read_csv(reference_data / "muri" / "muri_trace1.csv.gz")
    span = first["submit_time"].max()
    drawn = first.sample(TRACE_2, with_replacement=True, seed=1).with_columns(
        submit_time=pl.Series(range(TRACE_2)) * (4 * span // TRACE_2)
    )
    drawn.write_csv(tmp_path / "list.csv")
    for order in ("srtf", "srsf"):
        took(f"{TRACE_2:,} jobs, {order}", ("tests.gates.muri", tmp_path / "list.csv", order), tmp_path, 2)


@pytest.mark.bench
def test_how_long_philly_takes(tmp_path: Path, reference_data: Path) -> None:
    (tmp_path / "fleet.toml").write_text(PHILLY_FLEET)
    trace = reference_data / "philly" / "philly_jobs.csv.gz"
    words = ("headrace", "replay", trace, "--format", "philly", "--fleet", "fleet.toml", "--policy", "fair+easy/fgd")
    took("82,247 jobs of Philly, fair+easy/fgd, both ledgers", words, tmp_path, 8)


@pytest.mark.bench
def test_how_long_a_million_jobs_take(tmp_path: Path) -> None:
    words = ("headrace", "sample", *MILLION, "-o", "log.parquet", "--fleet-out", "fleet.toml")
    took("1,000,000 jobs on 10,000 nodes: drawn", words, tmp_path)
    words = ("headrace", "replay", "log.parquet", "--fleet", "fleet.toml", "--policy", "fair+easy/fgd")
    took("1,000,000 jobs, fair+easy/fgd, both ledgers", words, tmp_path, 120)
