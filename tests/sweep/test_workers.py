"""Workers compute what they are given, and one that dies takes one cell with it."""

from __future__ import annotations

import os
import signal
from multiprocessing import active_children
from typing import TYPE_CHECKING

import pytest

from headrace.errors import InputError
from headrace.sweep.compute import Bench
from headrace.sweep.grid import Cell, grid
from headrace.sweep.outcome import Failed
from headrace.sweep.prepare import prepare
from headrace.sweep.workers import cores, on_this_machine

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from headrace.sweep.sweep_file import Sheet


@pytest.fixture
def cells(sheet: Callable[..., Sheet], desk: Path) -> list[Cell]:
    understood = sheet()
    (desk / "columns").mkdir()
    (fleet,) = prepare(understood, desk / "columns", lambda what, done, total: None)
    return list(grid(understood, {fleet.name: fleet.fleet}, {fleet.name: fleet.columns}))


def test_every_cell_comes_back_with_its_figures(cells: list[Cell], desk: Path) -> None:
    done = {cell.key: outcome for cell, outcome in on_this_machine(cells, desk / "columns", 2)}
    assert done.keys() == {cell.key for cell in cells}
    assert all(isinstance(outcome, dict) and outcome["jobs"] > 0 for outcome in done.values())
    assert active_children() == []


def test_there_are_never_more_workers_than_cores_or_cells(cells: list[Cell], desk: Path) -> None:
    for few in (cells[:1], cells):
        running = on_this_machine(few, desk / "columns", 10_000)
        next(running)
        assert len(active_children()) <= min(cores(), len(few))
        running.close()
        assert active_children() == []


def test_a_worker_that_dies_takes_one_cell_with_it(cells: list[Cell], desk: Path) -> None:
    running = on_this_machine(cells, desk / "columns", 1)
    outcomes = dict([_keyed(next(running))])
    (worker,) = active_children()
    assert worker.pid is not None
    os.kill(worker.pid, signal.SIGKILL)
    outcomes |= dict(map(_keyed, running))
    failed = [outcome for outcome in outcomes.values() if isinstance(outcome, Failed)]
    assert outcomes.keys() == {cell.key for cell in cells}
    assert [outcome.sentence for outcome in failed] == [
        "its worker was ended by SIGKILL; the machine may be short of memory"
    ]


def _keyed(done: tuple[Cell, object]) -> tuple[str, object]:
    return done[0].key, done[1]


def test_a_cell_that_cannot_be_computed_gets_one_sentence(cells: list[Cell]) -> None:
    def refuses() -> dict[str, object]:
        raise InputError("log", "is gone", "bring it back")

    def breaks() -> dict[str, object]:
        raise ZeroDivisionError("oh")

    assert Bench().attempt(cells[0], refuses) == Failed("log: is gone; bring it back")  # type: ignore[arg-type]
    outcome = Bench().attempt(cells[0], breaks)  # type: ignore[arg-type]
    assert isinstance(outcome, Failed)
    assert outcome.sentence.startswith("a fault in Headrace: ZeroDivisionError: oh; ")


def test_columns_that_are_gone_fail_a_cell_and_not_the_next(cells: list[Cell], desk: Path) -> None:
    lost = [Cell("gone", *(getattr(cells[0], n) for n in ("fleet_name", "fleet", "scale", "policy", "seed", "walls")))]
    done = {cell.columns: outcome for cell, outcome in on_this_machine([*lost, cells[0]], desk / "columns", 1)}
    assert isinstance(done.pop("gone"), Failed)
    assert all(isinstance(outcome, dict) for outcome in done.values())
