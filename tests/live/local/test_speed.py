"""What the engine costs: to look, to start, and beside the work itself."""

from __future__ import annotations

import math
import sys
import time
from dataclasses import replace
from statistics import median
from typing import TYPE_CHECKING

import pytest
from tests.live.local.conftest import leave
from tests.live.local.lab import QUICK, Lab, asked, machine, start_what_waits, wait
from tests.live.local.test_many import MANY, bury

from headrace.live.engine import Start, Status
from headrace.live.engines.local.engine import LocalEngine

if TYPE_CHECKING:
    from pathlib import Path

LIVE = 300
NODES, CHIPS, JOBS, SECONDS = 6, 8, 300, 2


def say(line: str) -> None:
    """Print a figure."""
    sys.stdout.write(f"\n{line}")


@pytest.mark.bench
def test_what_an_observation_costs(tmp_path: Path) -> None:
    """10,000 ended jobs and 300 that run; wanted: under 20 ms."""
    fleet = machine(nodes=5, chips=60)
    lab = Lab(tmp_path, fleet)
    bury(lab, MANY)
    for recent in (0, 10**12):
        began = time.perf_counter()
        lab.engine = LocalEngine(fleet, lab.state, replace(QUICK, recent=recent, keep=10**15))
        opened = time.perf_counter() - began
        if recent == 0:
            start_many(lab)
        times = [timed(lab.engine.observe) for _ in range(50)]
        told = len(lab.engine.observe().jobs) - LIVE
        say(f"opened in {opened:.2f} s; {told} ended are told of")
        say(f"an observation takes {median(times):.1f} ms, at most {max(times):.1f} ms")
        lab.engine.close()
    lab.engine = LocalEngine(fleet, lab.state, replace(QUICK, recent=0, keep=10**15))
    leave(lab)


def timed(call: object) -> float:
    """Milliseconds of a call."""
    began = time.perf_counter()
    call()  # type: ignore[operator]
    return (time.perf_counter() - began) * 1000


def start_many(lab: Lab) -> None:
    """300 jobs that run for long, and what their starts cost."""
    places = [((f"n{node}", 1 << chip),) for node in range(5) for chip in range(60)]
    names = [lab.submit("exec sleep 600") for _ in places]
    orders = [Start(name, name, 0, on) for name, on in zip(names, places, strict=True)]
    began = time.perf_counter()
    assert all(answer.taken for answer in lab.engine.act(orders))
    acted = time.perf_counter() - began
    wait(lambda: [job.status for job in lab.engine.observe().jobs].count(Status.RUNNING), lambda n: n == LIVE)
    began_all = time.perf_counter() - began
    say(f"{LIVE} starts: ordered in {acted:.2f} s, all run after {began_all:.2f} s: {LIVE / began_all:.0f} a second")


@pytest.mark.bench
def test_what_the_engine_adds_to_short_jobs(tmp_path: Path) -> None:
    """300 jobs of 2 s on 48 chips are seven waves: 14 s if nothing but the jobs took time."""
    lab = Lab(tmp_path, machine(nodes=NODES, chips=CHIPS))
    for _ in range(JOBS):
        lab.engine.submit(asked(), ["sleep", str(SECONDS)], "/", {})
    began = time.perf_counter()
    while any(job.status != Status.ENDED for job in start_what_waits(lab.engine).jobs):
        lab.engine.wait(1)
    took = time.perf_counter() - began
    least = math.ceil(JOBS / (NODES * CHIPS)) * SECONDS
    say(f"{JOBS} jobs of {SECONDS} s on {NODES * CHIPS} chips: {took:.2f} s, {took / least:.3f} of the least possible")
    leave(lab)
