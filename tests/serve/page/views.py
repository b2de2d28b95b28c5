"""A mixed fleet as a reader sees it at one moment, made by hand; and one in which every name is an attack."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from headrace.explain.ledger import Class
from headrace.serve.page.view import View, Waiting
from headrace.serve.shapes import (
    ClassSoFar,
    Health,
    Job,
    KindNow,
    Ledger,
    Me,
    Node,
    Nodes,
    Place,
    Round,
    Rounds,
    Tenant,
    Tenants,
    Why,
)
from headrace.units import CHIP_HOUR, HOUR_MS, MILLI, MINUTE_MS, PPM, SECOND_MS

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW: Final = 1_767_600_000_000
"""2026-01-05 08:00 UTC."""
NASTY: Final = '"><script>nothing.there</script><img src=x onerror=nothing.there>\u202e\x1b[31m{{7*7}}'
FIGURES: Final = {
    "never": {"wanted_milli": 64_000, "free_milli": 23_000, "nodes_needed": 8, "nodes_that_fit": 0},
    "quota": {"wanted_milli": 16_000, "free_milli": 23_000, "held_by_tenant_milli": 56_000},
    "kind": {"wanted_milli": 8_000, "free_milli": 0, "nodes_needed": 1},
    "chips": {"wanted_milli": 32_000, "free_milli": 23_000},
    "fragmented": {"wanted_milli": 16_000, "free_milli": 23_000, "nodes_needed": 2, "nodes_that_fit": 1},
    "cpu": {"wanted_milli": 1_000, "free_milli": 23_000, "nodes_needed": 1, "nodes_that_fit": 0},
    "reserved": {"wanted_milli": 500, "free_milli": 23_000},
    "behind": {"wanted_milli": 500, "free_milli": 23_000},
    "engine": {},
    "unseen": {},
}
SAID: Final = {"engine": "its dependency, job 1041, has not ended"}
CLASSES: Final = {
    Class.DOWN: 4,
    Class.NO_DEMAND: 9,
    Class.FRAGMENTED: 6,
    Class.QUOTA: 5,
    Class.KIND: 3,
    Class.ORDER: 2,
    Class.STARTING: 1,
    Class.LOST: 4,
    Class.UNKNOWN: 66,
}
"""Percent of the chip-time so far."""


def job(number: int, **more: Any) -> Job:
    """A job that waits; `more` replaces what it is."""
    asked: dict[str, Any] = {
        "job": str(number),
        "name": ("llama-sft", "search-rank", "", "vae-pretrain-highres-stage2")[number % 4],
        "tenant": ("search", "vision", "speech")[number % 3],
        "user": "lin",
        "workload": "",
        "status": "waiting",
        "outcome": None,
        "run": 0,
        "nodes": (1, 2, 4)[number % 3],
        "chips": 8,
        "share_milli": 500 if number % 5 == 4 else MILLI,
        "cpu_millicores": 64_000,
        "memory_mib": 262_144,
        "kinds": (["H20"], ["H20", "A800"], [])[number % 3],
        "pools": [],
        "pinned": [],
        "service": "normal",
        "limit_ms": 2 * HOUR_MS,
        "checkpoint_ms": None,
        "submit_ms": NOW - (1_400 - number) * MINUTE_MS,
        "start_ms": None,
        "end_ms": None,
        "on": [],
        "ours": True,
        "startable": True,
        "seen_ms": NOW,
    }
    return Job.model_validate(asked | more)


def why(number: int, reason: str, **more: Any) -> Why:
    """Why the `number`th job of the queue waits."""
    told: dict[str, Any] = {
        "job": str(1_000 + number),
        "status": "waiting",
        "reason": reason,
        "numbers": FIGURES[reason],
        "ahead": number,
        "expected_ms": NOW + number * 13 * MINUTE_MS if number % 3 else None,
        "said": SAID.get(reason, ""),
    }
    return Why.model_validate(told | more)


def queue(length: int) -> Iterator[Waiting]:
    """So many jobs, each reason in turn."""
    reasons = tuple(FIGURES)
    for i in range(length):
        yield Waiting(job(1_000 + i), why(i, reasons[i % len(reasons)]))


def node(number: int, kind: str, **more: Any) -> Node:
    """A node that takes work."""
    told: dict[str, Any] = {
        "name": f"{kind.lower()}-{number:02}",
        "kind": kind,
        "pool": kind.lower(),
        "chips": 8,
        "held_milli": (8, 8, 6, 3)[number % 4] * MILLI,
        "jobs": (1, 2, 3, 1)[number % 4],
        "cpu_millicores": 192_000,
        "memory_mib": 2_097_152,
        "up": True,
        "lost": False,
        "reason": "",
    }
    return Node.model_validate(told | more)


def kind_now(kind: str, chips: int, running: int, starting: int, down: int) -> KindNow:
    """Chips of a kind by what they do; the rest is free."""
    return KindNow(
        kind=kind,
        chips_milli=chips * MILLI,
        running_milli=running * MILLI,
        starting_milli=starting * MILLI,
        down_milli=down * MILLI,
        free_milli=(chips - running - starting - down) * MILLI,
    )


def ledger() -> Ledger:
    """Four kinds, and a day of records."""
    now = [
        kind_now("A800", 64, 51, 8, 0),
        kind_now("Ascend 910B", 32, 30, 0, 0),
        kind_now("H20", 128, 104, 0, 8),
        kind_now("L20", 16, 5, 0, 0),
    ]
    whole = 240 * 24 * CHIP_HOUR
    classes = [
        ClassSoFar(
            cls=cls.word,
            chip_time=whole * CLASSES.get(cls, 0) // 100,
            chip_hours=whole * CLASSES.get(cls, 0) / 100 / CHIP_HOUR,
            share_ppm=CLASSES.get(cls, 0) * PPM // 100,
        )
        for cls in Class
    ]
    return Ledger(at_ms=NOW, now=now, since_ms=NOW - 24 * HOUR_MS, classes=classes)


def nodes() -> Nodes:
    """Sixteen nodes of H20, of which one failed and one is drained, and eight of A800."""
    h20 = [node(i, "H20") for i in range(1, 17)]
    h20[4] = node(5, "H20", up=False, lost=True, held_milli=0, jobs=0, reason="not responding since 07:41")
    h20[9] = node(10, "H20", up=False, held_milli=4 * MILLI, jobs=1, reason="firmware update of the NICs, back at noon")
    return Nodes(items=[*h20, *(node(i, "A800") for i in range(1, 9))])


def tenants() -> Tenants:
    """Three with a quota, of which one holds more than one kind, and one without."""
    return Tenants(
        items=[
            Tenant(name="search", weight=1, quota={"H20": 64}, held_milli={"H20": 56_000}, waiting=11, running=9),
            Tenant(
                name="vision",
                weight=1,
                quota={"A800": 48, "H20": 32},
                held_milli={"A800": 48_000, "H20": 12_500},
                waiting=24,
                running=14,
            ),
            Tenant(name="speech", weight=1, quota={"Ascend 910B": 32}, held_milli={}, waiting=3, running=0),
            Tenant(name="interns", weight=0.5, quota=None, held_milli={"L20": 5_000}, waiting=0, running=7),
        ]
    )


def rounds() -> Rounds:
    """The last rounds, ten seconds apart."""
    items = [
        Round(
            sequence=900 - i,
            at_ms=NOW - (3 + 10 * i) * SECOND_MS,
            took_ms=7 + i % 3,
            waiting=38 + i,
            started=(0, 2, 5)[i % 3],
            stopped=i % 4 == 3,
            rejected={"chips": 1} if i == 2 else {},
        )
        for i in range(12)
    ]
    return Rounds(items=items, next=None)


def health(**more: Any) -> Health:
    """A loop that runs."""
    told = {"ok": True, "said": "", "version": "0.1.0", "engine": "slurm", "shadow": False, "turn_ms": NOW - 3_000}
    return Health.model_validate(told | more)


def me(**more: Any) -> Me:
    """An operator."""
    return Me.model_validate({"name": "lin", "role": "operator", "tenant": None} | more)


def view(shown: int = 10, waiting: int = 38) -> View:
    """The fleet, with `waiting` jobs in the queue of which the first are `shown`."""
    return View(
        me=me(),
        now_ms=NOW,
        health=health(),
        lease_ms=NOW - 3 * SECOND_MS,
        ledger=ledger(),
        waiting=tuple(queue(shown)),
        queue=waiting,
        nodes=nodes(),
        tenants=tenants(),
        rounds=rounds(),
    )


def hostile() -> View:
    """A fleet in which every word that somebody typed tries to become something else."""
    waiting = Waiting(
        job(1, job=NASTY, name=NASTY, tenant=NASTY, user=NASTY, kinds=[NASTY]), why(1, "engine", said=NASTY, job=NASTY)
    )
    bad = node(1, NASTY, name=NASTY, pool=NASTY, up=False, reason=NASTY, held_milli=0)
    tenant = Tenant(name=NASTY, weight=1, quota={NASTY: 8}, held_milli={NASTY: 4_000}, waiting=1, running=0)
    return replace(
        view(),
        me=me(name=NASTY, role="tenant", tenant=NASTY),
        health=health(ok=False, said=NASTY, engine=NASTY),
        ledger=Ledger(
            at_ms=NOW, now=[kind_now(NASTY, 8, 4, 0, 0), kind_now("H20", 8, 0, 0, 0)], since_ms=None, classes=None
        ),
        waiting=(waiting,),
        nodes=Nodes(items=[bad, node(2, NASTY, name=NASTY)]),
        tenants=Tenants(items=[tenant]),
    )


def place(name: str, *chips: int) -> Place:
    """Chips of a node."""
    return Place(node=name, chips=list(chips))
