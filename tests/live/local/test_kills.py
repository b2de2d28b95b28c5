"""Nothing lost, nothing twice: Headrace is killed 200 times at moments that chance chooses, on real processes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.live.local.lab import machine

from headrace.live.engine import Status
from headrace.live.engines.local.engine import LocalEngine
from headrace.world.record import Outcome

if TYPE_CHECKING:
    from headrace.live.engine import JobSeen

ROOT = Path(__file__).resolve().parents[3]


def lives(folder: Path, jobs: int, deaths: int, chips: int, *more: str) -> int:
    """Let Headrace live and die; how many of the deaths were at work."""
    call = [sys.executable, "-m", "tests.live.local.lives", *map(str, (folder, jobs, deaths, chips, 7)), *more]
    done = subprocess.run(call, cwd=ROOT, capture_output=True, text=True, check=False, timeout=900)
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


def ended(folder: Path, chips: int) -> list[JobSeen]:
    """All jobs, as one more Headrace finds them."""
    engine = LocalEngine(machine(chips=chips), folder / "state")
    jobs = engine.observe().jobs
    engine.close()
    return list(jobs)


def lines(file: Path) -> list[str]:
    """What jobs have appended."""
    return file.read_text().split() if file.exists() else []


def test_every_job_runs_exactly_once_though_headrace_is_killed_200_times(tmp_path: Path) -> None:
    """Each of 400 jobs begins once and completes once, as run 0; no two ever hold one chip."""
    assert lives(tmp_path, 400, 200, 6) >= 150
    jobs = ended(tmp_path, 6)
    assert sorted(job.asked.name for job in jobs) == sorted(map(str, range(400)))
    assert {(job.status, job.outcome, job.run) for job in jobs} == {(Status.ENDED, Outcome.COMPLETED, 0)}
    every = sorted(job.asked.job for job in jobs)
    assert sorted(lines(tmp_path / "begun")) == every
    assert sorted(lines(tmp_path / "done")) == every
    assert lines(tmp_path / "clash") == []


def test_no_chip_is_held_twice_though_keepers_are_killed_too(tmp_path: Path) -> None:
    """A lost run is run again, and only when nothing of it lives; each job completes in the end."""
    lives(tmp_path, 80, 60, 3, "keepers")
    jobs = ended(tmp_path, 3)
    assert {(job.status, job.outcome) for job in jobs} == {(Status.ENDED, Outcome.COMPLETED)}
    assert set(lines(tmp_path / "done")) == {job.asked.job for job in jobs}
    assert len(jobs) == 80
    assert lines(tmp_path / "clash") == []
