"""What the page shows: the API's answers, with the rights of who looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headrace.live.engines.local.watch import wall_ms
from headrace.live.store.nouns import Page
from headrace.serve.access import LONGEST, as_caller, caller_of, me_view
from headrace.serve.answers import Answers, health
from headrace.serve.page.view import FIRST, ROUNDS, View, Waiting
from headrace.serve.views import job_view

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headrace.report.words import Words
    from headrace.serve.serving import Serving
    from headrace.serve.shapes import Me


class Shown:
    """The `Source` of headrace.serve.page."""

    def __init__(self, serving: Serving) -> None:
        self._serving = serving

    def who(self, token: str) -> Me | None:
        """Whom the token stands for; None where it is none, or is none any more."""
        found = self._serving.store.token(token) if len(token) <= LONGEST else None
        return me_view(as_caller(found)) if found else None

    def view(self, me: Me, words: Words) -> View:
        """What `me` may see now, sentences in the language of `words`."""
        serving, asking = self._serving, Answers(self._serving, caller_of(me))
        queue = self._queue(me)
        lease = serving.store.lease()
        return View(
            me=me,
            now_ms=wall_ms(),
            health=health(serving),
            lease_ms=lease.renewed if lease and not serving.settings.shadow else None,
            ledger=asking.ledger(),
            waiting=tuple(self._waiting(asking, queue[:FIRST], words)),
            queue=len(queue),
            nodes=asking.nodes(),
            tenants=asking.tenants(),
            rounds=asking.rounds(Page(None, ROUNDS, newest=True)),
        )

    def changed(self) -> int:
        """The number of the last thing that happened."""
        return self._serving.bulletin.last

    def ending(self) -> bool:
        """Whether the server is about to end."""
        return self._serving.stopping

    def _queue(self, me: Me) -> list[str]:
        """The jobs that wait and that `me` may see, as they came."""
        may_see = caller_of(me).may_see
        with self._serving.still() as desk:
            return [job for job, one in desk.jobs.items() if not one.live and may_see(one.asked.tenant)]

    def _waiting(self, asking: Answers, jobs: list[str], words: Words) -> Iterator[Waiting]:
        for job in jobs:
            if kept := self._serving.store.job(job):
                yield Waiting(job_view(kept), asking.why(kept, words))
