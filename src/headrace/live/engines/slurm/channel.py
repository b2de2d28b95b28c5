"""One scontrol that lives long, fed on its stdin: a process an order is ten times slower.

    order 7            update JobId=12 Partition=run ...      (nothing is said where it worked)
    fence 7            x5f2c-7                                 invalid keyword: x5f2c-7      <- order 7 is done

scontrol says nothing of an order that worked, and holds back what it prints to a pipe. What it says of an error is not
held back, so each order is followed by a word that it does not know: its complaint tells that the order is done.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import subprocess
import time
import uuid
from typing import TYPE_CHECKING, Final

from headrace.errors import EngineError
from headrace.live.engines.slurm.tools import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headrace.live.engines.slurm.tools import Tools

AT_ONCE: Final = 64
"""Orders written before their answers are read: fewer bytes than a pipe holds, or both sides would wait."""
LONGEST: Final = 16_000
"""Bytes of one order."""
TIRED: Final = 50_000
"""Orders after which a new scontrol is started: readline keeps every line that it has read."""
AWAY: Final = (
    *("Unable to contact slurm controller", "Unexpected message received", "Socket timed out", "Zero Bytes"),
    *("Connection refused", "Communication connection failure", "Transport endpoint", "Incompatible versions"),
)
"""What is said of an order that did not reach slurmctld."""


class Channel:
    """Hands in orders, each a line, and matches what is said to them. It starts scontrol when it first needs it."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._process: subprocess.Popen[bytes] | None = None
        self._word, self._orders, self._heard = "", 0, b""

    def tell(self, orders: Sequence[str]) -> list[str]:
        """What is said of each order: "" where it was done. EngineError where they cannot be told; some may be done."""
        said: list[str] = []
        for at in range(0, len(orders), AT_ONCE):
            said += self._tell_some(orders[at : at + AT_ONCE])
        return said

    def close(self) -> None:
        """End scontrol."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stderr):
            with contextlib.suppress(OSError):
                pipe.close()  # type: ignore[union-attr]

    def _tell_some(self, orders: Sequence[str]) -> list[str]:
        """As `tell`. Where scontrol dies a new one is asked for the rest, once: an order done twice does no harm."""
        said = self._try(orders)
        if len(said) < len(orders):
            said += self._try(orders[len(said) :])
        if len(said) < len(orders):
            raise EngineError("scontrol ends as soon as it is given an order; does `scontrol ping` work?")
        return said

    def _try(self, orders: Sequence[str]) -> list[str]:
        """What is said of the orders up to the one at which scontrol died."""
        process = self._ready()
        first, self._orders = self._orders, self._orders + len(orders)
        lines = (f"{_checked(order)}\n{self._word}-{first + i}\n" for i, order in enumerate(orders))
        try:
            process.stdin.write("".join(lines).encode())  # type: ignore[union-attr]
            process.stdin.flush()  # type: ignore[union-attr]
        except OSError:
            self.close()
            return []
        return self._answers(process, first, len(orders))

    def _ready(self) -> subprocess.Popen[bytes]:
        if self._process is not None and (self._process.poll() is not None or self._orders >= TIRED):
            self.close()
        if self._process is None:
            self._process = self._started()
            self._word, self._orders, self._heard = f"x{uuid.uuid4().hex[:12]}", 0, b""
        return self._process

    def _started(self) -> subprocess.Popen[bytes]:
        name, pipe = self._tools.command("scontrol"), subprocess.PIPE
        environment = self._tools.environment() | {"INPUTRC": os.devnull, "TERM": "dumb"}
        try:
            return subprocess.Popen([name], stdin=pipe, stdout=subprocess.DEVNULL, stderr=pipe, env=environment)
        except OSError as error:
            raise EngineError(f"{name} cannot be run ({error.strerror}); is slurm-client there?") from None

    def _answers(self, process: subprocess.Popen[bytes], first: int, count: int) -> list[str]:
        said: list[str] = []
        lines: list[str] = []
        last = time.monotonic() + self._tools.wait
        while len(said) < count:
            line = self._line(process, last)
            if line is None:
                self.close()
                break
            if f"{self._word}-{first + len(said)}" in line:
                said.append("; ".join(lines))
                lines, last = [], time.monotonic() + self._tools.wait
            elif line:
                self._still_there(line)
                lines.append(line)
        return said

    def _line(self, process: subprocess.Popen[bytes], last: float) -> str | None:
        """The next line that scontrol says; null at its end. EngineError where it comes too late."""
        while b"\n" not in self._heard:
            with selectors.DefaultSelector() as selector:
                selector.register(process.stderr, selectors.EVENT_READ)  # type: ignore[arg-type]
                if not selector.select(max(0.0, last - time.monotonic())):
                    self.close()
                    raise EngineError(
                        f"scontrol did not answer an order within {self._tools.wait:g} s; is slurmctld up?"
                    )
            read = os.read(process.stderr.fileno(), 65536)  # type: ignore[union-attr]
            if not read:
                return None
            self._heard += read
        line, _, self._heard = self._heard.partition(b"\n")
        return shown(line.decode(errors="replace"))[:500]

    def _still_there(self, line: str) -> None:
        """Every further order would wait for slurmctld as long as this one did."""
        if any(words in line for words in AWAY):
            self.close()
            raise EngineError(f"slurmctld was not reached with an order ({line[:200]}); `scontrol ping` says who is up")


def _checked(order: str) -> str:
    """`order`, which must be one line of printable ASCII: the last gate before scontrol, whatever came before it."""
    if not order.isascii() or not order.isprintable() or len(order) > LONGEST:
        raise EngineError(f"an order to scontrol would not be one plain line: {shown(order)[:80]}")
    return order
