"""What lies on the disk as columns is what a replay needs, and it is mapped, not read."""

from __future__ import annotations

import mmap
from typing import TYPE_CHECKING

import numpy as np
import pytest

from headrace.history import read
from headrace.history.asked import asked, outages, span
from headrace.history.fleet_file import read_fleet
from headrace.policy.policy import parse
from headrace.replay.shrink import left_of
from headrace.report.assemble import Request, play
from headrace.report.figures import policy_dict
from headrace.sweep.compute import figures, part_of
from headrace.sweep.grid import Cell
from headrace.sweep.shared import Material, columns_of, map_columns, material_of, write_columns

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def material(made: Path) -> Material:
    log, fleet = read(made / "log.parquet"), read_fleet(made / "fleet.toml")
    return Material(asked(log, fleet).workload, outages(log, fleet)[0], *span(log))


def test_columns_written_and_mapped_make_the_same_material(material: Material, tmp_path: Path) -> None:
    write_columns(columns_of(material), tmp_path)
    mapped = map_columns(tmp_path)
    assert {name: column.dtype for name, column in mapped.items()} == {
        name: column.dtype for name, column in columns_of(material).items()
    }
    again = material_of(mapped)
    assert (again.begin, again.end) == (material.begin, material.end)
    assert again.workload.names == material.workload.names
    assert again.workload.tenants == material.workload.tenants
    assert all(np.array_equal(column, mapped[name]) for name, column in columns_of(again).items())


def test_a_workers_numbers_are_the_files_own_pages(material: Material, tmp_path: Path) -> None:
    write_columns(columns_of(material), tmp_path)
    submit = material_of(map_columns(tmp_path)).workload.submit
    assert not submit.flags.owndata
    assert not submit.flags.writeable
    base: object = submit
    while isinstance(base, np.ndarray) and base.base is not None:
        base = base.base
    assert isinstance(base, mmap.mmap)


def test_names_of_every_script_and_empty_ones_survive(material: Material, tmp_path: Path) -> None:
    from dataclasses import replace

    names = ("", "作业-1", "naïve", "", "𝔘", *material.workload.names[5:])
    changed = replace(material, workload=replace(material.workload, names=names))
    write_columns(columns_of(changed), tmp_path)
    assert material_of(map_columns(tmp_path)).workload.names == names


@pytest.mark.parametrize("policy", ["fair+easy/fgd", "las+conservative/random"])
def test_a_cell_has_the_figures_that_replay_prints(made: Path, material: Material, tmp_path: Path, policy: str) -> None:
    log, fleet = read(made / "log.parquet"), read_fleet(made / "fleet.toml")
    request = Request((parse(policy, 3),), walls=("kind",), checkpoint=1_800_000)
    printed = policy_dict(play(log, fleet, request, lambda what, done, total: None).results[0])
    write_columns(columns_of(material), tmp_path)
    cell = Cell("", "fleet.toml", fleet, 1000, parse(policy, 3), 3, ("kind",), 1_800_000)
    found = figures(cell, material_of(map_columns(tmp_path)))
    same = printed.keys() - {"ledger", "lost_money"}
    assert {name: found[name] for name in same} == {name: printed[name] for name in same}
    assert {name: found[f"{name}_chip_hours"] for name in printed["ledger"]} == printed["ledger"]


def test_a_part_of_a_fleet_is_the_first_nodes_of_each_pool_and_their_outages(made: Path, material: Material) -> None:
    fleet = read_fleet(made / "fleet.toml")
    part = part_of(fleet, 500)
    assert [pool.nodes for pool in part.pools] == [-(-pool.nodes // 2) for pool in fleet.pools]
    left = left_of(material.outages, fleet, part)
    before = [(fleet.node_names[n], t) for n, t in zip(material.outages.node, material.outages.start, strict=True)]
    after = [(part.node_names[n], t) for n, t in zip(left.node, left.start, strict=True)]
    assert after == [(name, time) for name, time in before if name in part.node_names]
