"""`headrace sweep` as a user meets it: results, resuming, dying, and one sentence for each mistake."""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from typing import TYPE_CHECKING

import polars as pl
import pytest
from tests.sweep.desks import CELLS, GRID, LONG, LONG_CELLS, lives, run, started, workers_of

from headrace.sweep.results import COLUMNS

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path


def swept(made: Path, folder: Path, grid: str) -> Path:
    """The results of an uninterrupted sweep by one worker."""
    shutil.copytree(made, folder, dirs_exist_ok=True)
    (folder / "sweep.toml").write_text(grid)
    done = run("sweep", "sweep.toml", "--workers", "1", "--lang", "en", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder / "sweep"


@pytest.fixture(scope="module")
def whole(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sweep's output folder, left alone by every test."""
    return swept(made, tmp_path_factory.mktemp("whole"), GRID)


@pytest.fixture(scope="module")
def frame(whole: Path) -> pl.DataFrame:
    """Its table."""
    return pl.read_parquet(whole / "sweep.parquet")


@pytest.fixture(scope="module")
def long(made: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The table of the longer sweep."""
    return (swept(made, tmp_path_factory.mktemp("long"), LONG) / "sweep.parquet").read_bytes()


def kept(desk: Path) -> dict[str, tuple[int, int]]:
    """Each finished cell's file, with what would change if it were written again."""
    files = (desk / "sweep" / "cells").glob("[!.]*.json")
    return {file.name: (file.stat().st_ino, file.stat().st_mtime_ns) for file in files}


def wait_for(happened: Callable[[], bool]) -> None:
    """Return once it has happened; a test that hangs fails."""
    for _ in range(6000):
        if happened():
            return
        time.sleep(0.05)
    raise TimeoutError


def begun(desk: Path, cells: int) -> subprocess.Popen[str]:
    """A long sweep with one worker that has finished some cells and not all."""
    (desk / "sweep.toml").write_text(LONG)
    process = started("sweep", "sweep.toml", "--workers", "1", "--lang", "en", cwd=desk)
    wait_for(lambda: len(kept(desk)) >= cells or process.poll() is not None)
    assert process.poll() is None
    return process


def test_the_table_has_a_row_a_cell_with_the_names_of_study_json(frame: pl.DataFrame) -> None:
    assert dict(frame.schema) == COLUMNS
    assert frame.height == CELLS
    assert frame["cell"].n_unique() == CELLS
    assert frame["policy"].to_list()[:3] == ["fifo/first", "fair+easy/fgd", "fifo/random"]
    assert frame["walls"].to_list() == [""] * 5 + ["partition"] * 5
    assert frame.filter(pl.col("oracle"))["policy"].unique().to_list() == ["oracle:smallest/best"]


def test_each_rows_classes_sum_to_what_was_paid(frame: pl.DataFrame) -> None:
    classes = [name for name in COLUMNS if name.endswith("_chip_hours") and name != "paid_chip_hours"]
    assert len(classes) == 12
    off = frame.select((pl.sum_horizontal(classes) - pl.col("paid_chip_hours")).abs().max()).item()
    assert off < 1e-4


def test_a_row_has_the_figures_that_replay_prints(made: Path, frame: pl.DataFrame) -> None:
    words = ("replay", "log.parquet", "--fleet", "fleet.toml", "-p", "fair+easy/fgd", "--relax", "partition")
    printed = json.loads(run(*words, "--json", "-", cwd=made).stdout)["policies"]["fair+easy/fgd (any partition)"]
    row = frame.row(by_predicate=(pl.col("policy") == "fair+easy/fgd") & (pl.col("walls") == "partition"), named=True)
    assert {name: row[name] for name in printed if name not in ("ledger", "lost_money")} == {
        name: value for name, value in printed.items() if name not in ("ledger", "lost_money")
    }
    assert json.loads(row["lost_money"]) == printed["lost_money"]


def test_any_number_of_workers_makes_the_same_bytes_and_a_second_run_computes_nothing(desk: Path, whole: Path) -> None:
    assert run("sweep", "sweep.toml", "--lang", "zh", cwd=desk).returncode == 0
    table = (whole / "sweep.parquet").read_bytes()
    assert (desk / "sweep" / "sweep.parquet").read_bytes() == table
    before = kept(desk)
    again = run("sweep", "sweep.toml", "--lang", "zh", cwd=desk)
    assert f"cells: {CELLS} of {CELLS}" in again.stderr
    assert kept(desk) == before
    assert (desk / "sweep" / "sweep.parquet").read_bytes() == table


def test_a_sweep_that_was_killed_goes_on_and_ends_in_the_same_bytes(desk: Path, long: bytes) -> None:
    process = begun(desk, 3)
    workers = workers_of(process.pid)
    assert workers
    process.kill()
    process.communicate()
    wait_for(lambda: not any(map(lives, workers)))
    before = kept(desk)
    assert 3 <= len(before) < LONG_CELLS
    done = run("sweep", "sweep.toml", "--lang", "en", cwd=desk)
    assert done.returncode == 0, done.stderr
    assert f"cells: {len(before)} of {LONG_CELLS}" in done.stderr
    after = kept(desk)
    assert len(after) == LONG_CELLS
    assert before.items() <= after.items()
    assert (desk / "sweep" / "sweep.parquet").read_bytes() == long


def test_ctrl_c_ends_with_one_sentence_and_no_worker_is_left(desk: Path) -> None:
    process = begun(desk, 2)
    workers = workers_of(process.pid)
    process.send_signal(signal.SIGINT)
    printed, said = process.communicate(timeout=600)
    assert process.returncode == 130
    assert [line for line in said.splitlines() if not line.startswith(("log: ", "cells: "))] == [
        "headrace: interrupted; what is finished is kept in sweep, and the same command goes on from there"
    ]
    assert printed == ""
    assert workers
    assert not any(map(lives, workers))
    assert kept(desk)
    assert list((desk / "sweep" / "cells").glob(".*")) == []


def test_ctrl_c_in_a_terminal_reaches_the_workers_too_and_they_say_nothing(desk: Path) -> None:
    process = begun(desk, 2)
    for worker in workers_of(process.pid):
        os.kill(worker, signal.SIGINT)
    _, said = process.communicate(timeout=600)
    assert process.returncode == 0, said
    assert "Traceback" not in said


def test_a_cell_whose_worker_dies_is_named_and_tried_again_next_time(desk: Path, long: bytes) -> None:
    process = begun(desk, 2)
    os.kill(workers_of(process.pid)[0], signal.SIGKILL)
    printed, said = process.communicate(timeout=600)
    assert process.returncode == 1
    assert "Traceback" not in printed + said
    assert "1 of 126 cells failed" in said
    assert "Failed: " in printed
    assert "SIGKILL" in printed
    rows = pl.read_parquet(desk / "sweep" / "sweep.parquet")
    assert rows.height == LONG_CELLS
    assert rows["p95_wait_s"].null_count() == 1
    again = run("sweep", "sweep.toml", "--lang", "en", cwd=desk)
    assert again.returncode == 0
    assert f"cells: {LONG_CELLS - 1} of {LONG_CELLS}" in again.stderr
    assert (desk / "sweep" / "sweep.parquet").read_bytes() == long


def test_a_changed_sweep_file_computes_only_what_is_new(desk: Path) -> None:
    sweep = desk / "sweep.toml"
    sweep.write_text(GRID.replace("seeds = [1, 2]", "seeds = [1]").replace(', "oracle:smallest/best"', ""))
    assert run("sweep", "sweep.toml", cwd=desk).returncode == 0
    before = kept(desk)
    sweep.write_text(GRID)
    done = run("sweep", "sweep.toml", cwd=desk)
    assert f"cells: 6 of {CELLS}" in done.stderr
    assert before.items() <= kept(desk).items()


@pytest.mark.parametrize(("lang", "word"), [("en", "Every replay"), ("zh", "全部回放")])
def test_the_page_and_the_table_are_in_the_language_asked_for(whole: Path, lang: str, word: str) -> None:
    done = run("sweep", "sweep.toml", "--lang", lang, cwd=whole.parent)
    assert done.returncode == 0
    assert f"<h2>{word}</h2>" in (whole / "sweep.html").read_text()
    assert {"en": "P95 wait", "zh": "等待 P95"}[lang] in done.stdout


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        (("log.parquet", "nothing.parquet"), "nothing.parquet"),
        (("fleet.toml", "nowhere.toml"), "nowhere.toml"),
        (("fifo/first", "fifo/fristt"), "did you mean 'first'"),
        (("seeds", "seed"), "possible are log"),
        (("relax", "from = 2027-01-01\nrelax"), "the log's period is"),
    ],
)
def test_a_mistake_in_the_sweep_file_is_one_sentence(desk: Path, change: tuple[str, str], hint: str) -> None:
    (desk / "sweep.toml").write_text(GRID.replace(*change))
    done = run("sweep", "sweep.toml", cwd=desk)
    assert done.returncode == 2
    said = [line for line in done.stderr.splitlines() if line.startswith("headrace: ")]
    assert len(said) == 1
    assert hint in said[0]
    assert "Traceback" not in done.stderr


def test_a_log_that_changed_is_another_log(desk: Path) -> None:
    sweep = GRID.replace('"fair+easy/fgd", "fifo/random", "oracle:smallest/best"', "").replace("[1, 2]", "[1]")
    (desk / "sweep.toml").write_text(sweep.replace('[[], ["partition"]]', "[[]]"))
    assert run("sweep", "sweep.toml", cwd=desk).returncode == 0
    frame = pl.read_parquet(desk / "log.parquet")
    frame.head(frame.height - 1).write_parquet(desk / "log.parquet")
    assert run("sweep", "sweep.toml", cwd=desk).returncode == 0
    assert len(kept(desk)) == 2
    assert pl.read_parquet(desk / "sweep" / "sweep.parquet").height == 1
