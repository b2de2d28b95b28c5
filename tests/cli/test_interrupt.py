"""Ctrl-C is heard, though it be swallowed on its way."""

from __future__ import annotations

import subprocess
import sys

SWALLOWED = """
import contextlib, os, signal
from headrace.cli.interrupt import check, listen
{before}
listen()
with contextlib.suppress(KeyboardInterrupt):
    os.kill(os.getpid(), signal.SIGINT)
    while True:
        {wait}
print("went on")
check()
print("was never told")
"""


def printed(before: str = "", wait: str = "pass") -> list[str]:
    program = SWALLOWED.format(before=before, wait=wait)
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    return ended.stdout.splitlines() + ended.stderr.splitlines()[-1:]


def test_an_interrupt_that_was_swallowed_is_raised_again_at_the_next_sign_of_progress() -> None:
    assert printed() == ["went on", "KeyboardInterrupt"]


def test_who_was_started_to_ignore_it_goes_on_ignoring_it() -> None:
    assert printed("signal.signal(signal.SIGINT, signal.SIG_IGN)", "break") == ["went on", "was never told"]
