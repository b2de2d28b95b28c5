"""The loop: a turn each interval, and at once when something may have changed, in a thread of its own."""

from __future__ import annotations

import gc
import threading
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from headrace.serve.serving import Serving

LEAST_S: Final = 0.02
"""Between two turns, however often the bell rings."""
LONGEST_S: Final = 30.0
"""Between two turns that go wrong."""


class Loop:
    """Turns of `serving` until `stop`."""

    def __init__(self, serving: Serving) -> None:
        self._serving, self._interval = serving, float(serving.settings.interval_s)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="loop", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, patience_s: float) -> None:
        """Let the turn that runs end, and run no more; return after `patience_s` at the latest."""
        self._stopping.set()
        self._serving.opened.wake()
        self._thread.join(patience_s)

    def _run(self) -> None:
        wrong = 0
        self._serving.turn()
        gc.freeze()  # what is loaded by now stays: to look through all of it for garbage takes some 200 ms, each time
        while not self._stopping.is_set():
            wrong = 0 if self._serving.turn() else wrong + 1
            if wrong:
                self._stopping.wait(min(LONGEST_S, self._interval * 2 ** min(wrong - 1, 20)))
            else:
                time.sleep(min(LEAST_S, self._interval))
                self._serving.opened.wait(self._interval)
