"""The event loop: four lists of jobs under two orders come to what was published, to 1e-4."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.gates.muri import run

if TYPE_CHECKING:
    from pathlib import Path

MEAN = {
    ("trace1", "srtf"): 1370603.198,
    ("trace1", "srsf"): 980140.5699,
    ("trace3", "srtf"): 193081.796,
    ("trace3", "srsf"): 185021.8802,
    ("trace1_pr", "srtf"): 2303543.816,
    ("trace1_pr", "srsf"): 1801859.995,
    ("trace3_pr", "srtf"): 844394.78,
    ("trace3_pr", "srsf"): 798057.6829,
}
MAKESPAN = {
    ("trace1", "srtf"): 26045465.533,
    ("trace1", "srsf"): 26065759.045,
    ("trace3", "srtf"): 8174135.280,
    ("trace3", "srsf"): 8174135.280,
}
P99 = {
    ("trace1", "srtf"): 16647148.091,
    ("trace1", "srsf"): 15529913.228,
    ("trace3", "srtf"): 4538890.607,
    ("trace3", "srsf"): 4189699.177,
}
WITHIN = 1e-4


@pytest.mark.gate
@pytest.mark.parametrize(("jobs", "order"), MEAN)
def test_completion_times_are_those_that_were_published(jobs: str, order: str, reference_data: Path) -> None:
    ours = run(reference_data / "muri" / f"muri_{jobs}.csv.gz", order)
    theirs = [published.get((jobs, order)) for published in (MEAN, MAKESPAN, P99)]
    for name, we, they in zip(("mean", "makespan", "p99"), ours, theirs, strict=True):
        beside = "not published" if they is None else f"published {they:.3f} s, apart {we / they - 1:+.1e}"
        print(f"{jobs:10} {order} {name:8} {we:16.3f} s, {beside}, allowed {WITHIN:.0e}")
    apart = [abs(we / they - 1) for we, they in zip(ours, theirs, strict=True) if they is not None]
    assert max(apart) <= WITHIN
