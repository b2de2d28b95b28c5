"""A fleet that another scheduler runs, first come first served, while a shadow looks on; the clock is a hand's."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Final

from headrace.live.engine import Asked, NodeSeen, Status
from headrace.live.engines.fake import FakeEngine
from headrace.live.store.store import Store
from headrace.serve.engines import Opened
from headrace.serve.serving import Serving
from headrace.serve.settings import Settings
from headrace.units import DAY_MS, HOUR_MS, MILLI, MINUTE_MS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

BEGIN: Final = 20_000 * DAY_MS
KINDS: Final = ("A800", "H20")
NODES: Final = tuple(
    NodeSeen(f"{kind.lower()}-{i}", kind, "main", 8, 10**6, 10**6, up=True) for kind in KINDS for i in range(3)
)
SIZES: Final = (1, 1, 1, 2, 2, 4, 8, 8)


class Watching:
    """`look` lets time pass, and the shadow look; `start_first` has the engine start what it will."""

    def __init__(
        self, folder: Path, nodes: Iterable[NodeSeen] = NODES, url: str = "", policy: str = "fair+easy/fgd"
    ) -> None:
        self.engine = FakeEngine(nodes, BEGIN)
        opened = Opened("fake", self.engine, None, lambda _: False, lambda: None, lambda: None)
        self.store = Store.open(url or f"sqlite:///{folder / 'headrace.db'}")
        self.serving = Serving(
            Settings.model_validate({"shadow": True, "policy": policy, "keep_days": 36_500}), opened, self.store
        )

    def look(self, at: int) -> None:
        """Go on to `at` (ms), looking there, and each minute on the way."""
        while self.engine.at < at:
            self.engine.until(min(at, self.engine.at + MINUTE_MS))
            assert self.serving.turn()

    def days(self, days: float, mean_ms: int = 14 * MINUTE_MS, seed: int = 1) -> None:
        """Jobs come at random, `mean_ms` apart; the engine starts what it can when one comes, and when one ends."""
        random, until = Random(seed), self.engine.at + round(days * DAY_MS)
        come = self.engine.at + 1 + round(random.expovariate(1 / mean_ms))
        while self.engine.at < until:
            at = min(come, self.engine.next(), until)
            self.look(at - 1)
            if come == at:
                self.engine.arrive(*drawn(random, f"{len(self.engine.jobs) + 1:04}", come))
                come += 1 + round(random.expovariate(1 / mean_ms))
            self.look(at)
            self.start_first()

    def start_first(self) -> None:
        """In order: on the kinds that a job may use and that were not free for it, no later one is started."""
        closed = set[str]()
        for name, job in self.engine.jobs.items():
            if job.status == Status.WAITING:
                on = self._first_fit(job.asked, closed)
                if on is None:
                    closed |= set(job.asked.kinds or KINDS)
                else:
                    self.engine.start_behind(name, on)

    def _first_fit(self, asked: Asked, closed: set[str]) -> tuple[tuple[str, int], ...] | None:
        """The first nodes with room; a gang stands on one kind."""
        for kind in [kind for kind in KINDS if kind in (asked.kinds or KINDS) and kind not in closed]:
            fit = [(name, free) for name in self.engine.nodes if (free := self._free(name, kind, asked))]
            if len(fit) >= asked.nodes:
                return tuple(fit[: asked.nodes])
        return None

    def _free(self, name: str, kind: str, asked: Asked) -> int:
        """The first chips of a node that the job could have, as a mask; 0 where there are too few."""
        left = self.engine.free(name)[0] if self.engine.nodes[name].kind == kind else []
        free = [c for c, milli in enumerate(left) if milli >= asked.share]
        return sum(1 << c for c in free[: asked.chips]) if len(free) >= asked.chips else 0


def drawn(random: Random, job: str, at: int) -> tuple[Asked, int]:
    """A job and how long it runs; one in three accepts any kind."""
    tenant, chips = random.choice("abcd"), random.choice(SIZES)
    nodes = 2 if chips == 8 and random.random() < 0.3 else 1
    work = round(min(DAY_MS, random.lognormvariate(0, 1.3) * HOUR_MS))
    kinds = random.choice([(), ("H20",), ("A800",)])
    limit = DAY_MS if random.random() < 0.5 else 4 * work
    return Asked(job, tenant, tenant, at, nodes, chips, MILLI, 0, 0, kinds, limit=limit), work
