"""The ledger so far: the store's runs explained, where that is quick; at most once a minute."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from headrace.errors import InputError
from headrace.live.demand import fleet_of, in_pools
from headrace.live.store.nouns import Page
from headrace.serve.shapes import ClassSoFar
from headrace.units import DAY_MS, MINUTE_MS, PPM, chip_hours

if TYPE_CHECKING:
    from headrace.explain.ledger import Ledger
    from headrace.live.store.store import Store
    from headrace.serve.serving import Serving
    from headrace.world.fleet import Fleet

MOST_RUNS: Final = 20_000
PERIOD: Final = 30 * DAY_MS
SoFar = tuple[int | None, list[ClassSoFar] | None]


def classes_so_far(serving: Serving, at: int) -> SoFar:
    """Since when (ms), and the chip-time in each class from then to `at`; None twice where it cannot be said."""
    if not serving.store.log(at - PERIOD, Page(None, 1)):
        return None, None
    found = serving.remembered("ledger", MINUTE_MS, at, lambda: _explained(serving, at))
    return (None, None) if found is None else (found.begin, _classes(found))


def _explained(serving: Serving, at: int) -> Ledger | None:
    from headrace.explain.explain import explain  # with these comes Polars, which nothing else of a server needs
    from headrace.history.asked import happened, outages
    from headrace.history.period import up_to
    from headrace.live.store.job_log import job_log

    since = at - PERIOD
    if len(serving.store.log(since, Page(None, MOST_RUNS + 1))) > MOST_RUNS:
        return None
    log, fleet = up_to(job_log(serving.store, since), at), fleet_of_store(serving.store, serving.opened.fleet)
    try:
        was, (out, _) = happened(log, fleet), outages(log, fleet)
    except InputError:
        return None
    begin = max(was.begin, since)
    return explain(fleet, was.workload, was.runs, out, begin, max(at, begin + 1))


def fleet_of_store(store: Store, file: Fleet | None) -> Fleet:
    """The fleet of the file, where it names every node that the engine ever listed; else that of the nodes listed,
    with the file's tenants."""
    nodes = in_pools(store.nodes())
    if file is not None and {node.name for node in nodes} <= set(file.node_names):
        return file
    fleet, alike = fleet_of(nodes, frozenset(), file.tenants if file else ())
    pools = zip(fleet.pools, alike, strict=True)
    return replace(fleet, pools=tuple(replace(pool, partitions=(key.pool,)) for pool, key in pools))


def _classes(ledger: Ledger) -> list[ClassSoFar]:
    return [
        ClassSoFar(cls=c.word, chip_time=time, chip_hours=chip_hours(time), share_ppm=time * PPM // ledger.paid)
        for c, time in ledger.classes.items()
    ]
