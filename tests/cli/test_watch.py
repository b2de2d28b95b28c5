"""`headrace jobs --watch`: the queue as it changes, until Ctrl-C, though the server be away for a while."""

from __future__ import annotations

import io
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rich.console import Console
from tests.cli.answering import Canned, answering, problem
from tests.serve.page import views

import headrace
from headrace.cli.client import AbsentError
from headrace.cli.client_address import TOKEN, URL
from headrace.cli.jobs import run
from headrace.cli.watch import watch
from headrace.errors import CallError, ServerError
from headrace.serve.shapes import Jobs

if TYPE_CHECKING:
    from headrace.serve.shapes import Job

FIRST, SECOND = [views.job(1)], [views.job(2), views.job(1)]


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pause between two looks."""
    monkeypatch.setattr("headrace.cli.watch.PAUSE_S", 0)


def shown(*answers: list[Job] | BaseException, terminal: bool = False, lang: str = "en") -> str:
    """What is shown of these answers in turn; Ctrl-C is pressed after the last."""
    left = iter(answers)

    def ask() -> tuple[list[Job], bool]:
        found = next(left, KeyboardInterrupt())
        if isinstance(found, BaseException):
            raise found
        return found, False

    page = io.StringIO()
    watch(ask, Console(file=page, width=160, height=30, force_terminal=terminal, highlight=False), lang)
    return page.getvalue()


def test_elsewhere_than_on_a_terminal_a_table_is_printed_when_it_is_another() -> None:
    """Three looks, of which two differ: two tables. That time passes is no change."""
    said = shown(FIRST, FIRST, SECOND)
    assert said.count("As of") == 2
    assert "\x1b" not in said


def test_on_a_terminal_the_table_stays_in_its_place() -> None:
    """What was shown before is written over, and the last is left behind."""
    said = shown(FIRST, SECOND, terminal=True)
    assert "\x1b[2K" in said
    assert said.count("Ctrl-C") == 3


def test_a_server_that_is_away_is_waited_for() -> None:
    """What was known stays, with the reason; then it goes on."""
    said = shown(FIRST, AbsentError("it cannot be reached"), AbsentError("it cannot be reached"), SECOND)
    assert said.count("it cannot be reached (It is asked again") == 1
    assert said.count("As of") == 3


@pytest.mark.parametrize("answers", [[AbsentError("not there")], [FIRST, ServerError("the token was revoked")]])
def test_a_first_failure_and_a_refusal_end_it(answers: list[list[Job] | BaseException]) -> None:
    """There is nothing to wait for."""
    with pytest.raises(ServerError):
        shown(*answers)


def test_it_is_in_chinese_for_who_asks_so() -> None:
    """The table, and what is said below."""
    assert "按 Ctrl-C 结束" in shown(FIRST, lang="zh")


def test_programs_are_sent_elsewhere() -> None:
    """JSON that is printed anew is neither a document nor a stream."""
    with pytest.raises(CallError, match="/api/v1/events"):
        run(None, None, 50, anew=True, json=True, lang="en")


def test_ctrl_c_ends_it_well_on_a_real_terminal() -> None:
    """Exit code 0 and no traceback, after a server that could not answer for a moment."""
    one = Canned(Jobs(items=FIRST, next=None).model_dump())
    with answering(one, problem(503, "it begins anew"), problem(503, "it begins anew"), one) as (url, _):
        here = {"PYTHONPATH": str(Path(headrace.__file__).parents[1]), URL: url, TOKEN: "t", "COLUMNS": "140"}
        ours, theirs = pty.openpty()
        words = [sys.executable, "-m", "headrace", "jobs", "--watch", "--lang", "en"]
        process = subprocess.Popen(words, env=os.environ | here, stdin=theirs, stdout=theirs, stderr=theirs)
        os.close(theirs)
        said = b""
        while b"As of" not in said:
            said += os.read(ours, 65536)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
        os.close(ours)
    assert b"Traceback" not in said
