"""How the time of a replay grows with the number of jobs: seconds, and the slope of log time on log jobs."""

from __future__ import annotations

import time
from math import log

import numpy as np
import pytest

from headrace.history.asked import asked, outages
from headrace.history.sample import draw
from headrace.policy.policy import parse
from headrace.replay.replay import replay

SIZES = (5_000, 20_000, 80_000)


@pytest.mark.bench
@pytest.mark.parametrize("policy", ["fifo/first", "fair+easy/fgd", "oracle:smallest/best"])
def test_the_time_of_a_replay_by_jobs(policy: str) -> None:
    seconds = []
    for jobs in SIZES:
        drawn = draw(np.random.default_rng(1), jobs=jobs)
        workload, (out, _) = asked(drawn.log, drawn.fleet).workload, outages(drawn.log, drawn.fleet)
        began = time.perf_counter()
        replay(drawn.fleet, workload, parse(policy), out)
        seconds.append(time.perf_counter() - began)
    slope = np.polyfit([log(size) for size in SIZES], [log(took) for took in seconds], 1)[0]
    times = ", ".join(f"{size:,} jobs {took:.2f} s" for size, took in zip(SIZES, seconds, strict=True))
    print(f"\n{policy:24} {times}; slope {slope:.2f}")
