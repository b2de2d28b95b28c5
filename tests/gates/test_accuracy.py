"""Estimates meet measured points as published: errors, ranks and coverage, with the shipped calibration."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from headrace.cli.calibrate import measured_rows, points
from headrace.estimate.accuracy import Line, accuracy
from headrace.estimate.evaluate import evaluate
from headrace.estimate.promised import promised

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.gate
MOST = {
    "Qwen3 FP8 on one or more H20, SGLang": (0.09, 0.026),
    "serving on H100 and H200, precision told, TPOT": (0.15, 0.12),
    "serving on H100 and H200, precision told, TTFT": (1.0, 0.30),
    "training on A100, H100, A800, H800, 910B": (0.12, 0.12),
}
"""The most that mean and median absolute error of a set may be."""


@pytest.fixture(scope="module")
def rows(reference_data: Path) -> list[dict[str, str]]:
    """The measured points."""
    return measured_rows(reference_data / "perf" / "measured.csv.gz")


def test_errors_of_the_sets_on_which_others_are_published_are_within_what_is_promised(
    rows: list[dict[str, str]],
) -> None:
    lines: dict[str, Line] = {line.name: line for line in promised(accuracy(rows).judged)}
    for line in lines.values():
        print(f"{line.name}: n {line.n}, mean {line.mean:.1%}, median {line.median:.1%}, in {line.coverage:.1%}")
    for name, (mean, median) in MOST.items():
        assert lines[name].mean <= mean
        assert lines[name].median <= median


def test_intervals_hold_nine_rows_of_ten_of_configurations_and_chips_held_out(rows: list[dict[str, str]]) -> None:
    held = [one for one in evaluate(*points(rows)) if one.n >= 1000 and one.way in ("configuration", "chip")]
    assert held
    for one in held:
        print(f"{one.way} {one.name}: n {one.n}, median {one.median:.1%}, in {one.coverage:.1%}")
        assert 0.85 <= one.coverage <= 0.95
