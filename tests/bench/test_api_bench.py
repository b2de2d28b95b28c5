"""How long the API takes to answer at 100 requests a second, with 10,000 jobs stored; measured, never asserted."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path

import pytest
from tests.serve.servers import Home, Server, eventually

from headrace.live.engine import Asked, JobSeen, NodeSeen, Status
from headrace.live.store.nouns import Role
from headrace.world.record import Outcome

JOBS, RATE, SECONDS = 10_000, 100, 20
PATHS = ("jobs", "jobs?tenant=t3", "jobs/5000", "jobs/77/why", "nodes", "tenants", "rounds", "me")
WORKERS = 19
HOUR = 3_600_000


def test_answers_at_a_hundred_requests_a_second(tmp_path: Path) -> None:
    """Prints the quantiles of an answer's time, by path and over all."""
    home = Home(tmp_path)
    _fill(home)
    server = home.start()
    with server.operator() as client:
        eventually(lambda: client.get("/healthz").status_code == 200)
        for path in PATHS:
            client.get(f"/api/v1/{path}")
    taken = _load(server, home.token("op", Role.OPERATOR))
    used = _cpu_s(server)
    assert server.stop() == 0
    every = sorted(ms for times in taken.values() for ms in times)
    for path, times in taken.items():
        print(f"{path:20s} {_quantiles(sorted(times))}")
    print(f"the server used {used:.1f} s of a core, its start included")
    print(f"{'all of ' + str(len(every)):20s} {_quantiles(every)}")


pytestmark = pytest.mark.bench


def _fill(home: Home) -> None:
    store, now = home.store(), time.time_ns() // 1_000_000
    store.record(now, [], [NodeSeen(f"main-{n}", "H20", "main", 4, 8000, 8192, True) for n in (1, 2)])
    store.record(now, [_job(number, now) for number in range(JOBS)])
    store.close()
    home.token("op", Role.OPERATOR)


def _job(number: int, now: int) -> JobSeen:
    asked = Asked(str(number), f"t{number % 7}", "user", now - 9 * HOUR, 1, 1, 1000, 0, 0)
    on = (("main-1", 1),)
    return JobSeen(asked, Status.ENDED, 0, on, now - 8 * HOUR, now - 7 * HOUR + number, Outcome.COMPLETED)


def _load(server: Server, token: str) -> dict[str, list[float]]:
    """Requests at their times, over as many connections as are needed; a late answer counts from when it was due."""
    taken: dict[str, list[float]] = {path: [] for path in PATHS}
    begin, headers = time.monotonic() + 1, {"Authorization": f"Bearer {token}"}

    def ask(worker: int) -> None:
        connection = HTTPConnection(server.url.partition("//")[2], timeout=120)
        for i in range(worker, RATE * SECONDS, WORKERS):
            at, path = begin + i / RATE, PATHS[i % len(PATHS)]
            time.sleep(max(0.0, at - time.monotonic()))
            connection.request("GET", f"/api/v1/{path}", headers=headers)
            answer = connection.getresponse()
            answer.read()
            taken[path].append((time.monotonic() - at) * 1000)
            assert answer.status == 200
        connection.close()

    with ThreadPoolExecutor(WORKERS) as workers:
        list(workers.map(ask, range(WORKERS)))
    return taken


def _cpu_s(server: Server) -> float:
    return sum(map(int, Path(f"/proc/{server.process.pid}/stat").read_text().split()[13:15])) / os.sysconf("SC_CLK_TCK")


def _quantiles(times: list[float]) -> str:
    return "  ".join(f"p{q} {times[min(len(times) - 1, len(times) * q // 100)]:.1f} ms" for q in (50, 95, 99))
