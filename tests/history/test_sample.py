"""The sample is the same on every machine, fits its fleet, and looks like the clusters that published theirs."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TypeAlias

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from headrace.errors import CallError
from headrace.history.log import COLUMNS
from headrace.history.sample import Sample, draw
from headrace.history.sample_chance import ONE, Spread, chance, parts, pick, spread
from headrace.history.sample_mix import MIX

SEEDS = range(1, 6)
BEGIN = datetime(2026, 7, 6, tzinfo=UTC)
Floats: TypeAlias = NDArray[np.float64]


@cache
def sample(seed: int = 1, jobs: int = 40_000, nodes: int | None = None) -> Sample:
    return draw(np.random.default_rng(seed), jobs=jobs, nodes=nodes)


def hours(drawn: Sample) -> int:
    return int(drawn.log.notes[1].split()[4])


def submitted() -> pl.Expr:
    """Seconds from the period's begin to a job's submission."""
    return (pl.col("submit") - BEGIN).dt.total_seconds()


def here() -> pl.Expr:
    """A job's submission on the centre's clock."""
    return pl.col("submit").dt.convert_time_zone("Asia/Shanghai")


def jobs_of(drawn: Sample) -> pl.DataFrame:
    """The jobs, each with its chip-hours and with what its pool has."""
    pools = pl.DataFrame(
        [(p.name, p.kind, p.nodes, p.chips, p.cpu, p.memory) for p in drawn.fleet.pools],
        schema=["pool", "kind", "pool_nodes", "pool_chips", "pool_cpu", "pool_memory"],
        orient="row",
    )
    held = pl.col("nodes") * pl.col("chips") * pl.col("share_milli") / 1000
    return drawn.log.jobs.with_columns(chip_h=held * pl.col("work_s") / 3600).join(pools, on="pool", how="left")


def column(drawn: Sample, name: str) -> Floats:
    return np.asarray(jobs_of(drawn)[name].cast(pl.Float64).to_numpy(), np.float64)


def by_state(drawn: Sample, weight: Floats) -> dict[str, float]:
    """Per cent of the jobs' `weight` by how they end."""
    state = drawn.log.jobs["state"].to_numpy()
    return {str(end): 100 * float(weight[state == end].sum() / weight.sum()) for end in set(state)}


def load(drawn: Sample) -> dict[str, float]:
    """Chip-hours asked for over chip-hours that exist in the period, by pool."""
    chip_h, pool = column(drawn, "chip_h"), drawn.log.jobs["pool"].to_numpy()
    exists = {p.name: p.nodes * p.chips * hours(drawn) for p in drawn.fleet.pools}
    return {name: float(chip_h[pool == name].sum()) / capacity for name, capacity in exists.items()}


def digest(drawn: Sample) -> str:
    """Of the jobs' and the events' plain Python values, so that no library's way to write a number counts."""
    instants = pl.col(pl.Datetime).cast(pl.Int64)
    rows = [table.with_columns(instants).rows() for table in (drawn.log.jobs, drawn.log.node_events)]
    return hashlib.sha256(repr(rows).encode()).hexdigest()


class TestDeterminism:
    def test_the_same_seed_gives_the_same_log(self) -> None:
        assert sample(3, 2_000).log.equals(draw(np.random.default_rng(3), jobs=2_000).log)
        assert sample(3, 2_000).fleet == draw(np.random.default_rng(3), jobs=2_000).fleet

    def test_another_seed_gives_another_log(self) -> None:
        assert not sample(3, 2_000).log.jobs.equals(sample(4, 2_000).log.jobs)

    def test_a_seed_gives_these_very_rows_on_every_machine(self) -> None:
        assert digest(sample(1, 2_000)) == "cc96dae3cbb3f471f9b45fc2d19dd09178ff9f51e9fbffcac06889ba8463e2c7"

    def test_no_other_randomness_is_read_or_moved(self) -> None:
        np.random.seed(1)
        first = draw(np.random.default_rng(5), jobs=500)
        undisturbed = np.random.random()
        np.random.seed(1)
        assert undisturbed == np.random.random()
        np.random.seed(2)
        assert draw(np.random.default_rng(5), jobs=500).log.equals(first.log)


class TestEveryJob:
    @given(seed=st.integers(0, 2**32), jobs=st.integers(1, 3_000), nodes=st.none() | st.integers(10, 300))
    @settings(max_examples=40, deadline=None)
    def test_fits_its_pool_when_that_is_empty(self, seed: int, jobs: int, nodes: int | None) -> None:
        drawn = draw(np.random.default_rng(seed), jobs=jobs, nodes=nodes)
        rows = jobs_of(drawn)
        assert rows.height == jobs
        assert drawn.log.rejects == ()
        assert rows.filter(
            ~pl.col("chips").is_between(1, pl.col("pool_chips"))
            | ~pl.col("nodes").is_between(1, pl.col("pool_nodes"))
            | ~pl.col("cpus_milli").is_between(1, pl.col("pool_cpu"))
            | ~pl.col("memory_mib").is_between(1, pl.col("pool_memory"))
            | ~((pl.col("kinds") == "") | pl.col("kinds").str.split(";").list.contains(pl.col("kind")))
            | ~((pl.col("share_milli") == 1000) | pl.col("share_milli").is_between(200, 500))
        ).is_empty()

    @given(seed=st.integers(0, 2**32), jobs=st.integers(1, 3_000))
    @settings(max_examples=20, deadline=None)
    def test_could_run_within_the_period_and_within_its_limit(self, seed: int, jobs: int) -> None:
        drawn = draw(np.random.default_rng(seed), jobs=jobs)
        work, limit = pl.col("work_s"), pl.col("limit_s")
        assert drawn.log.jobs.filter(
            (submitted() < 0)
            | (submitted() + work > hours(drawn) * 3600)
            | ~work.is_between(1, limit.fill_null(1e9))
            | (work != work.round())
            | ((pl.col("state") == "timeout") & (work != limit))
            | ~pl.col("starting_s").is_between(0, work)
        ).is_empty()

    def test_says_of_its_telemetry_only_what_can_be_true(self) -> None:
        rows, total = sample().log.jobs, pl.col("nodes") * pl.col("chips")
        idle = pl.col("idle_chips") / total
        assert rows.filter(pl.col("activity").is_null() != pl.col("idle_chips").is_null()).is_empty()
        assert rows.filter(pl.col("activity") > 1 - idle + 1e-9).is_empty()
        assert 0.02 < rows["activity"].null_count() / rows.height < 0.2

    def test_has_no_start_and_names_a_tenant_and_a_pool_of_the_fleet(self) -> None:
        drawn = sample()
        assert list(drawn.log.jobs.columns) == [*COLUMNS, "work_s"]
        assert not drawn.log.has_starts
        assert set(drawn.log.jobs["tenant"]) == {tenant.name for tenant in drawn.fleet.tenants}
        assert set(drawn.log.jobs["pool"]) == {pool.name for pool in drawn.fleet.pools}
        assert drawn.log.jobs["job"].is_unique().all()


class TestPublishedFigures:
    """Bands from AcmeTrace's cluster_summary.csv (GPU jobs of five clusters) and from Philly: docs/en/sample.md."""

    @pytest.mark.parametrize("seed", SEEDS)
    def test_the_median_job_is_short(self, seed: int) -> None:
        assert 122 <= np.median(column(sample(seed), "work_s")) <= 480

    @pytest.mark.parametrize("seed", SEEDS)
    def test_the_mean_job_is_not(self, seed: int) -> None:
        assert 1_260 <= column(sample(seed), "work_s").mean() <= 18_006

    @pytest.mark.parametrize("seed", SEEDS)
    def test_jobs_are_as_wide(self, seed: int) -> None:
        chips = column(sample(seed), "nodes") * column(sample(seed), "chips")
        assert np.median(chips) == 1
        assert 1.93 <= chips.mean() <= 5.68

    @pytest.mark.parametrize("seed", SEEDS)
    def test_a_job_takes_as_many_chip_hours(self, seed: int) -> None:
        assert 9.0 <= column(sample(seed), "chip_h").mean() <= 17.0

    @pytest.mark.parametrize("seed", SEEDS)
    def test_jobs_end_as_often_in_each_state(self, seed: int) -> None:
        ends = by_state(sample(seed), np.ones(40_000))
        assert 49.7 <= ends["completed"] <= 62.4
        assert 6.2 <= ends["cancelled"] <= 22.1
        assert 15.5 <= ends["failed"] <= 42.9

    @pytest.mark.parametrize("seed", SEEDS)
    def test_chip_time_ends_as_often_in_each_state(self, seed: int) -> None:
        ends = by_state(sample(seed), column(sample(seed), "chip_h"))
        assert 21.2 <= ends["completed"] <= 51.3
        assert 29.4 <= ends["cancelled"] <= 66.4
        assert 8.0 <= ends["failed"] <= 38.6

    @pytest.mark.parametrize("seed", SEEDS)
    def test_few_jobs_hold_most_of_the_chip_time(self, seed: int) -> None:
        chip_h = np.sort(column(sample(seed), "chip_h"))
        assert 0.45 <= chip_h[-400:].sum() / chip_h.sum() <= 0.70
        assert 0.90 <= chip_h[-4000:].sum() / chip_h.sum() <= 0.97

    @pytest.mark.parametrize("seed", SEEDS)
    def test_weekends_are_quiet(self, seed: int) -> None:
        day = sample(seed).log.jobs.select(here().dt.weekday()).to_series().to_numpy()
        assert 0.45 <= ((day >= 6).sum() / 2) / ((day <= 5).sum() / 5) <= 0.70

    @pytest.mark.parametrize("seed", SEEDS)
    def test_mean_activity_is_as_high(self, seed: int) -> None:
        activity, chip_h = column(sample(seed), "activity"), column(sample(seed), "chip_h")
        known = ~np.isnan(activity)
        assert 0.47 <= np.average(activity[known], weights=chip_h[known]) <= 0.70


class TestTheCentre:
    def test_is_labelled_as_synthetic_and_has_no_quotas(self) -> None:
        drawn = sample()
        assert (drawn.fleet.name, drawn.fleet.synthetic) == ("sample-centre", True)
        assert "synthetic" in drawn.log.notes[0]
        assert drawn.fleet.kinds == ("H20", "A800", "Ascend 910B")
        assert len(drawn.fleet.tenants) == 12
        assert {tenant.quota for tenant in drawn.fleet.tenants} == {None}
        assert {(p.price, p.currency) for p in drawn.fleet.pools} == {(833, "CNY"), (547, "CNY"), (234, "CNY")}

    @pytest.mark.parametrize("seed", SEEDS)
    def test_asks_some_partitions_for_much_and_others_for_nothing(self, seed: int) -> None:
        loads = load(sample(seed))
        assert min(loads.values()) < 0.10
        assert max(loads.values()) > 0.60
        assert all(asked < 0.75 for asked in loads.values())

    @pytest.mark.parametrize(("jobs", "nodes"), [(40_000, None), (40_000, 320), (150_000, 1_500), (20_000, 40)])
    def test_loads_a_chip_alike_whatever_the_number_of_nodes(self, jobs: int, nodes: int | None) -> None:
        drawn = sample(1, jobs, nodes)
        asked = column(drawn, "chip_h").sum() / (drawn.fleet.chips * hours(drawn))
        assert 0.57 <= asked <= 0.62

    def test_has_as_many_nodes_as_asked_for_and_each_partition_at_least_one(self) -> None:
        for nodes in (10, 11, 57, 160, 1_000):
            fleet = sample(1, 100, nodes).fleet
            assert len(fleet.node_names) == nodes
            assert min(pool.nodes for pool in fleet.pools) >= 1

    @pytest.mark.parametrize("jobs", [40_000, 200_000])
    def test_has_a_few_hundred_shapes(self, jobs: int) -> None:
        asked = ["nodes", "chips", "share_milli", "cpus_milli", "memory_mib", "kinds", "pool"]
        assert 100 <= sample(1, jobs).log.jobs.select(asked).n_unique() <= 300

    def test_has_every_sort_of_job(self) -> None:
        rows = jobs_of(sample())
        assert set(rows["class"]) == {"serving", "normal", "spare"}
        assert set(rows.filter(pl.col("nodes") > 1)["nodes"]) == {2, 4, 8, 16}
        assert set(rows["share_milli"]) == {200, 250, 500, 1000}
        assert set(rows["limit_s"].drop_nulls()) <= {1800, 3600, 14400, 43200, 86400, 259200, 604800, 1209600}
        assert rows.filter(pl.col("class") == "serving")["limit_s"].null_count() == rows["limit_s"].null_count()
        assert rows.filter(pl.col("kinds") == pl.col("kind"))["kind"].n_unique() == 3
        assert rows.filter(pl.col("kinds") == "").height > 0.1 * rows.height

    def test_has_gangs_that_mostly_keep_checkpoints(self) -> None:
        gangs = sample().log.jobs.filter(pl.col("nodes") > 1)
        assert set(gangs["checkpoint_s"].drop_nulls()) == {1800, 3600, 7200}
        assert 0.85 <= 1 - gangs["checkpoint_s"].null_count() / gangs.height <= 0.97

    def test_has_notebooks_that_stand_idle_until_somebody_ends_them(self) -> None:
        by_hand = (pl.col("class") == "normal") & (pl.col("checkpoint_s") == 60)
        notebooks = sample().log.jobs.filter(by_hand)
        assert np.nanmedian(notebooks["activity"].to_numpy()) < 0.05
        assert np.median(notebooks["work_s"].to_numpy()) > 3 * 3600
        assert notebooks["state"].is_in(["cancelled", "timeout"]).to_numpy().mean() > 0.7

    def test_serves_by_day_and_debugs_in_bursts(self) -> None:
        rows = sample().log.jobs.with_columns(hour=here().dt.hour())
        serving = rows.filter(pl.col("class") == "serving")["hour"].to_numpy()
        assert ((serving >= 6) & (serving < 12)).sum() > 3 * (serving < 6).sum()
        gap = rows.sort("user", "submit").select(pl.col("submit").diff().over("user").dt.total_minutes())
        assert (gap.to_series().drop_nulls().to_numpy() <= 5).mean() > 0.5

    def test_outages_are_in_the_period_on_nodes_that_exist_one_at_a_time(self) -> None:
        drawn = sample(1, 40_000)
        events = drawn.log.node_events.sort("node", "start")
        assert set(events["state"]) == {"down", "drain"}
        assert set(events["node"]) <= set(drawn.fleet.node_names)
        assert (events["start"] < events["end"]).all()
        assert events.filter(pl.col("start") < pl.col("end").shift().over("node")).is_empty()
        assert events.filter(pl.col("start") < BEGIN).is_empty()
        assert events.filter(pl.col("start") >= BEGIN + timedelta(hours=hours(drawn))).is_empty()


class TestBounds:
    @pytest.mark.parametrize(("jobs", "nodes"), [(0, None), (-1, None), (5_000_001, None), (10, 9), (10, 100_001)])
    def test_out_of_bounds_is_refused_in_a_sentence(self, jobs: int, nodes: int | None) -> None:
        with pytest.raises(CallError, match="a sample has"):
            draw(np.random.default_rng(1), jobs=jobs, nodes=nodes)

    def test_too_few_nodes_for_the_jobs_are_refused_with_the_least_that_would_do(self) -> None:
        with pytest.raises(CallError, match="use at least 770 nodes"):
            draw(np.random.default_rng(1), jobs=5_000_000, nodes=10)
        assert sample(1, 6_500 * 10, 10).log.jobs.height == 65_000

    def test_one_job_is_a_sample(self) -> None:
        assert sample(1, 1).log.jobs.height == 1


class TestChance:
    def test_the_mix_is_out_of_a_thousand(self) -> None:
        assert sum(population.jobs for population in MIX) == 1000
        assert all(sum(population.ends) == 1000 for population in MIX)

    @given(seed=st.integers(0, 2**32))
    @settings(max_examples=20)
    def test_a_spread_is_its_plain_twin(self, seed: int) -> None:
        drawn = spread({0: 2, 250: 40, 900: 41, 1000: 5_000})
        uniform = np.random.default_rng(seed).integers(0, ONE, 200)
        assert list(drawn.draw(np.random.default_rng(seed), 200)) == [plain(drawn, int(u)) for u in uniform]

    @given(whole=st.integers(0, 10_000), weights=st.lists(st.integers(0, 100), min_size=1).filter(any))
    def test_parts_sum_to_the_whole_and_are_off_by_less_than_one(self, whole: int, weights: list[int]) -> None:
        split = parts(whole, weights)
        assert sum(split) == whole
        exact = [whole * weight / sum(weights) for weight in weights]
        assert all(abs(part - share) < 1 for part, share in zip(split, exact, strict=True))

    def test_weights_and_chances_are_met(self) -> None:
        rng = np.random.default_rng(1)
        often = np.bincount(pick(rng, [1, 0, 3], 40_000))
        assert often[1] == 0
        assert 0.24 < often[0] / 40_000 < 0.26
        assert 0.09 < chance(rng, 100, 40_000).mean() < 0.11


def plain(drawn: Spread, u: int) -> int:
    """The value at the quantile u / ONE, the long way."""
    knots = [quantile * ONE // 1000 for quantile in drawn.quantiles]
    left = max(i for i, knot in enumerate(knots) if knot <= u)
    rise = drawn.values[left + 1] - drawn.values[left]
    return drawn.values[left] + rise * (u - knots[left]) // (knots[left + 1] - knots[left])
