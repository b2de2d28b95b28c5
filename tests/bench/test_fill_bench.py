"""What a fill costs: the published list of 10,866 arrivals on 1,213 nodes, under each rule."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from tests.gates import fgd

if TYPE_CHECKING:
    from pathlib import Path

RULES = ("random", "dot", "clustering", "packing", "best", "fgd", "worth")


@pytest.mark.bench
def test_how_long_the_published_arrivals_take_under_each_rule(reference_data: Path) -> None:
    folder = reference_data / "openb"
    files = (
        folder / "openb_node_list_gpu_node.csv.gz",
        folder / "openb_pod_list_default.csv.gz",
        folder / "placements_fgd_default_seed42.csv.gz",
        folder / "node_order_default_seed42.txt.gz",
    )
    fgd.differences(*files, "fgd")
    for rule in RULES:
        began = time.perf_counter()
        fgd.differences(*files, rule)
        print(f"\n{rule:12} {time.perf_counter() - began:.2f} s, reading the lists included", end="")
