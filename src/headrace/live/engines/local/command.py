"""Starts a run's command so that nobody can doubt whether it ran: it waits for a word before it becomes the command.

    keeper                         child
      fork ───────────────────────> own session, limits, waits
      started.json is written
      "go" ───────────────────────> becomes the command
      (killed before "go") ───────> sees the pipe close, ends

So where there is no started.json the command has not run, and may be started.
"""

from __future__ import annotations

import os
import resource
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NoReturn

if TYPE_CHECKING:
    from collections.abc import Mapping

GO: Final = b"!"
NOT_FOUND: Final = 127
NOT_RUN: Final = 126
NO_PLACE: Final = 125


@dataclass(frozen=True)
class Held:
    """A child that waits for its word; `out` and `err` are where its output arrives."""

    pid: int
    word: int
    out: int
    err: int

    def go(self) -> None:
        """Let it become the command."""
        os.write(self.word, GO)
        os.close(self.word)


def hold(order: Mapping[str, Any]) -> Held:
    """Fork the child of `order`: up to the point from which it is the command. Raises OSError."""
    word_read, word = os.pipe()
    out, out_write = os.pipe()
    err, err_write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(word)
        _become(order, word_read, out_write, err_write)
    for fd in (word_read, out_write, err_write):
        os.close(fd)
    return Held(pid, word, out, err)


def _become(order: Mapping[str, Any], word: int, out: int, err: int) -> NoReturn:
    code = NOT_RUN
    try:
        os.setsid()
        _streams(out, err)
        _limits(order)
        if os.read(word, 1) != GO:
            os._exit(code)
        code = NO_PLACE
        os.chdir(order["directory"])
        code = NOT_RUN
        os.execvpe(order["command"][0], order["command"], order["environment"])
    except FileNotFoundError as error:
        code = code if code == NO_PLACE else NOT_FOUND
        _say(error)
    except (OSError, ValueError) as error:
        _say(error)
    finally:
        os._exit(code)


def _streams(out: int, err: int) -> None:
    null = os.open(os.devnull, os.O_RDONLY)
    for fd, place in ((null, 0), (out, 1), (err, 2)):
        os.dup2(fd, place)


def _limits(order: Mapping[str, Any]) -> None:
    """What Python changed is as any program expects it; then the order's own limits."""
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGCHLD, signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    if order["nice"]:
        os.nice(order["nice"])
    if order["memory_bytes"]:
        resource.setrlimit(resource.RLIMIT_AS, (order["memory_bytes"], order["memory_bytes"]))


def _say(error: Exception) -> None:
    os.write(2, f"[headrace] the command could not be started: {error}\n".encode(errors="surrogateescape"))
