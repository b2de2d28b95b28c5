"""Demands against a fleet: where a job may run, which jobs are alike, and where they ran."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.explain.logs import make, row
from tests.factories import make_pool

from headrace.history.demand import demands, plain
from headrace.units import MILLI
from headrace.world.fleet import Fleet

H20 = replace(make_pool("h20", nodes=2, chips=8, kind="H20", site="hangzhou"), partitions=("gpu", "all"))
NPU = replace(make_pool("npu", nodes=2, chips=8, kind="Ascend 910B", site="guiyang"), partitions=("all",))
FLEET = Fleet("test", (H20, NPU))


def allowed(**more: object) -> list[str]:
    """The pools where one job may run."""
    found = demands(make(row("a", 0, 0, 9, **more)), FLEET)
    return [pool.name for pool, may in zip(FLEET.pools, found.shapes.pools[0].tolist(), strict=True) if may]


def notes(**more: object) -> tuple[str, ...]:
    return demands(make(row("a", 0, 0, 9, **more), row("b", 1, 1, 9, **more)), FLEET).notes


class TestWhereAJobMayRun:
    def test_a_job_that_asks_for_nothing_may_run_anywhere(self) -> None:
        assert allowed() == ["h20", "npu"]

    @pytest.mark.parametrize("kind", ["Ascend 910B", "ascend910b", "ASCEND-910B", "ascend_910b"])
    def test_a_kind_is_known_however_slurm_spells_it(self, kind: str) -> None:
        assert allowed(kinds=kind) == ["npu"]

    def test_of_several_kinds_any_will_do(self) -> None:
        assert allowed(kinds="A800;H20") == ["h20"]
        assert allowed(kinds="h20;ascend910b") == ["h20", "npu"]

    def test_a_kind_that_the_fleet_does_not_have_fits_nowhere_and_is_said(self) -> None:
        assert allowed(kinds="A800") == []
        assert notes(kinds="A800") == ("the kind 'A800' is not in the fleet; jobs that asked for it: 2",)

    @pytest.mark.parametrize(
        ("pool", "pools"), [("h20", ["h20"]), ("gpu", ["h20"]), ("all", ["h20", "npu"]), ("gpu,npu", ["h20", "npu"])]
    )
    def test_a_partition_is_a_pools_name_or_one_that_it_carries(self, pool: str, pools: list[str]) -> None:
        assert allowed(pool=pool) == pools

    def test_a_partition_in_no_pool_says_nothing_and_is_counted(self) -> None:
        assert allowed(pool="debug") == ["h20", "npu"]
        (note,) = notes(pool="debug")
        assert note.startswith("the partition 'debug' is in no pool of the fleet")
        assert note.endswith(": 2")

    def test_of_several_partitions_those_that_are_known_count(self) -> None:
        assert allowed(pool="debug,gpu") == ["h20"]
        assert notes(pool="debug,gpu") == ()

    def test_a_site_is_where_it_must_run(self) -> None:
        assert allowed(site="guiyang") == ["npu"]

    def test_a_site_that_the_fleet_does_not_have_says_nothing(self) -> None:
        assert allowed(site="beijing") == ["h20", "npu"]

    def test_all_of_what_it_asks_for_must_hold(self) -> None:
        assert allowed(kinds="H20", pool="npu") == []
        assert allowed(kinds="H20", pool="all", site="hangzhou") == ["h20"]

    def test_kinds_are_kept_for_what_it_would_be_without_partition_and_site(self) -> None:
        shapes = demands(make(row("a", 0, 0, 9, kinds="ascend910b", pool="h20", site="hangzhou")), FLEET).shapes
        assert (shapes.pools.tolist(), shapes.kinds.tolist()) == ([[False, False]], [[False, True]])


class TestShapes:
    def test_jobs_that_ask_for_the_same_have_one_shape(self) -> None:
        rows = row("a", 0, 0, 9, chips=8), row("b", 1, 1, 9, chips=8), row("c", 2, 2, 9, chips=4)
        found = demands(make(*rows), FLEET)
        assert len(found.shapes) == 2
        assert found.shape[0] == found.shape[1] != found.shape[2]

    @pytest.mark.parametrize(
        "more",
        [{"chips": 2}, {"nodes": 2}, {"share_milli": 500}, {"cpus_milli": 1}, {"memory_mib": 1}, {"pool": "gpu"}],
    )
    def test_jobs_that_differ_in_anything_that_decides_where_they_fit_have_two(self, more: dict[str, object]) -> None:
        assert len(demands(make(row("a", 0, 0, 9), row("b", 1, 1, 9) | more), FLEET).shapes) == 2

    def test_a_share_of_no_chip_is_no_share(self) -> None:
        rows = row("a", 0, 0, 9, chips=0, share_milli=250), row("b", 1, 1, 9, chips=0)
        shapes = demands(make(*rows), FLEET).shapes
        assert shapes.share.tolist() == [MILLI]

    def test_sizes_are_those_of_one_node(self) -> None:
        more = {"chips": 4, "nodes": 3, "share_milli": 500, "cpus_milli": 7, "memory_mib": 9}
        shapes = demands(make(row("a", 0, 0, 9, **more)), FLEET).shapes
        names = ("chips", "nodes", "share", "cpu", "memory")
        assert [int(getattr(shapes, name)[0]) for name in names] == list(more.values())


class TestPlaces:
    def places(self, ran_on: str, nodes: int = 1) -> list[int]:
        found = demands(make(row("a", 0, 0, 9, ran_on=ran_on, nodes=nodes)), FLEET)
        return found.places(np.array([True]), np.array([0, nodes])).tolist()

    def test_nodes_are_numbered_as_in_the_fleet(self) -> None:
        assert self.places("H20:h20-2;h20-1", nodes=2) == [1, 0]
        assert self.places("Ascend 910B:npu-1") == [2]

    def test_a_node_is_known_by_its_name_alone(self) -> None:
        assert self.places(":npu-2") == [3]

    def test_where_only_the_kind_is_known(self) -> None:
        assert self.places("H20:") == [-2]
        assert self.places("ascend910b:", nodes=2) == [-3, -3]

    def test_where_nothing_is_known(self) -> None:
        assert self.places("") == [-1]
        assert self.places("A800:", nodes=2) == [-1, -1]

    def test_a_node_that_the_fleet_does_not_have_is_one_of_its_kind(self) -> None:
        assert self.places("H20:h20-99;h20-1", nodes=2) == [-2, 0]
        assert self.places("A800:a800-1") == [-1]

    def test_nodes_that_are_not_named_are_of_the_kind_of_those_that_are(self) -> None:
        assert self.places("H20:h20-2", nodes=3) == [1, -2, -2]

    def test_more_nodes_than_the_gang_are_left_out(self) -> None:
        assert self.places("H20:h20-1;h20-2", nodes=1) == [0]

    def test_rows_that_did_not_begin_have_no_places(self) -> None:
        found = demands(make(row("a", 0), row("b", 1, 1, 9, nodes=2, ran_on="H20:h20-1;h20-2")), FLEET)
        assert found.places(np.array([False, True]), np.array([0, 0, 2])).tolist() == [0, 1]


def test_a_plain_name_is_letters_and_digits() -> None:
    assert plain("Ascend 910-B (64G)") == "ascend910b64g"
