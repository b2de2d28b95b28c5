"""Turns whatever happens: engines that are blind, stores that are locked, leases that others hold, shadows."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from headrace.live.engine import Asked, NodeSeen, Status
from headrace.live.engines.fake import FakeEngine
from headrace.live.engines.local.watch import wall_ms
from headrace.live.store.nouns import Page
from headrace.live.store.store import Store
from headrace.live.watchdog import read_lease
from headrace.serve.bulletin import Bulletin
from headrace.serve.engines import Opened
from headrace.serve.holder import holder, is_dead
from headrace.serve.serving import Serving
from headrace.serve.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

NODE = NodeSeen("n1", "H20", "main", 8, 96_000, 2**20, up=True)


def serving_over(engine: FakeEngine, folder: Path, settings: Settings | None = None, patience: int = 100) -> Serving:
    opened = Opened("fake", engine, None, lambda _: False, lambda: None, lambda: None)
    store = Store.open(f"sqlite:///{folder / 'headrace.db'}", patience=patience)
    return Serving(settings or Settings(), opened, store, folder / "lease.json")


def asked(job: str) -> Asked:
    return Asked(job, "a", "u", 1, 1, 8, 1000, 0, 0)


def test_a_blind_engine_is_told_of_and_looked_at_again(tmp_path: Path) -> None:
    """A turn that cannot see does nothing; the next one that can goes on; the lease file is renewed by that alone."""
    engine = FakeEngine([NODE], wall_ms())
    engine.arrive(asked("1"))
    serving = serving_over(engine, tmp_path)
    engine.mischief.blind = 1
    assert serving.turn() is False
    assert serving.said
    assert read_lease(tmp_path / "lease.json") is None
    assert serving.turn() is True
    assert serving.said == ""
    assert read_lease(tmp_path / "lease.json") is not None
    kept = serving.store.job("1")
    assert kept is not None
    serving.close()


def test_a_locked_store_breaks_a_turn_off_and_nothing_is_ordered(tmp_path: Path) -> None:
    """What cannot be written down is not done; once the lock is gone, it is, once."""
    engine = FakeEngine([NODE], wall_ms())
    serving = serving_over(engine, tmp_path)
    assert serving.turn() is True
    engine.arrive(asked("1"))
    with sqlite3.connect(tmp_path / "headrace.db", isolation_level=None) as db:
        db.execute("begin immediate")
        assert serving.turn() is False
        assert "locked" in serving.said
        assert [seen.status for seen in engine.observe().jobs] == [Status.WAITING]
        db.execute("rollback")
    db.close()
    assert serving.turn() is True
    assert len(serving.store.intents(Page())) == 1
    serving.close()


def test_only_one_server_acts(tmp_path: Path) -> None:
    """A second one waits until the first gives the lease back."""
    engine = FakeEngine([NODE], wall_ms())
    first, second = serving_over(engine, tmp_path), serving_over(engine, tmp_path)
    second.holding.name += "0"
    assert first.turn() is True
    second_alive = is_dead(second.holding.name)
    assert second_alive
    first.holding.name = "elsewhere/boot/pid:[1]/1/1"
    first.store.drop_lease(holder(), wall_ms())
    first.holding.held = None
    assert first.turn() is True
    assert second.turn() is False
    assert "another server holds the lease" in second.said
    first.close()
    assert second.turn() is True
    second.close()


def test_a_dead_process_of_this_machine_holds_nothing(tmp_path: Path) -> None:
    """A server that was killed and begins anew need not wait for its own old lease."""
    engine = FakeEngine([NODE], wall_ms())
    serving = serving_over(engine, tmp_path)
    dead = holder().rpartition("/")[0] + "/1"
    assert serving.store.take_lease(dead, wall_ms(), 60_000) is not None
    assert serving.turn() is True
    serving.close()


def test_a_shadow_proposes_once_and_never_acts(tmp_path: Path) -> None:
    """The engine is told nothing, no lease is taken, and what would have been started is kept."""
    engine = FakeEngine([NODE], wall_ms())
    engine.arrive(asked("1"))
    serving = serving_over(engine, tmp_path, Settings(shadow=True))
    for _ in range(3):
        assert serving.turn() is True
    assert [(one.job, one.run) for one in serving.store.proposals(Page())] == [("1", 0)]
    assert [seen.status for seen in engine.observe().jobs] == [Status.WAITING]
    assert serving.store.lease() is None
    assert not (tmp_path / "lease.json").exists()
    serving.close()


def test_a_job_that_vanished_while_nobody_looked_is_ended(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What the store had alive and the engine lists no more ended in a way that nobody knows; the log says of which."""
    engine = FakeEngine([NODE], wall_ms())
    engine.arrive(asked("1"), work=10**9)
    first = serving_over(engine, tmp_path)
    assert first.turn() is True
    first.close()
    engine.mischief.hide.add("1")
    second = serving_over(engine, tmp_path)
    with caplog.at_level("INFO", "headrace.serve"):
        assert second.turn() is True
    assert "job 1 ran and the engine lists it no more" in caplog.messages
    kept = second.store.job("1")
    assert kept is not None
    assert kept.job.status is Status.ENDED
    second.close()


@pytest.mark.parametrize("kept", [0, 3, 6000])
def test_a_listener_gets_everything_after_what_it_saw(kept: int) -> None:
    """In order, without gap; one that has come too late is known to have."""
    board = Bulletin(1)
    seen = board.last
    for i in range(kept):
        board.post(i, "ended", str(i))
    after = board.after(seen)
    assert [one.said for one in after] == [str(i) for i in range(max(0, kept - 5000), kept)]
    assert board.misses(seen) is (kept > 5000)
    assert board.misses(board.last) is False
    assert board.misses(board.last + 1) is True
    assert board.after(board.last) == []
