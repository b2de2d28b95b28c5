"""The head of the page: four figures, in which mode Headrace runs, how old its lease is, and what is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headrace.report.instants import exact, minute
from headrace.report.live.size import chips
from headrace.report.names import plain, short
from headrace.report.quantities import duration, percent, ratio
from headrace.units import SECOND_MS

if TYPE_CHECKING:
    from headrace.report.words import Words
    from headrace.serve.page.view import View

SAID = 400


@dataclass(frozen=True)
class Figure:
    """A figure with what it is called, and what is said under it."""

    label: str
    value: str
    below: str


@dataclass(frozen=True)
class State:
    """`wrong` is what is wrong in a sentence, empty where nothing is; `iso` is when this was so, for programs."""

    wrong: str
    shadow: str
    mode: str
    lease: str
    iso: str
    time: str
    figures: tuple[Figure, ...]


def part(view: View, words: Words) -> State:
    """What the head of the page shows."""
    health = view.health
    said = short(health.said, SAID).strip()
    return State(
        wrong="" if health.ok else words("page_live.wrong", said=said or words("page_live.silent")),
        shadow=words("page_live.shadow_means") if health.shadow else "",
        mode=words("page_live.mode", engine=plain(health.engine), mode=_mode(health.shadow, words)),
        lease=_lease(view, words),
        iso=exact(view.ledger.at_ms),
        time=minute(view.ledger.at_ms),
        figures=_figures(view, words),
    )


def _mode(shadow: bool, words: Words) -> str:
    return words("page_live.shadow" if shadow else "page_live.live")


def _lease(view: View, words: Words) -> str:
    """How long ago the lease was renewed, in whole seconds."""
    if view.lease_ms is None:
        return words("page_live.no_lease")
    age = max(view.now_ms - view.lease_ms, 0) // SECOND_MS * SECOND_MS
    return words("page_live.lease", age=duration(age, words))


def _figures(view: View, words: Words) -> tuple[Figure, ...]:
    now = view.ledger.now
    there, held, free, down = (
        sum(getattr(kind, f"{name}_milli") for kind in now) for name in ("chips", "running", "free", "down")
    )
    held += sum(kind.starting_milli for kind in now)
    running = sum(tenant.running for tenant in view.tenants.items)
    out = sum(node.lost or not node.up for node in view.nodes.items)
    return (
        _figure("held", percent(ratio(held, there)), words, held=chips(held), chips=chips(there)),
        _figure("free", chips(free), words, down=chips(down)),
        _figure("waiting", f"{view.queue:,}", words, running=f"{running:,}"),
        _figure("out", f"{out:,}", words, count=f"{len(view.nodes.items):,}"),
    )


def _figure(key: str, value: str, words: Words, **values: str) -> Figure:
    return Figure(words(f"page_live.figure.{key}"), value, words(f"page_live.below.{key}", **values))
