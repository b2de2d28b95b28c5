"""A small log with its fleet, made once, and a sweep of them."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from tests.sweep.desks import GRID

from headrace.cli.sample import make
from headrace.history import write
from headrace.history.fleet_file import write_fleet
from headrace.sweep.sweep_file import read_sweep

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from headrace.sweep.sweep_file import Sheet


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with log.parquet and fleet.toml."""
    folder = tmp_path_factory.mktemp("made")
    log, fleet = make(300, 20, 1, lambda what, done, total: None)
    write(log, folder / "log.parquet")
    write_fleet(fleet, folder / "fleet.toml")
    return folder


@pytest.fixture
def desk(made: Path, tmp_path: Path) -> Path:
    """A folder of one's own with the log, the fleet and a sweep file."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    (tmp_path / "sweep.toml").write_text(GRID)
    return tmp_path


@pytest.fixture
def sheet(desk: Path) -> Callable[..., Sheet]:
    """From the lines of a sweep file, beside the log, to the sheet."""

    def understood(text: str = GRID, **more: str) -> Sheet:
        lines = "\n".join(f"{key} = {value}" for key, value in more.items())
        (desk / "sweep.toml").write_text(f"{text}\n{lines}\n")
        return read_sweep(desk / "sweep.toml")

    return understood
