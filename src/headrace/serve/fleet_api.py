"""/api/v1: what the fleet is and does. Nodes, tenants, the next round's plan, the ledger, usage, rounds."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request

from headrace.live.engines.local.watch import wall_ms
from headrace.serve.access import me_view, serving_of
from headrace.serve.asking import Asking, Question
from headrace.serve.asks import Instant, Paged, Spoken
from headrace.serve.problem import documented, refuse
from headrace.serve.shapes import Ledger, Me, Nodes, Plan, Rounds, Tenants, Usage
from headrace.serve.usage import used
from headrace.units import DAY_MS

router = APIRouter(prefix="/api/v1", tags=["fleet"], responses=documented(400, 401, 422, 503))
DAYS: Final = 30
LONGEST: Final = 400 * DAY_MS
"""The longest period that usage is summed over."""


@router.get("/me")
def me(who: Asking) -> Me:
    """Who the token stands for."""
    return me_view(who)


@router.get("/nodes")
def nodes(asking: Question) -> Nodes:
    """All nodes, and how much of each is held."""
    return asking.nodes()


@router.get("/tenants")
def tenants(asking: Question) -> Tenants:
    """Who shares the fleet: quotas, weights, what each holds and how many wait."""
    return asking.tenants()


@router.get("/plan")
def plan(asking: Question, words: Spoken) -> Plan:
    """What a round would decide now, and why the others would wait. Nothing is done."""
    return asking.plan(words)


@router.get("/ledger")
def ledger(asking: Question) -> Ledger:
    """Chips by what they do now, and chip-time by class so far."""
    return asking.ledger()


@router.get("/usage")
def usage(request: Request, who: Asking, since_ms: Instant = None, until_ms: Instant = None) -> Usage:
    """Showback: chip-hours and money by tenant, kind and day (UTC); the last 30 days where no period is asked for."""
    until = wall_ms() if until_ms is None else until_ms
    since = max(0, until - until % DAY_MS - (DAYS - 1) * DAY_MS) if since_ms is None else since_ms
    if not 0 <= until - since <= LONGEST:
        raise refuse(422, f"since_ms: {since} to {until} is no period of at most {LONGEST // DAY_MS} days")
    return used(serving_of(request), since, until, who.tenant)


@router.get("/rounds")
def rounds(asking: Question, page: Paged) -> Rounds:
    """The rounds that decided something or left jobs waiting, newest first."""
    return asking.rounds(page)
