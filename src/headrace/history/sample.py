"""The sample: a plausible mixed centre's demand, drawn from a seed and labelled as synthetic; no record of any centre.

Centre (fleet, period) -> Demand (jobs without starts) -> JobLog        a replay then makes it happen
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from headrace.history.log import TIME, JobLog, make_log
from headrace.history.sample_centre import A800, BEGIN_MS, CHIPS, H20, PARTITIONS, TENANTS, Centre, build
from headrace.history.sample_demand import EMPTY, STATES, Demand, demand
from headrace.history.sample_mix import MIX
from headrace.history.sample_outages import outages
from headrace.units import MILLI, SECOND_MS

if TYPE_CHECKING:
    from headrace.world.fleet import Fleet
    from headrace.world.record import Ints

LEAN: Final = 6
HEAVY: Final = 10
"""CPU and memory asked for with a chip, in eighths of that chip's part of its node: most jobs, and input-heavy ones."""


@dataclass(frozen=True)
class Sample:
    """What was asked of a fleet: a log without start times, with `work_s` (how long each job runs), and that fleet."""

    log: JobLog
    fleet: Fleet


def draw(rng: np.random.Generator, *, jobs: int, nodes: int | None = None) -> Sample:
    """A sample of `jobs` jobs on `nodes` nodes; by default on as many as these jobs keep busy for four weeks.

    The load a chip stays the same: with more nodes the period is shorter, down to a week. The same state of `rng` with
    the same `jobs` and `nodes` gives the same sample. Raises CallError where `jobs` or `nodes` are out of bounds.
    """
    centre = build(jobs, nodes)
    table = _table(demand(rng, centre, jobs), centre)
    notes = (
        "synthetic: drawn at random to look like a mixed centre; not a record of any real one",
        f"jobs are submitted over {centre.hours} hours from 2026-07-06 00:00 UTC",
    )
    log = make_log(table, outages(rng, centre), source="sample", sha256="", format="sample", notes=notes)
    return Sample(log, centre.fleet)


def _table(asked: Demand, centre: Centre) -> pl.DataFrame:
    """The log's columns, named in order of submission."""
    columns = _names(asked) | _sizes(asked, centre) | _times(asked) | _measures(asked)
    number = pl.int_range(1, pl.len() + 1).cast(pl.String).str.zfill(7)
    by_submission = np.argsort(asked.submit, kind="stable")
    return pl.DataFrame(columns)[by_submission].with_columns(pl.format("job-{}", number).alias("job"))


def _names(asked: Demand) -> dict[str, pl.Series]:
    users = [f"{tenant}-{n:02d}" for tenant, users in TENANTS.items() for n in range(1, users + 1)]
    first = np.cumsum([0, *TENANTS.values()])
    wide = [_kinds_in_words(partition.server.kind) for partition in PARTITIONS]
    service = ["serving" if population.service == "serving" else "normal" for population in MIX]
    return {
        "tenant": _words(list(TENANTS), asked.tenant),
        "user": _words(users, first[asked.tenant] + asked.user),
        "pool": _words([partition.name for partition in PARTITIONS], asked.pool),
        "kinds": _words([kinds for row in wide for kinds in row], asked.pool * 3 + asked.kinds),
        "class": _words([*service, "spare"], np.where(asked.spare, len(service), asked.population)),
        "state": _words(list(STATES), asked.state),
    }


def _kinds_in_words(kind: str) -> tuple[str, str, str]:
    """What a request says that is pinned to `kind`, takes either NVIDIA kind, or takes any."""
    return kind, f"{H20.kind};{A800.kind}", ""


def _words(names: list[str], place: Ints) -> pl.Series:
    return pl.Series(names, dtype=pl.String).gather(place)


def _sizes(asked: Demand, centre: Centre) -> dict[str, pl.Series]:
    """Chips of each node, and CPU (millicores) and memory (MiB) in proportion to them."""
    cpu = np.array([pool.cpu for pool in centre.fleet.pools])[asked.pool] // CHIPS
    memory = np.array([pool.memory for pool in centre.fleet.pools])[asked.pool] // CHIPS
    eighths = asked.chips * asked.share * np.where(asked.heavy, HEAVY, LEAN)
    return {
        "chips": pl.Series(asked.chips),
        "nodes": pl.Series(asked.nodes),
        "share_milli": pl.Series(asked.share),
        "cpus_milli": pl.Series(cpu * eighths // (8 * MILLI)),
        "memory_mib": pl.Series(memory * eighths // (8 * MILLI)),
    }


def _times(asked: Demand) -> dict[str, pl.Series]:
    """Whole seconds; `submit` as an instant."""
    return {
        "submit": pl.Series(BEGIN_MS + asked.submit * SECOND_MS).cast(TIME),
        "work_s": pl.Series(asked.work).cast(pl.Float64),
        "limit_s": _or_null(asked.limit).cast(pl.Float64),
        "starting_s": pl.Series(asked.starting).cast(pl.Float64),
        "checkpoint_s": _or_null(asked.checkpoint).cast(pl.Float64),
    }


def _measures(asked: Demand) -> dict[str, pl.Series]:
    return {"activity": _or_null(asked.activity) / 1000, "idle_chips": _or_null(asked.idle)}


def _or_null(values: Ints) -> pl.Series:
    column = pl.Series(values)
    return column.set(column == EMPTY, None)
