"""Killed at any instant, nothing is lost and nothing runs twice: every job runs once, and the ledger sums."""

from __future__ import annotations

import random
import time
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import pytest
from tests.serve.servers import Home, Server, eventually

from headrace.explain.explain import explain
from headrace.history.asked import happened, outages
from headrace.history.fleet_file import read_fleet
from headrace.live.store.job_log import job_log

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

SCRIPT = """
say() { echo "$HEADRACE_NAME $1 $(date +%s%N) $HEADRACE_CHIPS" >> runs; }
say begin; sleep 0.1; say end
"""


def killed(folder: Path, jobs: int, kills: int, seed: int) -> None:
    """Run `jobs` jobs while the server is killed `kills` times; check what they wrote, and what the store says."""
    chance, home = random.Random(seed), Home(folder)
    (folder / "jobs").mkdir()
    server = home.start()
    with server.operator() as client:
        _submit(client, folder, jobs)
    for _ in range(kills):
        time.sleep(chance.uniform(0, 0.5))
        server.kill()
        server = home.start()
    _wait_for_all(server, jobs)
    assert server.stop() == 0
    _check_runs(folder / "jobs" / "runs", jobs)
    _check_store(home, jobs)


def _submit(client: httpx.Client, folder: Path, jobs: int) -> None:
    for number in range(jobs):
        wanted = {"command": ["sh", "-c", SCRIPT], "directory": str(folder / "jobs"), "name": f"job-{number}"}
        answer = client.post("/api/v1/jobs", json=wanted | {"tenant": "b", "chips": 1 + number % 2})
        assert answer.status_code == 201, answer.text


def _wait_for_all(server: Server, jobs: int) -> None:
    with server.operator() as client:

        def over() -> bool:
            counts = Counter[str]()
            for status in ("waiting", "starting", "running"):
                counts[status] = len(client.get("/api/v1/jobs", params={"status": status}).json()["items"])
            return counts.total() == 0

        eventually(over, 60 + jobs)


def _check_runs(runs: Path, jobs: int) -> None:
    """What the jobs themselves wrote: each began and ended once, and no chip was held by two at a time."""
    lines = [line.split() for line in runs.read_text(encoding="utf-8").splitlines()]
    assert Counter((name, what) for name, what, *_ in lines) == Counter(
        {(f"job-{number}", what): 1 for number in range(jobs) for what in ("begin", "end")}
    )
    held: dict[str, str] = {}
    at = defaultdict[str, list[tuple[int, int, str]]](list)
    for name, what, when, chips in lines:
        for chip in chips.split(","):
            at[chip].append((int(when), what == "begin", name))
    for chip, changes in at.items():
        for _, begins, name in sorted(changes):
            assert held.get(chip, "") == ("" if begins else name), f"chip {chip} was held twice"
            held[chip] = name if begins else ""


def _check_store(home: Home, jobs: int) -> None:
    """What the store remembers: one run a job, completed; a ledger that sums, without more chips than there are."""
    store = home.store()
    log, fleet = job_log(store), read_fleet(home.folder / "fleet.toml")
    assert store.verify() is None
    store.close()
    assert log.jobs["job"].n_unique() == len(log.jobs) == jobs
    assert set(log.jobs["state"]) == {"completed"}
    was = happened(log, fleet)
    ledger = explain(fleet, was.workload, was.runs, outages(log, fleet)[0], was.begin, was.end)
    ledger.check()
    assert ledger.overcommit is None


@pytest.mark.gate
def test_killed_twenty_times_every_job_runs_once(tmp_path: Path) -> None:
    """Twenty kills at random points during some hundred jobs of 0.1 s."""
    killed(tmp_path, jobs=150, kills=20, seed=1)


@pytest.mark.gate
def test_killed_two_hundred_times_every_job_runs_once(tmp_path: Path) -> None:
    """Two hundred kills at random points during several hundred jobs."""
    killed(tmp_path, jobs=600, kills=200, seed=2)
