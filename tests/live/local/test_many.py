"""Ten thousand folders of jobs that are over: nobody reads them again, and in time they go."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.live.local.conftest import leave
from tests.live.local.lab import QUICK, Lab, machine

from headrace.live.engine import Start, Status
from headrace.live.engines.local import engine as engines
from headrace.live.engines.local import job as jobs
from headrace.live.engines.local.engine import LocalEngine
from headrace.units import DAY_MS, SECOND_MS

if TYPE_CHECKING:
    from pathlib import Path

MANY = 10_000


def bury(lab: Lab, many: int) -> None:
    """Make folders of jobs 2 to `many` that ended a second apart, long ago, after the one that did end."""
    lab.finish("true")
    first = lab.engine.folder("1")
    lab.engine.close()
    files = [path.relative_to(first) for path in first.rglob("*.json")]
    for number in range(2, many + 1):
        folder = first.with_name(str(number))
        (folder / "runs" / "0").mkdir(parents=True)
        for file in files:
            os.link(first / file, folder / file)
        os.utime(folder, (number, number))
    os.utime(first, (1, 1))


def test_old_jobs_are_counted_and_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that ended within `recent` of the last are read, once; the next number counts on from all of them."""
    lab = Lab(tmp_path)
    bury(lab, MANY)
    read = list[str]()
    real = jobs.read_whole
    monkeypatch.setattr(jobs, "read_whole", lambda path: read.append(str(path)) or real(path))
    monkeypatch.setattr(engines, "read_whole", lambda path: read.append(str(path)) or real(path))
    lab.engine = LocalEngine(machine(), lab.state, replace(QUICK, recent=9 * SECOND_MS, keep=10**15))
    assert sum(path.endswith("asked.json") for path in read) == 10
    read.clear()
    assert len(lab.engine.observe().jobs) == 10
    assert read == []
    assert lab.submit("true") == str(MANY + 1)
    leave(lab)


@pytest.mark.parametrize("settings", [replace(QUICK, keep_jobs=5, keep=10**15), replace(QUICK, keep=DAY_MS)])
def test_jobs_that_are_too_many_or_too_old_go_but_never_the_newest(tmp_path: Path, settings: object) -> None:
    """A few at a time; the newest number stays, so that no number is given twice."""
    lab = Lab(tmp_path, settings=settings)  # type: ignore[arg-type]
    bury(lab, 30)
    lab.engine = LocalEngine(machine(), lab.state, settings)  # type: ignore[arg-type]
    for _ in range(5):
        lab.engine.observe()
    kept = sorted(int(name) for name in os.listdir(lab.state / "ended"))
    assert kept == [26, 27, 28, 29, 30] or kept == [30]
    lab.again()
    assert lab.submit("true") == "31"
    leave(lab)


def test_a_removal_that_was_cut_short_is_finished_by_the_next_headrace(tmp_path: Path) -> None:
    """What is in the trash is nobody's any more."""
    lab = Lab(tmp_path)
    (lab.state / "trash" / "17" / "runs").mkdir(parents=True)
    lab.again()
    assert os.listdir(lab.state / "trash") == []
    assert lab.submit("true") == "1"
    leave(lab)


def test_what_was_half_written_when_headrace_was_killed_is_swept_away(tmp_path: Path) -> None:
    """Neither half a job nor half a claim is a job or a claim."""
    lab = Lab(tmp_path)
    job = lab.submit("true")
    (lab.state / "live" / ".2.part" / "runs").mkdir(parents=True)
    (lab.engine.folder(job) / "runs" / ".0.99.part").mkdir()
    (lab.engine.folder(job) / "runs" / "0").mkdir()
    lab.again()
    assert sorted(os.listdir(lab.state / "live")) == ["1"]
    assert lab.see(job).status == Status.WAITING
    assert lab.engine.act([Start("k", job, 0, (("n0", 1),))])[0].taken
    lab.end_of(job)
    leave(lab)
