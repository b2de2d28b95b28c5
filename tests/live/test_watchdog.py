"""The watchdog's decision, and the lease that it is made on."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.errors import InputError
from headrace.live.watchdog import Lease, read_lease, watchdog, write_lease

if TYPE_CHECKING:
    from pathlib import Path

AGES = st.none() | st.integers(0, 2**62)


@given(age=AGES, limit=st.integers(1, 10**9), is_open=st.booleans())
def test_after_the_move_the_door_is_open_if_and_only_if_nobody_drives(
    age: int | None, limit: int, is_open: bool
) -> None:
    """And a second look leaves it."""
    move = watchdog(age, limit, is_open)
    now_open = {"open": True, "close": False, "leave": is_open}[move]
    assert now_open == (age is None or age > limit)
    assert watchdog(age, limit, now_open) == "leave"


def test_a_lease_as_old_as_the_limit_is_still_good() -> None:
    assert watchdog(300, 300, is_open=False) == "leave"
    assert watchdog(301, 300, is_open=False) == "open"


@given(ahead=st.integers(1, 10**9))
def test_a_lease_from_the_future_is_as_old_as_it_is_ahead(ahead: int) -> None:
    """A clock that jumped back must not keep jobs waiting for ever."""
    assert Lease("a", 10**9 + ahead, 0).age(10**9) == ahead


def test_a_lease_that_was_written_is_read(tmp_path: Path) -> None:
    """Renewed by rename: nothing else stays behind."""
    for renewed in (1, 2):
        write_lease(tmp_path / "lease.json", Lease("ctl:1", renewed, 5))
    assert read_lease(tmp_path / "lease.json") == Lease("ctl:1", 2, 5)
    assert [path.name for path in tmp_path.iterdir()] == ["lease.json"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"holder": "a"}',
        '{"holder": 1, "renewed_at": 1, "until": 1}',
        '{"holder": "a", "renewed_at": true, "until": "x"}',
        "[" * 5000,
    ],
)
def test_what_is_no_lease_is_none(tmp_path: Path, text: str) -> None:
    """A broken file means that nobody drives, and so does none."""
    (tmp_path / "lease.json").write_text(text)
    assert read_lease(tmp_path / "lease.json") is None
    assert read_lease(tmp_path / "nowhere.json") is None


def test_a_lease_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        write_lease(tmp_path / "nowhere" / "lease.json", Lease("a", 1, 2))


def call(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "headrace", "watchdog", "--config", str(folder / "headrace.toml"), *options]
    return subprocess.run(command, capture_output=True, text=True)


def scontrol(folder: Path, state: str) -> str:
    """A made-up scontrol that knows one partition and notes what it is told; the table that names it."""
    script = folder / "scontrol"
    script.write_text(f'#!/bin/sh\necho "$@" >> {folder}/told\necho "PartitionName=front State={state} Default=YES"\n')
    script.chmod(0o755)
    return f'[slurm]\ncommands = "{folder}"\n'


@pytest.mark.parametrize(("lang", "word"), [("en", "opened"), ("zh", "已打开")])
def test_without_a_lease_the_verb_opens_and_says_so(tmp_path: Path, lang: str, word: str) -> None:
    """Exit code 0: it did what it is there for."""
    (tmp_path / "headrace.toml").write_text(scontrol(tmp_path, "DOWN") + '[watchdog]\nlease = "lease.json"\n')
    done = call(tmp_path, "--lang", lang)
    assert (done.returncode, done.stderr) == (0, "")
    assert word in done.stdout
    assert (tmp_path / "told").read_text().splitlines()[-1] == "update PartitionName=front State=UP"


def test_a_dry_run_says_and_does_nothing(tmp_path: Path) -> None:
    (tmp_path / "headrace.toml").write_text(scontrol(tmp_path, "DOWN") + '[watchdog]\nlease = "lease.json"\n')
    assert "opened" in call(tmp_path, "--dry-run", "--lang", "en").stdout
    assert "update" not in (tmp_path / "told").read_text()


def test_where_nothing_is_to_be_done_nothing_is_said(tmp_path: Path) -> None:
    """Cron sends a mail for every word."""
    (tmp_path / "headrace.toml").write_text(scontrol(tmp_path, "UP") + '[watchdog]\nlease = "lease.json"\n')
    done = call(tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has no table [watchdog]"),
        ("[watchdog]\nminutes = 5\n", "[watchdog] lease"),
        ('[watchdog]\nlease = "x"\nminutes = 0\n', "[watchdog] minutes"),
        ('[watchdog]\nlease = "x"\n[slurm]\nfront = "a b"\n', "[slurm] front"),
    ],
)
def test_a_configuration_that_will_not_do_is_one_sentence(tmp_path: Path, text: str, said: str) -> None:
    """Which file, which table, which key."""
    (tmp_path / "headrace.toml").write_text(text)
    done = call(tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_other_tables_of_the_configuration_are_not_its_business(tmp_path: Path) -> None:
    """The server's tables stand in the same file."""
    text = scontrol(tmp_path, "UP") + '[watchdog]\nlease = "lease.json"\n[store]\nurl = "postgresql://x"\n'
    (tmp_path / "headrace.toml").write_text(text)
    assert call(tmp_path).returncode == 0
