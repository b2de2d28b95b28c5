"""/metrics for Prometheus: the queue, the rounds, the chips and the lease. Names of jobs and users are never labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily

from headrace.live.engines.local.watch import wall_ms
from headrace.serve.now import kinds_now, queue_by_reason
from headrace.units import MILLI, SECOND_MS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from headrace.serve.serving import Serving

BUCKETS: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)


class Metrics:
    """Counts of one server, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._turns = Histogram(
            "headrace_round_seconds", "Time of a round, from looking to telling.", registry=self.registry,
            buckets=BUCKETS,
        )  # fmt: skip
        self._starts = Counter("headrace_starts", "Jobs that rounds started.", registry=self.registry)
        self._stops = Counter("headrace_stops", "Jobs that rounds stopped.", registry=self.registry)
        self._broken = Counter("headrace_turns_broken", "Turns that broke off.", registry=self.registry)
        self._rejected = Counter("headrace_refusals", "Steps refused.", ["reason"], registry=self.registry)

    def note_turn(self, took: int, starts: int, stops: int, rejected: Mapping[str, int]) -> None:
        """A turn of `took` ms went well."""
        self._turns.observe(took / SECOND_MS)
        self._starts.inc(starts)
        self._stops.inc(stops)
        for reason, count in rejected.items():
            self._rejected.labels(reason).inc(count)

    def broke_off(self) -> None:
        """A turn did not go well."""
        self._broken.inc()

    def text(self, serving: Serving) -> bytes:
        """All of it as Prometheus reads it. Raises BusyError where a turn lasts too long."""
        now = CollectorRegistry()
        now.register(_Now(serving))
        return generate_latest(self.registry) + generate_latest(now)


class _Now:
    """What is so at this moment."""

    def __init__(self, serving: Serving) -> None:
        self._serving = serving

    def describe(self) -> list[GaugeMetricFamily]:
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        with self._serving.still() as desk:
            queue, kinds = queue_by_reason(desk), kinds_now(desk)
        yield _family("headrace_waiting_jobs", "Jobs that wait.", ("tenant", "reason"), queue)
        chips: dict[tuple[str, ...], float] = {
            (one.kind, name): getattr(one, f"{name}_milli") / MILLI
            for one in kinds
            for name in ("down", "starting", "running", "free")
        }
        yield _family("headrace_chips", "Chips by what they do.", ("kind", "state"), chips)
        at, lease = wall_ms(), self._serving.holding.held
        yield _age("headrace_observation_age_seconds", "Since the engine was last seen.", at, self._serving.turned)
        yield _age("headrace_lease_age_seconds", "Since the lease was renewed.", at, lease.renewed if lease else 0)


def _age(name: str, said: str, at: int, since: int) -> GaugeMetricFamily:
    return _family(name, said, (), {(): (at - since) / SECOND_MS} if since else {})


def _family(
    name: str, said: str, labels: tuple[str, ...], values: Mapping[tuple[str, ...], float]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, said, labels=labels)
    for key, value in values.items():
        family.add_metric(key, value)
    return family
