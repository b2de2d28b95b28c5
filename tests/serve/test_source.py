"""What the page is made of is made once for all who may see the same, and no later than it should be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.live.hand import ask, node
from tests.serve.test_serving import serving_over

from headrace.live.engines.fake import FakeEngine
from headrace.live.engines.local.watch import wall_ms
from headrace.report.words import load
from headrace.serve.endings import endings
from headrace.serve.page.render import parts
from headrace.serve.shapes import Me
from headrace.serve.so_far import classes_so_far
from headrace.serve.source import Shown
from headrace.units import HOUR_MS, MILLI, MINUTE_MS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from headrace.serve.serving import Serving

EN = load("en")


def me(name: str, tenant: str | None = None) -> Me:
    return Me(name=name, role="tenant" if tenant else "operator", tenant=tenant)


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    """Eight chips, of which a job of a holds six; jobs of a and b wait for four."""
    engine = FakeEngine([node("n1", 8)], wall_ms() - HOUR_MS)
    engine.arrive(ask("1", 6, tenant="a", submit=engine.at, limit=3 * HOUR_MS), 2 * HOUR_MS)
    found = serving_over(engine, tmp_path)
    assert found.turn()
    assert found.turn()
    engine.until(wall_ms())
    for job, tenant in (("2", "a"), ("3", "b"), ("4", "b")):
        engine.arrive(ask(job, 4, tenant=tenant, submit=engine.at))
    assert found.turn()
    yield found
    found.close()


def test_who_may_see_the_same_sees_the_same_view_and_is_called_by_name(serving: Serving) -> None:
    """Two people of one tenant, and one of another, who sees no job of theirs."""
    shown = Shown(serving)
    one, other, third = (shown.view(who, EN) for who in (me("x", "a"), me("y", "a"), me("z", "b")))
    assert (one.me.name, other.me.name) == ("x", "y")
    assert one.stamp == other.stamp != third.stamp
    assert parts(one, EN) is parts(other, EN)
    assert [waiting.job.job for waiting in one.waiting] == ["2"]
    assert [waiting.job.job for waiting in third.waiting] == ["3", "4"]
    assert [tenant.name for tenant in third.tenants.items] == ["b"]
    assert (one.queue, third.queue, shown.view(me("op"), EN).queue) == (1, 2, 3)


def test_a_view_does_not_outlive_what_happens(serving: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor a second in which nothing does; in another language it is another."""
    monkeypatch.setattr("headrace.serve.source.MOST_BUSY", 1e9)
    shown, who = Shown(serving), me("x", "a")
    first = shown.view(who, EN)
    assert shown.view(who, load("zh")).stamp != first.stamp
    serving.bulletin.post(1, "round", "something happened")
    second = shown.view(who, EN)
    assert second.stamp != first.stamp
    monkeypatch.setattr("headrace.serve.source.time.monotonic", lambda: 1e12)
    assert shown.view(who, EN).stamp != second.stamp


def test_views_that_take_long_stand_longer(serving: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    """However much happens, making them takes a share of a core and no more."""
    monkeypatch.setattr("headrace.serve.source.MOST_BUSY", 1e-9)
    shown = Shown(serving)
    first = shown.view(me("x", "a"), EN)
    serving.bulletin.post(1, "round", "something happened")
    assert shown.view(me("x", "a"), EN).stamp == first.stamp


def test_chips_come_free_when_what_runs_reaches_its_limit(serving: Serving) -> None:
    """Four are wanted and two are free: when the job ends. What is free already needs no waiting."""
    with serving.still() as desk:
        ends = endings(desk)
        may = desk.tables.state.pools[0]
        limit = desk.jobs["1"].start + 3 * HOUR_MS
        assert ends.when(may, 2 * MILLI, 4 * MILLI) == ends.when(may, 2 * MILLI, 8 * MILLI) == limit
        assert ends.when(may, 2 * MILLI, 2 * MILLI) is None
        assert ends.when(may, 2 * MILLI, 9 * MILLI) is None
        assert ends.when(~may, 0, MILLI) is None


def test_what_still_runs_is_in_the_ledger_until_now(serving: Serving) -> None:
    """Six chips for an hour, though nothing ended."""
    _, classes = classes_so_far(serving, serving.turns.at)
    assert classes is not None
    held = next(one.chip_hours for one in classes if one.cls == "unknown")
    assert held == pytest.approx(6, abs=6 * MINUTE_MS / HOUR_MS)
