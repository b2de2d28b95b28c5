"""The main job on a public trace: all of Philly on 64 × 8 chips, under the four policies that a study compares."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

FLEET = """
name = "philly-64"
[[pool]]
name = "gpu"
kind = "GPU"
nodes = 64
chips = 8
cpus = 96
memory_gib = 512
"""
JOBS = 82_247


def study(folder: Path, trace: Path) -> dict[str, bytes]:
    words = ("study", str(trace), "--format", "philly", "--fleet", "fleet.toml", "--out", "out", "--lang", "both")
    subprocess.run([sys.executable, "-m", "headrace", *words], cwd=folder, check=True, capture_output=True)
    return {path.name: path.read_bytes() for path in (folder / "out").iterdir()}


@pytest.mark.gate
def test_all_of_philly_is_studied_exactly_and_the_same_twice(tmp_path: Path, reference_data: Path) -> None:
    (tmp_path / "fleet.toml").write_text(FLEET)
    trace = reference_data / "philly" / "philly_jobs.csv.gz"
    first = study(tmp_path, trace)
    assert study(tmp_path, trace) == first
    figures = json.loads(first["study.json"])
    assert sum(figures["ledger_milli_chip_ms"].values()) == figures["paid_milli_chip_ms"]
    for name, policy in figures["policies"].items():
        assert policy["finished"] == JOBS
        assert policy["avg_completion_s"] >= figures["bounds"]["avg_completion_s"]
        assert policy["makespan_s"] >= figures["bounds"]["makespan_s"]
        print(f"{name:24} mean completion {policy['avg_completion_s']:12,.0f} s, allocated {policy['allocated']:.1%}")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
    print(f"peak memory {peak:.2f} GiB")
