"""Showback: who held how many chips of which kind on which day, and what that cost by the fleet file's prices."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Final, NamedTuple

from headrace.live.store.nouns import Page
from headrace.serve.shapes import Usage, UsageLine
from headrace.units import DAY_MS, NEVER, SECOND_MS, UNKNOWN, chip_hours, cost

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headrace.live.store.nouns import Stay
    from headrace.live.store.store import Store
    from headrace.serve.serving import Serving
    from headrace.world.fleet import Fleet

PIECE: Final = 2_000


class Of(NamedTuple):
    """What a line is of; `currency` is "" where the kind has no price."""

    tenant: str
    kind: str
    day: int
    currency: str


class Sum:
    """A line as it grows."""

    def __init__(self) -> None:
        self.runs, self.chip_time, self.cost = 0, 0, Fraction(0)


def used(serving: Serving, since: int, until: int, tenant: str | None) -> Usage:
    """The usage of [since, until) ms; of one tenant, or all."""
    prices = _prices(serving.opened.fleet)
    sums: defaultdict[Of, Sum] = defaultdict(Sum)
    for stay in _stays(serving.store, since):
        if stay.start < until and (tenant is None or stay.asked.tenant == tenant):
            _add(sums, stay, since, until, prices)
    lines = [_line(of, one) for of, one in sorted(sums.items())]
    whole = sum(one.chip_time for one in sums.values())
    costs = Counter[str]()
    for line in lines:
        if line.cost is not None:
            costs[line.currency or ""] += line.cost
    return Usage(
        since_ms=since, until_ms=until, items=lines, chip_time=whole, chip_hours=chip_hours(whole), costs=dict(costs)
    )


def _prices(fleet: Fleet | None) -> dict[str, tuple[int, str]]:
    """Each node's price of a chip-hour and its currency, where the fleet file says."""
    pools = fleet.pools if fleet else ()
    return {name: (pool.price, pool.currency) for pool in pools if pool.price != UNKNOWN for name in pool.node_names}


def _stays(store: Store, since: int) -> Iterator[Stay]:
    page = store.log(since, Page(None, PIECE))
    while page:
        yield from page
        page = store.log(since, Page(page[-1].sequence, PIECE))


def _add(sums: defaultdict[Of, Sum], stay: Stay, since: int, until: int, prices: dict[str, tuple[int, str]]) -> None:
    if stay.start == NEVER:
        return
    begin, end = max(stay.start, since), min(stay.end, until)
    price, currency = prices.get(stay.on[0][0], (UNKNOWN, "")) if stay.on else (UNKNOWN, "")
    milli = stay.asked.nodes * stay.asked.chips * stay.asked.share
    for day in range(begin // DAY_MS, max(end - 1, begin) // DAY_MS + 1) if end > begin else ():
        one = sums[Of(stay.asked.tenant, stay.kind, day, currency)]
        time = milli * (min(end, (day + 1) * DAY_MS) - max(begin, day * DAY_MS))
        one.runs, one.chip_time = one.runs + 1, one.chip_time + time
        one.cost += cost(time, price) if price != UNKNOWN else 0


def _line(of: Of, one: Sum) -> UsageLine:
    return UsageLine(
        tenant=of.tenant,
        kind=of.kind,
        day=datetime.fromtimestamp(of.day * DAY_MS / SECOND_MS, UTC).date().isoformat(),
        runs=one.runs,
        chip_time=one.chip_time,
        chip_hours=chip_hours(one.chip_time),
        cost=round(one.cost) if of.currency else None,
        currency=of.currency or None,
    )
