"""A job list through a whole server is decided alike on SQLite and PostgreSQL; databases go away and come back."""

from __future__ import annotations

import logging
import random
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event
from tests.live.given import Given, from_sample
from tests.live.hand import ask, node, nodes_of
from tests.live.store.conftest import filled_database, filled_file, server

from headrace.live.engine import Status
from headrace.live.engines.fake import FakeEngine
from headrace.live.store.nouns import Page
from headrace.live.store.store import Store
from headrace.serve.engines import Opened
from headrace.serve.serving import Serving
from headrace.serve.settings import Settings
from headrace.units import HOUR_MS, NEVER

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from pathlib import Path

    from tests.live.store.server import Server

__all__ = ["filled_database", "filled_file", "server"]

JOBS, KILLS = 60, 8
EVERYTHING = Page(size=10**6)
POLICIES = ["fair+easy/best", "las+easy/packing"]


@contextmanager
def serving(engine: FakeEngine, url: str, given: Given | None = None, policy: str = POLICIES[0]) -> Iterator[Serving]:
    """A server's engine, store, desk and turns over this database."""
    opened = Opened("fake", engine, given.fleet if given else None, lambda _: False, lambda: None, lambda: None)
    one = Serving(Settings(policy=policy, keep_days=36_500), opened, Store.open(url, patience=100))
    try:
        yield one
    finally:
        one.close()


def played(url: str, policy: str, kills: int = 0) -> tuple[dict[str, object], list[object]]:
    """Every run of a job list, and every order in the store; the server is killed `kills` times on the way."""
    given, chance = from_sample(JOBS, 12), random.Random(4)
    engine = FakeEngine(nodes_of(given.fleet))
    arrivals = list(zip(given.asked, given.workload.work.tolist(), strict=True))
    instants = sorted({asked.submit for asked in given.asked})
    killed = set(chance.sample(instants, kills))
    while instants or engine.next() < NEVER:
        with serving(engine, url, given, policy) as one:
            while instants or engine.next() < NEVER:
                now = min(instants[0] if instants else NEVER, engine.next())
                engine.until(now)
                while arrivals and arrivals[0][0].submit <= now:
                    engine.arrive(*arrivals.pop(0))
                if instants and instants[0] <= now:
                    instants.pop(0)
                assert one.turn(), one.said
                if now in killed:
                    break
            orders = [(i.order, i.job, i.run, i.on, i.made, i.state) for i in one.store.intents(EVERYTHING)]
            assert one.store.verify() is None
    return {name: job.runs for name, job in engine.jobs.items()}, orders


@pytest.mark.parametrize("policy", POLICIES)
def test_a_job_list_is_decided_alike_on_sqlite_and_postgresql(
    server: Server, filled_database: str, tmp_path: Path, policy: str
) -> None:
    """Every start and stop, when and where, and what the store says of it; on PostgreSQL the server is killed again
    and again meanwhile."""
    on_file = played(f"sqlite:///{tmp_path / 'store.db'}", policy)
    on_server = played(server.create(filled_database), policy, KILLS)
    assert len(on_file[0]) == JOBS
    assert on_file == on_server


def test_a_database_that_goes_away_and_comes_back_loses_nothing(
    server: Server, filled_database: str, caplog: pytest.LogCaptureFixture
) -> None:
    """While it is gone nothing is ordered, and that is said once; when it is back, what waits is started, once."""
    engine = FakeEngine([node(chips=2)])
    with serving(engine, server.create(filled_database)) as one, caplog.at_level(logging.INFO, "headrace.serve"):
        engine.arrive(ask("before"), work=HOUR_MS)
        assert one.turn()
        server.stop()
        engine.arrive(ask("meanwhile"), work=HOUR_MS)
        assert [one.turn() for _ in range(3)] == [False] * 3
        assert engine.jobs["meanwhile"].status is Status.WAITING
        server.start()
        assert one.turn()
        assert one.said == ""
        assert [(i.job, i.run) for i in one.store.intents(EVERYTHING)] == [("before", 0), ("meanwhile", 0)]
    assert {name: job.status for name, job in engine.jobs.items()} == dict.fromkeys(engine.jobs, Status.RUNNING)
    assert sum("its server does not answer" in line for line in caplog.messages) == 1


def test_a_database_that_goes_away_between_deciding_and_writing_down_leaves_no_job_behind(
    server: Server, filled_database: str
) -> None:
    """A start that was decided and could not be stored was never told; it is decided again."""
    engine = FakeEngine([node(chips=2)])
    with serving(engine, server.create(filled_database)) as one:
        assert one.turn()
        engine.arrive(ask("a"), work=HOUR_MS)
        intend, one.book.intend = one.book.intend, lambda *_: (server.stop(), intend(*_))[1]  # type: ignore[method-assign]
        assert one.turn() is False
        one.book.intend = intend  # type: ignore[method-assign]
        assert one.turn() is False
        server.start()
        assert one.turn()
        assert engine.jobs["a"].status is Status.RUNNING
        assert len(one.store.intents(EVERYTHING)) == 1


def test_a_full_disk_breaks_turns_off_until_there_is_room(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is ordered that cannot be written down; jobs run on; the log says what to do, once."""
    engine = FakeEngine([node(chips=8)])
    with serving(engine, f"sqlite:///{tmp_path / 'store.db'}") as one, caplog.at_level(logging.INFO, "headrace.serve"):
        assert one.turn()

        def full(connection: sqlite3.Connection, _: object) -> None:
            connection.execute("PRAGMA max_page_count=1")

        event.listen(one.store.database.reader, "connect", full)
        one.store.close()
        for number in range(500):
            engine.arrive(ask(f"j{number}", name="n" * 500), work=HOUR_MS)
        assert [one.turn(), one.turn()] == [False, False]
        assert {job.status for job in engine.jobs.values()} == {Status.WAITING}
        event.remove(one.store.database.reader, "connect", full)
        one.store.close()
        assert one.turn()
        assert sum(job.status is Status.RUNNING for job in engine.jobs.values()) == 8
    assert sum("its disk is full" in line for line in caplog.messages) == 1
