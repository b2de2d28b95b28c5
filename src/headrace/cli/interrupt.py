"""Ctrl-C, for certain: if a compiled call swallows one, it is raised again at the next sign of progress."""

from __future__ import annotations

import signal
from threading import Event
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

_pressed = Event()


def listen() -> None:
    """Remember from now on that Ctrl-C was pressed, unless whoever started us had us ignore it."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _press)


def check() -> None:
    """Raise KeyboardInterrupt if Ctrl-C was pressed."""
    if _pressed.is_set():
        raise KeyboardInterrupt


def _press(_number: int, _frame: FrameType | None) -> None:
    _pressed.set()
    raise KeyboardInterrupt
