"""Every question that may be asked of a fleet, answered once: for the API, for the page, and with the same rights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from headrace import __version__
from headrace.live.engine import Status
from headrace.live.engines.local.watch import wall_ms
from headrace.serve.asks import following
from headrace.serve.endings import endings
from headrace.serve.now import held_on, kinds_now, tenants_now
from headrace.serve.planning import plan_view
from headrace.serve.problem import refuse
from headrace.serve.shapes import Health, Jobs, Ledger, Nodes, Rounds, Tenants, Why
from headrace.serve.so_far import classes_so_far
from headrace.serve.views import job_view, node_view, round_view
from headrace.serve.why import why_view
from headrace.units import SECOND_MS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headrace.live.desk import Desk
    from headrace.live.store.nouns import JobKept, Page
    from headrace.report.words import Words
    from headrace.serve.access import Caller
    from headrace.serve.endings import Endings
    from headrace.serve.serving import Serving
    from headrace.serve.shapes import Plan, ReasonName, StatusName

LATE_TURNS: Final = 5
LATE_MS: Final = 10 * SECOND_MS
"""A turn that ended well longer ago than this, and than `LATE_TURNS` intervals, is too long ago."""


class Answers:
    """What `who` is answered of `serving`. Raises HTTPException (404) for what is not there, or not for `who`."""

    def __init__(self, serving: Serving, who: Caller) -> None:
        self._serving, self._store, self._who = serving, serving.store, who

    def jobs(self, page: Page, tenant: str | None = None, status: StatusName | None = None) -> Jobs:
        """A page of jobs: of one tenant, in one status, or all that may be seen."""
        if tenant is not None and not self._who.may_see(tenant):
            return Jobs(items=[], next=None)
        wanted = Status[status.upper()] if status else None
        kept = self._store.jobs(page, tenant=tenant or self._who.tenant, status=wanted)
        last = kept[-1].sequence if kept else 0
        return Jobs(items=[job_view(one) for one in kept], next=following(len(kept), page.size, last))

    def job(self, job: str) -> JobKept:
        """A job. Others' jobs are not there."""
        kept = self._store.job(job)
        if kept is None or not self._who.may_see(kept.job.asked.tenant):
            raise refuse(404, f"there is no job {job!r}")
        return kept

    def why(self, kept: JobKept, words: Words) -> Why:
        """Why a job waits; that it does not, where it does not."""
        return self.whys([kept], words)[0]

    def whys(self, kept: Sequence[JobKept], words: Words) -> list[Why]:
        """Why each of these waits, all at one moment."""
        with self._serving.still() as desk:
            ends = endings(desk)
            return [_why(desk, one, words, ends) for one in kept]

    def nodes(self) -> Nodes:
        """All nodes, and how much of each is held."""
        kept = self._store.nodes()
        with self._serving.still() as desk:
            held = held_on(desk)
        return Nodes(items=[node_view(node, *held.get(node.name, (0, 0))) for node in kept])

    def tenants(self) -> Tenants:
        """Who shares the fleet."""
        fleet = self._serving.opened.fleet
        with self._serving.still() as desk:
            found = tenants_now(desk, fleet.tenants if fleet else ())
        return Tenants(items=[one for one in found if self._who.may_see(one.name)])

    def plan(self, words: Words) -> Plan:
        """What a round would decide now."""
        with self._serving.still() as desk:
            return plan_view(desk, self._serving.turns.at, words, self._who.may_see)

    def ledger(self) -> Ledger:
        """Chips by what they do now, and chip-time by class so far."""
        at = wall_ms()
        with self._serving.still() as desk:
            now = kinds_now(desk)
        since, classes = classes_so_far(self._serving, at)
        return Ledger(at_ms=at, now=now, since_ms=since, classes=classes)

    def rounds(self, page: Page) -> Rounds:
        """A page of rounds."""
        kept = self._store.rounds(page)
        last = kept[-1].sequence if kept else 0
        return Rounds(items=[round_view(one) for one in kept], next=following(len(kept), page.size, last))


def health(serving: Serving) -> Health:
    """Whether the last turn that went well is recent."""
    at, turned = wall_ms(), serving.turned
    ok = bool(turned) and at - turned <= max(LATE_MS, round(LATE_TURNS * serving.settings.interval_s * SECOND_MS))
    return Health(
        ok=ok,
        said=serving.said or ("" if ok else f"no turn has ended well for {at - turned} ms"),
        version=__version__,
        engine=serving.opened.name,
        shadow=serving.settings.shadow,
        turn_ms=turned or None,
    )


def _why(desk: Desk, kept: JobKept, words: Words, ends: Endings) -> Why:
    job, status = kept.job.asked.job, kept.job.status
    known = desk.jobs.get(job)
    if known is not None and not known.live and status is not Status.ENDED:
        return why_view(desk, known, words, ends)
    now = named(known.status if known is not None else status)
    reason: ReasonName | None = "unseen" if now == "waiting" else None
    said = words("live.hold.unseen" if reason else f"live.status.{now}")
    return Why(job=job, status=now, reason=reason, numbers={}, ahead=None, expected_ms=None, said=said)


def named(status: Status) -> StatusName:
    """The status as it is answered."""
    name: StatusName = status.name.lower()  # type: ignore[assignment]  # the names are these
    return name
