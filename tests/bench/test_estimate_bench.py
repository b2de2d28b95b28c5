"""What an estimate costs in a warm process: one, a hundred thousand at once, and a search."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
import pytest

from headrace.estimate.engines import constants
from headrace.estimate.inference import estimate
from headrace.estimate.known import chip, model
from headrace.estimate.operators import Plan
from headrace.estimate.question import Question, loaded
from headrace.estimate.search import Wanted, search
from headrace.estimate.serving import TPOT, first_token, next_token

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.bench
ASKED = Question(model("Qwen3-32B"), chip("H20"), Plan(tp=2), "fp8_block", 2048.0, 512.0, 16.0, engine="sglang")


def seconds(run: Callable[[], object], times: int) -> float:
    """The least of three rounds, for one."""
    run()
    rounds = []
    for _ in range(3):
        begin = perf_counter()
        for _ in range(times):
            run()
        rounds.append((perf_counter() - begin) / times)
    return min(rounds)


def test_one_estimate() -> None:
    """The tables of a step are made once in a process; reading them is what is measured."""
    print(f"\none estimate: {seconds(lambda: estimate(ASKED), 2000) * 1e6:.0f} us")


def test_a_hundred_thousand_loads_at_once() -> None:
    """TPOT and TTFT of as many loads of one plan, as the search asks for them."""
    running = np.linspace(1, 200, 100_000)
    fitted, _ = constants(ASKED.calibration, ASKED.stack)

    def every() -> None:
        loads = loaded(ASKED, running, running)
        first_token(fitted[TPOT:], loads, next_token(fitted[:TPOT], loads))

    print(f"\nvectorised: {100_000 / seconds(every, 3):,.0f} estimates a second")


@pytest.mark.parametrize(("name", "precision"), [("Llama-3.1-70B", "fp8"), ("DeepSeek-V3", "fp8_block")])
def test_a_search(name: str, precision: str) -> None:
    """Every cut at every load on 32 chips, and on three kinds of 32; warm, and with all tables made anew."""
    wanted = Wanted(model(name), precision, 4096.0, 1024.0, ttft=3.0, tpot=0.05)
    for there in ({"H20": 32}, {"H20": 32, "H100": 32, "H200": 32}):
        kinds = [chip(kind) for kind in there]
        begin = perf_counter()
        search(wanted, kinds, there)
        cold = perf_counter() - begin
        warm = seconds(lambda: search(wanted, kinds, there), 1)  # noqa: B023 - called at once
        print(f"\n{name} on {'+'.join(there)}: {cold:.2f} s, warm {warm:.2f} s")
