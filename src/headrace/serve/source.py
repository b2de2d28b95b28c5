"""What the page shows: the API's answers, with the rights of who looks."""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import replace
from itertools import count
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias, TypeVar, cast

from headrace.live.engine import Status
from headrace.live.engines.local.watch import wall_ms
from headrace.live.store.nouns import Page, Role
from headrace.serve.access import LONGEST, Caller, as_caller, caller_of, me_view
from headrace.serve.answers import Answers, health
from headrace.serve.page.view import FIRST, ROUNDS, View, Waiting
from headrace.serve.shapes import Tenants
from headrace.serve.views import job_view

if TYPE_CHECKING:
    from collections.abc import Callable

    from headrace.report.words import Words
    from headrace.serve.serving import Serving
    from headrace.serve.shapes import Me


T = TypeVar("T")
Key: TypeAlias = str | tuple[str | None, str]
EVERYBODY: Final = Caller("", Role.OPERATOR, None)
STAMPS: Final = count(1)
FRESH_S: Final = 1.0
"""As often as an open page looks whether something happened."""
MOST_BUSY: Final = 0.25
"""Of a core, for all that is kept here together: with very many readers of a busy fleet, each sees it the later."""


class Kept(NamedTuple):
    """What was `found` when `last` was the last that had happened: it stands `at_least` so long, though something
    happens, and `until` then if nothing does (s, monotonic)."""

    found: Any
    last: int
    at_least: float
    until: float


class Shown:
    """The `Source` of headrace.serve.page. A view is made once for all who may see the same, in one language, and
    stands until something happens, for `FRESH_S` at most."""

    def __init__(self, serving: Serving) -> None:
        self._serving = serving
        self._kept: dict[Key, Kept] = {}
        self._making: defaultdict[Key, Lock] = defaultdict(Lock)

    def who(self, token: str) -> Me | None:
        """Whom the token stands for; None where it is none, or is none any more."""
        found = self._serving.store.token(token) if len(token) <= LONGEST else None
        return me_view(as_caller(found)) if found else None

    def view(self, me: Me, words: Words) -> View:
        """What `me` may see now, sentences in the language of `words`."""
        return replace(self._lately((me.tenant, words.lang), lambda: self._view(me, words)), me=me)

    def changed(self) -> int:
        """The number of the last thing that happened."""
        return self._serving.bulletin.last

    def ending(self) -> bool:
        """Whether the server is about to end."""
        return self._serving.stopping

    def _lately(self, key: Key, make: Callable[[], T]) -> T:
        """What `make` gave lately, if nothing has happened since; made by one thread at a time."""
        with self._making[key]:
            kept, at, last = self._kept.get(key), time.monotonic(), self.changed()
            if kept is None or at >= kept.until or (kept.last != last and at >= kept.at_least):
                found = make()
                least = at + (time.monotonic() - at) * len(self._kept) / MOST_BUSY
                kept = self._kept[key] = Kept(found, last, least, max(least, at + FRESH_S))
        return cast("T", kept.found)

    def _view(self, me: Me, words: Words) -> View:
        serving, asking = self._serving, Answers(self._serving, caller_of(me))
        lease, everybody = serving.store.lease(), Answers(serving, EVERYBODY).tenants
        may_see, tenants = caller_of(me).may_see, self._lately("tenants", everybody)
        mine = [one for one in tenants.items if may_see(one.name)]
        return View(
            me=me,
            now_ms=wall_ms(),
            health=health(serving),
            lease_ms=lease.renewed if lease and not serving.settings.shadow else None,
            ledger=self._lately("ledger", asking.ledger),
            waiting=self._waiting(asking, me, words),
            queue=sum(one.waiting for one in mine),
            nodes=self._lately("nodes", asking.nodes),
            tenants=Tenants(items=mine),
            rounds=self._lately("rounds", lambda: asking.rounds(Page(None, ROUNDS, newest=True))),
            stamp=next(STAMPS),
        )

    def _waiting(self, asking: Answers, me: Me, words: Words) -> tuple[Waiting, ...]:
        """The first of them, as they came."""
        kept = self._serving.store.jobs(Page(None, FIRST), tenant=me.tenant, status=Status.WAITING)
        return tuple(map(Waiting, map(job_view, kept), asking.whys(kept, words)))
