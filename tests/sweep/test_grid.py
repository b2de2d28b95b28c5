"""The grid has every combination once, in a stable order, and a key changes with whatever decides the result."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from headrace.history import read
from headrace.history.asked import asked, outages
from headrace.history.fleet_file import read_fleet
from headrace.policy.policy import Policy, parse
from headrace.policy.registry import BACKFILLS, ORDERS, PLACES
from headrace.replay.replay import replay
from headrace.sweep.grid import Cell, draws, grid

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from headrace.sweep.sweep_file import Sheet
    from headrace.world.fleet import Fleet


@pytest.fixture(scope="session")
def fleet(made: Path) -> Fleet:
    return read_fleet(made / "fleet.toml")


@pytest.fixture
def cell(fleet: Fleet) -> Cell:
    return Cell("columns", "fleet.toml", fleet, 1000, parse("fifo/random", 1), 1, ())


def test_every_combination_is_one_cell_in_the_order_of_the_file(sheet: Callable[..., Sheet], fleet: Fleet) -> None:
    cells = grid(sheet(scale="[0.5, 1.0]"), {"fleet.toml": fleet}, {"fleet.toml": "columns"})
    names = ["fifo/first", "fair+easy/fgd", "fifo/random", "fifo/random", "oracle:smallest/best"]
    assert [cell.policy.name for cell in cells] == names * 4
    assert [cell.scale for cell in cells] == [500] * 10 + [1000] * 10
    assert [cell.walls for cell in cells] == ([()] * 5 + [("partition",)] * 5) * 2
    assert len({cell.key for cell in cells}) == 20


def test_a_policy_that_draws_has_a_cell_a_seed_and_another_has_one(sheet: Callable[..., Sheet], fleet: Fleet) -> None:
    cells = grid(sheet(), {"fleet.toml": fleet}, {"fleet.toml": "columns"})
    assert [cell.seed for cell in cells] == [None, None, 1, 2, None] * 2


def _policies() -> list[Policy]:
    parts = [*(Policy(order=o) for o in ORDERS), *(Policy(backfill=b) for b in BACKFILLS)]
    return [*parts, *(Policy(place=p) for p in PLACES)]


@pytest.mark.parametrize("policy", _policies(), ids=lambda policy: policy.name)
def test_the_seed_makes_no_difference_to_a_policy_that_draws_nothing(made: Path, fleet: Fleet, policy: Policy) -> None:
    log = read(made / "log.parquet")
    workload, (out, _) = asked(log, fleet).workload, outages(log, fleet)
    first, second = (replay(fleet, workload, replace(policy, seed=seed), out) for seed in (1, 2))
    same = np.array_equal(first.start, second.start) and np.array_equal(first.node, second.node)
    assert same != draws(policy)


@pytest.mark.parametrize(
    "change",
    [
        {"columns": "others"},
        {"scale": 999},
        {"policy": parse("fifo/random", 2)},
        {"policy": parse("fifo/first", 1)},
        {"walls": ("kind",)},
        {"checkpoint": 0},
        {"begin": 1},
        {"end": 1},
    ],
    ids=lambda change: next(iter(change)),
)
def test_the_key_changes_with_what_decides_the_result(cell: Cell, change: dict[str, object]) -> None:
    assert replace(cell, **change).key != cell.key  # type: ignore[arg-type]


def test_the_key_does_not_change_with_a_name(cell: Cell) -> None:
    assert replace(cell, fleet_name="the same.toml").key == cell.key


def test_a_cell_is_named_so_that_one_can_find_it(cell: Cell) -> None:
    named = replace(cell, scale=800, walls=("partition",))
    assert named.name == "fifo/random (seed 1) on fleet.toml × 0.8 (any partition)"
