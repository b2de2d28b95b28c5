"""The fleet as it is served: engine, store, desk and turns in one hand, and a lock: rounds and questions meet here.

    turn()   lease -> look, decide, write down, tell (headrace.live.turn) -> note the round, say what happened

What is known of the fleet is made anew, from the store and the engine, with the first turn and after each that broke
off: not before, for until then another server may act, or the store may be gone.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from headrace.errors import EngineError, HeadraceError
from headrace.live.desk import Desk
from headrace.live.engines.local.watch import wall_ms
from headrace.live.event import What
from headrace.live.memory import NOTHING
from headrace.live.recall import remember
from headrace.live.shadow import ShadowTurns
from headrace.live.store.nouns import RoundKept
from headrace.live.turn import Turns
from headrace.serve.book import Book
from headrace.serve.bulletin import Bulletin
from headrace.serve.lease import Holding
from headrace.serve.metrics import Metrics
from headrace.serve.settings import policy
from headrace.units import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS
from headrace.world.fits import FITS
from headrace.world.plan import STEPS, Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from headrace.live.engine import JobSeen, Start, Stop
    from headrace.live.memory import Memory
    from headrace.live.store.store import Store
    from headrace.live.turn import Turned
    from headrace.serve.engines import Opened
    from headrace.serve.settings import Settings

T = TypeVar("T")
LOG: Final = logging.getLogger("headrace.serve")
PATIENCE_S: Final = 5.0
"""How long a question waits for a turn to end."""
ENGINE: Final = "engine"
"""Why an order was refused that the round had accepted: the engine did not take it."""


FIRST_LOOK: Final = (What.NODE_NEW, What.SUBMITTED, What.ADOPTED, What.DECIDED, What.STARTED, What.ENDED)
"""What every job and node is found to be when nothing is known yet."""


class BusyError(HeadraceError):
    """A turn lasts longer than who asks can wait."""


class Serving:
    """Everything that the loop and the API share. `folder` is where paths of the settings begin."""

    def __init__(self, settings: Settings, opened: Opened, store: Store, lease_file: Path | None = None) -> None:
        self.settings, self.opened, self.engine, self.store = settings, opened, opened.engine, store
        self.policy = policy(settings)
        self.book = Book(store, getattr(opened.engine, "recall", lambda _: None))
        self.holding = Holding(store, round(settings.lease_s * SECOND_MS), lease_file)
        self.bulletin, self.metrics = Bulletin(wall_ms()), Metrics()
        self.turns: Turns | ShadowTurns = self._begin(NOTHING)
        self._stale = True
        """What is known is to be made anew before the next turn."""
        self.fresh, self.turned, self.said = True, 0, "no turn has ended yet"
        self._lock, self._making = threading.Lock(), threading.Lock()
        self._noted, self._forgot = 0, 0
        self._used: dict[str, int] = {}
        self._used_noted: dict[str, int] = {}
        self._remembered: dict[str, tuple[int, Any]] = {}
        self.listeners, self.stopping = 0, False

    @property
    def desk(self) -> Desk:
        """What is known of the fleet; to be read inside `still()`."""
        return self.turns.desk

    @contextmanager
    def still(self) -> Iterator[Desk]:
        """The desk between two turns. Raises BusyError where a turn lasts too long."""
        if not self._lock.acquire(timeout=PATIENCE_S):
            raise BusyError("a turn has lasted for some seconds now; ask again")
        try:
            yield self.desk
        finally:
            self._lock.release()

    def turn(self) -> bool:
        """One turn; whether it went well. What went wrong is logged, and nothing is taken for known after it."""
        at, began = wall_ms(), time.monotonic()
        try:
            with self._lock:
                self._turn(at, began)
        except HeadraceError as error:
            self._broke_off(at, str(error))
            return False
        except Exception as error:
            LOG.exception("a fault in Headrace", extra={"facts": {"what": "fault"}})
            self._broke_off(at, f"a fault in Headrace: {type(error).__name__}: {error}")
            return False
        self.turned, self.said = at, ""
        return True

    def _turn(self, at: int, began: float) -> None:
        if not self.settings.shadow:
            self.book.held = self.holding.renew(at)
            if self.book.held is None:
                raise EngineError("another server holds the lease; this one waits until it ends")
        if self._stale:
            self.turns, self._stale = self._begin(self._memory(at)), False
        waiting = self.desk.waiting
        turned = self.turns.turn()
        if turned.trouble:
            raise EngineError(turned.trouble)
        self._log(turned)
        if self.fresh:
            self._bury(turned.at)
        self._tell(turned, max(waiting, self.desk.waiting), round((time.monotonic() - began) * 1000))
        self._keep_house(at)
        if not self.settings.shadow:
            self.holding.show(at)

    def _memory(self, at: int) -> Memory:
        """What a new desk is to remember: what the store has; a shadow, which writes nothing of it, its own."""
        if self.settings.shadow and self.desk.nodes:
            return remember(self.desk, at)
        kept = self.book.memory()
        return replace(kept, jobs=()) if self.settings.shadow else kept

    def _begin(self, memory: Memory) -> Turns | ShadowTurns:
        """Turns over a desk of which nothing is known but what it is to remember."""
        desk = Desk(self.policy, self.opened.fleet.tenants if self.opened.fleet else (), memory=memory)
        if self.settings.shadow:
            return ShadowTurns(desk, self.engine, self.book)
        return Turns(desk, self.engine, self.book, lambda: token_hex(16))

    def _broke_off(self, at: int, said: str) -> None:
        if said != self.said:
            LOG.error(said, extra={"facts": {"what": "trouble"}})
            self.bulletin.post(at, "trouble", said)
        self.said, self.fresh, self._stale = said, True, True
        self.metrics.broke_off()

    def _bury(self, at: int) -> None:
        self.fresh = False
        if buried := self.book.bury(at, self.desk.jobs.keys()):
            LOG.warning("jobs that the engine lists no more: %d", buried, extra={"facts": {"what": "buried"}})

    def _log(self, turned: Turned) -> None:
        """Log and post what the turn saw; of the first look, what is new to this process alone is counted."""
        quiet = FIRST_LOOK if self.fresh else ()
        for event in turned.events:
            if event.what not in quiet:
                seen = event.seen or self._kept(event.job)
                LOG.info(event.said, extra={"facts": {"what": event.what.value, "job": event.job}})
                self.bulletin.post(event.at, event.what.value, event.said, event.job, seen.asked.tenant if seen else "")
        if self.fresh:
            desk = self.desk
            LOG.info("%d nodes and %d jobs", len(desk.nodes), len(desk.jobs), extra={"facts": {"what": "first_look"}})

    def _tell(self, turned: Turned, waiting: int, took: int) -> None:
        """Note what the turn did."""
        stops = sum(step.stop for step in turned.steps)
        starts, rejected = len(turned.steps) - stops, self._rejected(turned) if waiting else {}
        busy = bool(turned.steps or rejected)
        self.metrics.note_turn(took, starts, stops, rejected)
        watching = waiting or self.settings.shadow  # a shadow's rounds say when it watched
        if busy or (watching and turned.at - self._noted >= MINUTE_MS):
            self._noted = turned.at
            proposed = self._orders(turned) if self.settings.shadow else []
            self.store.note_round(RoundKept(turned.at, took, waiting, starts, stops, rejected), proposed)
            if busy:
                were = "would be " if self.settings.shadow else ""
                said = f"{starts} {were}started, {stops} {were}stopped, {waiting} waited"
                self.bulletin.post(turned.at, "round", said)

    def _kept(self, job: str) -> JobSeen | None:
        kept = self.store.job(job) if job else None
        return kept.job if kept else None

    def _rejected(self, turned: Turned) -> dict[str, int]:
        """What was proposed and not accepted, and what was ordered and not taken, by reason."""
        plan = self.desk.tables.plan
        reasons = plan.steps["rejected"][: int(plan.size[STEPS])].tolist()
        count = Counter(Reason(reason).name.lower() for reason in reasons if reason != FITS)
        failed = sum(one.outcome.value == "failed" for one in turned.settled)
        return dict(count) | ({ENGINE: failed} if failed else {})

    def _orders(self, turned: Turned) -> list[Start | Stop]:
        from headrace.live.engine import Start, Stop

        return [
            Stop("", step.job, step.run) if step.stop else Start("", step.job, step.run, step.on)
            for step in turned.steps
        ]

    def remembered(self, name: str, age: int, at: int, make: Callable[[], T]) -> T:
        """What `make` gave for `name` at most `age` ms before `at`: for answers that take long to make."""
        with self._making:
            made, found = self._remembered.get(name, (0, None))
            if at - made > age:
                self._remembered[name] = at, (found := make())
        return cast("T", found)

    def note_use(self, token: str, at: int) -> None:
        """A token was used; written down by the loop, once a minute at most."""
        self._used[token] = at

    def _keep_house(self, at: int) -> None:
        for name, used in list(self._used.items()):
            if used - self._used_noted.get(name, 0) >= MINUTE_MS:
                self._used_noted[name] = used
                self.store.token_used(name, used)
        if at - self._forgot >= HOUR_MS:
            self._forgot = at
            self.store.forget(at - self.settings.keep_days * DAY_MS)

    def close(self) -> None:
        """Give the lease back, and let go of the engine and the store; what runs, runs on."""
        try:
            self.holding.drop(wall_ms())
        except HeadraceError as error:
            LOG.error(str(error), extra={"facts": {"what": "trouble"}})
        self.opened.close()
        self.store.close()
