"""Filling a fleet as published: placement by placement for two rules, and by what six rules come to on five lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.gates.fgd import RULES, differences, filled, published

if TYPE_CHECKING:
    from pathlib import Path

NODES = "openb_node_list_gpu_node.csv.gz"
NODE_ORDER = "node_order_default_seed42.txt.gz"
LISTS = ("default", "cpu050", "gpushare40", "gpuspec10", "multigpu20")
SEEDS = range(42, 52)
EXACT = ("best", "fgd")
POINT = 1.0


@pytest.mark.gate
@pytest.mark.parametrize(
    ("place", "placements"),
    [("fgd", "placements_fgd_default_seed42"), ("best", "placements_bestfit_default_seed42_partial")],
)
def test_every_job_goes_where_the_published_run_put_it(place: str, placements: str, reference_data: Path) -> None:
    openb = reference_data / "openb"
    jobs, arrivals = openb / "openb_pod_list_default.csv.gz", openb / f"{placements}.csv.gz"
    count = differences(openb / NODES, jobs, arrivals, openb / NODE_ORDER, place)
    print(f"{place:10} placements that differ from the published: {count}")
    assert count == 0


@pytest.mark.gate
@pytest.mark.parametrize("jobs", LISTS)
@pytest.mark.parametrize("place", RULES)
def test_the_fleet_gets_as_full_as_published(jobs: str, place: str, reference_data: Path) -> None:
    openb = reference_data / "openb"
    name = f"openb_pod_list_{jobs}"
    ours = filled(openb / NODES, openb / f"{name}.csv.gz", place, SEEDS)
    theirs = published(openb / "published_allo.csv.gz", name, place)
    allowed = 2 * theirs.sd if place in EXACT else POINT
    print(
        f"{jobs:10} {place:10} allocated {ours.mean:6.2f}% ± {ours.sd:.2f}, published {theirs.mean:6.2f}% ± "
        f"{theirs.sd:.2f}, apart {ours.mean - theirs.mean:+.2f}, allowed {allowed:.2f}"
    )
    assert abs(ours.mean - theirs.mean) <= allowed
