"""What shadow mode saw, as it is answered to programs; names as in headrace.serve.shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from headrace.serve.shapes import Shape
from headrace.units import PPM

if TYPE_CHECKING:
    from headrace.live.foreseen import Foreseen
    from headrace.report.live.gain import Felt, Gain, Waits
    from headrace.serve.shadow import Seen


class Starts(Shape):
    """The engine's starts: on the nodes proposed, on others, never proposed though it waited, before a turn could
    propose it, while nobody watched, and by Headrace itself. `waiting` was proposed and not started."""

    same: int
    elsewhere: int
    unforeseen: int
    at_once: int
    unwatched: int
    ours: int
    waiting: int
    stops: int = Field(description="Runs that were to be stopped to make room.")
    sooner_mean_ms: float | None = Field(description="How far the first proposals were ahead; null where none was.")
    sooner_median_ms: int | None
    sooner_most_ms: int | None


class Wait(Shape):
    """How long jobs waited within the period."""

    mean_ms: float
    median_ms: int
    p95_ms: int


class TenantFelt(Shape):
    """What a tenant's jobs felt, as it happened and as it would have been; `tenant` is "" for all."""

    tenant: str
    jobs: int
    was: Wait
    would: Wait
    started_was: int
    started_would: int
    longer: int = Field(description="Jobs that would have waited at least a minute longer.")
    longest_ms: int
    worse_off: bool


class ClassGained(Shape):
    """Chip-time in one class of the ledger, as it happened and as it would have been."""

    cls: str
    was_chip_time: int
    would_chip_time: int


class Shadow(Shape):
    """What shadow mode saw in [begin_ms, end_ms), and what `policy` would have made of it.

    Of the chip-time paid for, `allocated_was_ppm` was held, and between `least` and `most` would have been: of
    `unsure_chip_time` nobody knows, since the jobs were not over.
    """

    begin_ms: int
    end_ms: int
    watched_ms: int
    policy: str
    starts: Starts
    all: TenantFelt
    tenants: list[TenantFelt]
    classes: list[ClassGained]
    allocated_was_ppm: int
    allocated_least_ppm: int
    allocated_most_ppm: int
    unsure_chip_time: int
    running_at_end: int
    waiting_at_end: int
    withdrawn: int = Field(description="Cancelled before they started; in no figure.")
    other_kind: int = Field(description="Jobs that would have run on another kind of chip than they did.")


def shadow_view(seen: Seen) -> Shadow:
    """What was seen, as it is answered."""
    watched, gain = seen.watched, seen.gain
    was, least, most = (round(share * PPM) for share in gain.allocated)
    every, *tenants = map(_felt, gain.felt)
    return Shadow(
        begin_ms=watched.begin,
        end_ms=watched.end,
        watched_ms=watched.length,
        policy=gain.policy,
        starts=_starts(seen.foreseen),
        all=every,
        tenants=tenants,
        classes=_classes(gain),
        allocated_was_ppm=was,
        allocated_least_ppm=least,
        allocated_most_ppm=most,
        unsure_chip_time=gain.unsure,
        running_at_end=gain.lasting,
        waiting_at_end=gain.waiting,
        withdrawn=gain.withdrawn,
        other_kind=gain.moved,
    )


def _starts(foreseen: Foreseen) -> Starts:
    return Starts(
        **{what.value: count for what, count in foreseen.became.items()},
        waiting=foreseen.waiting,
        stops=foreseen.stops,
        sooner_mean_ms=foreseen.sooner_mean,
        sooner_median_ms=foreseen.sooner_median,
        sooner_most_ms=foreseen.sooner[-1] if foreseen.sooner else None,
    )


def _felt(felt: Felt) -> TenantFelt:
    return TenantFelt(
        tenant=felt.tenant,
        jobs=felt.jobs,
        was=_wait(felt.was),
        would=_wait(felt.would),
        started_was=felt.started[0],
        started_would=felt.started[1],
        longer=felt.longer,
        longest_ms=felt.longest,
        worse_off=felt.worse,
    )


def _wait(waits: Waits) -> Wait:
    return Wait(mean_ms=waits.mean, median_ms=waits.median, p95_ms=waits.p95)


def _classes(gain: Gain) -> list[ClassGained]:
    would = gain.would.classes
    return [ClassGained(cls=c.word, was_chip_time=t, would_chip_time=would[c]) for c, t in gain.was.classes.items()]
