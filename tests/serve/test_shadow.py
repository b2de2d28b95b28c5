"""What shadow mode saw of a fleet that another scheduler runs, and what it says would have been gained."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest
from rich.console import Console
from tests.live.hand import ask
from tests.serve.watching import BEGIN, NODES, Watching
from typer.testing import CliRunner

from headrace.cli.app import app
from headrace.errors import CallError, CheckFailedError
from headrace.live.foreseen import Became
from headrace.policy.policy import parse
from headrace.report.live.shadow import render
from headrace.serve.shadow import seen
from headrace.units import HOUR_MS, MILLI, MINUTE_MS, SECOND_MS, UNKNOWN

if TYPE_CHECKING:
    from pathlib import Path

    from headrace.serve.shadow import Seen

ALL = (UNKNOWN, UNKNOWN)
CUTS = [ALL, (BEGIN + 6 * HOUR_MS, UNKNOWN), (UNKNOWN, BEGIN + 9 * HOUR_MS), (BEGIN + 7 * HOUR_MS, BEGIN + 8 * HOUR_MS)]


def silent(what: str, done: int, of: int) -> None:
    """Progress that nobody looks at."""


def looked_at(watching: Watching, policy: str = "fair+easy/fgd", period: tuple[int, int] = ALL) -> Seen:
    return seen(watching.store, None, parse(policy), SECOND_MS, period, silent)


@pytest.fixture(scope="module")
def half_a_day(tmp_path_factory: pytest.TempPathFactory) -> Watching:
    """Twelve hours of a fleet that is too small for its jobs, run first come, first served."""
    watching = Watching(tmp_path_factory.mktemp("half_a_day"))
    watching.days(0.5, mean_ms=8 * MINUTE_MS)
    return watching


@pytest.mark.parametrize("period", CUTS)
def test_the_policy_that_the_engine_follows_gains_nothing(half_a_day: Watching, period: tuple[int, int]) -> None:
    """Whatever the period is cut out of, with jobs that run and wait at both ends: exactly what happened comes out."""
    gain = looked_at(half_a_day, "fifo/first", period).gain
    assert gain.lasting > 0 or period[1] != UNKNOWN
    assert [(felt.would, felt.started[1]) for felt in gain.felt] == [(felt.was, felt.started[0]) for felt in gain.felt]
    assert gain.would.classes == gain.was.classes
    assert gain.worse == ()
    assert gain.unsure == gain.moved == 0
    was, least, most = gain.allocated
    assert was == least == most


def test_another_policy_has_the_same_jobs_wait_less_and_says_what_is_unsure(half_a_day: Watching) -> None:
    """Both are of the same jobs and the same chips; what is held beyond what happened is held by jobs not yet over."""
    found = looked_at(half_a_day)
    gain, every = found.gain, found.gain.felt[0]
    assert every.would.mean < every.was.mean
    assert every.jobs == sum(felt.jobs for felt in gain.felt[1:]) == len(half_a_day.engine.jobs)
    assert gain.was.paid == gain.would.paid == sum(gain.would.classes.values())
    _, least, most = gain.allocated
    assert least <= most
    assert (most - least) * gain.would.paid == pytest.approx(gain.unsure)
    assert found.foreseen.starts == every.started[0]
    assert found.watched.length == found.watched.end - found.watched.begin


def test_who_would_have_been_worse_off_is_said_by_name(tmp_path: Path) -> None:
    """The engine starts b's many jobs before a's one; by fair shares it is the other way round."""
    watching = Watching(tmp_path, NODES[:1])
    for i in range(12):
        watching.engine.arrive(ask(f"b{i:02}", 8, tenant="b", submit=BEGIN + i), HOUR_MS)
    watching.engine.arrive(ask("z", 8, tenant="a", submit=BEGIN + 100), 2 * HOUR_MS)
    for _ in range(15):
        watching.look(watching.engine.at + HOUR_MS)
        watching.start_first()
    gain = looked_at(watching).gain
    assert [felt.tenant for felt in gain.worse] == ["b"]
    assert gain.felt[1].would.mean < gain.felt[1].was.mean
    assert "Worse off: the jobs of b would have waited" in printed(looked_at(watching), "en")
    assert "会吃亏：b 的作业平均要等" in printed(looked_at(watching), "zh")


def printed(found: Seen, lang: str) -> str:
    console = Console(file=io.StringIO(), width=100)
    render(found.watched, found.foreseen, found.gain, console, lang)
    return console.file.getvalue()  # type: ignore[attr-defined]  # a StringIO


def test_a_job_that_nobody_let_start_is_not_made_up(tmp_path: Path) -> None:
    """What was cancelled while it waited has no length: it is in no figure, and counted."""
    watching = Watching(tmp_path, NODES[:1])
    for job in "ab":
        watching.engine.arrive(ask(job, 8, submit=BEGIN), HOUR_MS)
    watching.look(BEGIN + MINUTE_MS)
    watching.start_first()
    watching.look(BEGIN + 2 * MINUTE_MS)
    watching.engine.cancel("b", "u")
    watching.look(BEGIN + 3 * MINUTE_MS)
    gain = looked_at(watching).gain
    assert (gain.withdrawn, gain.felt[0].jobs, gain.lasting) == (1, 1, 1)
    assert gain.was.paid == 8 * MILLI * (gain.was.end - gain.was.begin)


def test_a_server_that_stood_still_did_not_watch(tmp_path: Path) -> None:
    """Starts of that time are not held against the policy."""
    watching = Watching(tmp_path, NODES[:1])
    watching.look(BEGIN + 5 * MINUTE_MS)
    watching.engine.arrive(ask("a", submit=BEGIN + HOUR_MS), HOUR_MS)
    watching.engine.until(BEGIN + 2 * HOUR_MS)
    watching.start_first()
    watching.engine.until(BEGIN + 3 * HOUR_MS)
    watching.look(BEGIN + 3 * HOUR_MS + 5 * MINUTE_MS)
    found = looked_at(watching)
    assert found.foreseen.became[Became.UNWATCHED] == found.foreseen.starts == 1
    assert found.watched.length < 15 * MINUTE_MS


@pytest.mark.parametrize("period", [(BEGIN + HOUR_MS, BEGIN), (BEGIN + 9 * HOUR_MS * 1000, UNKNOWN)])
def test_a_period_without_time_is_refused(half_a_day: Watching, period: tuple[int, int]) -> None:
    """And when it was watched is said."""
    with pytest.raises(CallError, match="it was watched from 2024-10-04"):
        looked_at(half_a_day, period=period)


def test_a_period_is_cut_to_what_was_watched(half_a_day: Watching) -> None:
    """Before and after it nothing is known of what ran."""
    whole = looked_at(half_a_day).watched
    assert looked_at(half_a_day, period=(0, BEGIN * 2)).watched == whole


def test_where_nothing_was_watched_there_is_nothing_to_tell(tmp_path: Path) -> None:
    """A store in which no shadow ever wrote."""
    with pytest.raises(CheckFailedError, match="nothing was watched yet"):
        looked_at(Watching(tmp_path))


@pytest.mark.parametrize(("lang", "word"), [("en", "What shadow mode saw"), ("zh", "影子模式所见")])
def test_the_verb_prints_it_in_both_languages(half_a_day: Watching, tmp_path: Path, lang: str, word: str) -> None:
    """From the store that the settings name, without a server."""
    config = tmp_path / "headrace.toml"
    store = half_a_day.store.database.where
    config.write_text(f'engine = "slurm"\nstore = "{store}"\naudit_key = "key"\n', encoding="utf-8")
    asked = ["shadow", "--config", str(config)]
    ended = CliRunner().invoke(app, [*asked, "--lang", lang])
    assert ended.exit_code == 0, ended.output
    assert word in ended.stdout
    assert "fair+easy/fgd" in ended.stdout
    told = CliRunner().invoke(app, [*asked, "--policy", "fifo/first", "--from", "2024-10-04T06:00Z", "--json"])
    figures = json.loads(told.stdout)
    assert figures["begin_ms"] == BEGIN + 6 * HOUR_MS
    assert figures["all"]["was"] == figures["all"]["would"]
    assert {one["tenant"] for one in figures["tenants"]} == set("abcd")
