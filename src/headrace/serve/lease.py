"""The lease of a server: only who holds it acts; a file that is renewed with it tells the watchdog that it lives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from headrace.live import watchdog
from headrace.live.watchdog import write_lease
from headrace.serve.holder import holder, is_dead

if TYPE_CHECKING:
    from pathlib import Path

    from headrace.live.store.nouns import Lease
    from headrace.live.store.store import Store

PARTS: Final = 3
"""It is renewed when a third of it has passed."""


class Holding:
    """This process's lease, of `length` ms, in `store`; `file` is renewed with it where one is named."""

    def __init__(self, store: Store, length: int, file: Path | None) -> None:
        self.name, self._store, self._length, self._file = holder(), store, length, file
        self.held: Lease | None = None

    def renew(self, at: int) -> Lease | None:
        """The lease, taken or renewed where it is time to; None where another server holds it."""
        if self.held is None or not self.held.renewed <= at < self.held.renewed + self._length // PARTS:
            self.held = self._take(at)
        return self.held

    def _take(self, at: int) -> Lease | None:
        taken = self._store.take_lease(self.name, at, self._length)
        before = None if taken else self._store.lease()
        if before and is_dead(before.holder):
            self._store.drop_lease(before.holder, at)
            taken = self._store.take_lease(self.name, at, self._length)
        return taken

    def show(self, at: int) -> None:
        """Renew the file: its time tells when a turn last went well. Raises InputError where it cannot be written."""
        if self._file is not None:
            write_lease(self._file, watchdog.Lease(self.name, at, at + self._length))

    def drop(self, at: int) -> None:
        """End it now, so that another server need not wait."""
        if self.held:
            self._store.drop_lease(self.name, at)
            self.held = None
