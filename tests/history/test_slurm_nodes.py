from __future__ import annotations

from pathlib import Path

import pytest

from headrace.errors import InputError
from headrace.history.fleet_file import read_fleet, write_fleet
from headrace.history.slurm_nodes import Known, Node, draft_fleet, read_nodes

SLURM = Path(__file__).resolve().parents[1] / "fixtures" / "slurm"
SINFO = "NODELIST CPUS MEMORY GRES PARTITION\n"


def written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_scontrol_and_sinfo_tell_the_same_of_a_real_fleet() -> None:
    nodes = read_nodes(SLURM / "nodes.txt")
    assert nodes == read_nodes(SLURM / "sinfo.txt")
    assert len(nodes) == 8
    assert nodes[0] == Node("a100-1", 64, 512_000, (("a100", 8),), (("shard", 32),), ("all", "nv"))


def test_a_draft_has_a_pool_for_nodes_that_are_alike(tmp_path: Path) -> None:
    fleet, notes = draft_fleet(read_nodes(SLURM / "nodes.txt"), "east")
    assert [(p.name, p.kind, p.nodes, p.chips, p.cpu, p.memory) for p in fleet.pools] == [
        ("a100", "a100", 2, 8, 64_000, 512_000),
        ("ascend910b", "ascend910b", 2, 8, 64_000, 512_000),
        ("h20", "h20", 3, 8, 64_000, 512_000),
        ("h100", "h100", 1, 8, 64_000, 512_000),
    ]
    assert fleet.pools[2].node_names == ("h20-1", "h20-2", "h20-3")
    assert fleet.pools[2].partitions == ("all", "nv")
    assert (fleet.name, notes) == ("east", ())
    write_fleet(fleet, tmp_path / "fleet.toml")
    assert read_fleet(tmp_path / "fleet.toml") == fleet


def test_one_node_a_line_reads_as_one_node_in_many(tmp_path: Path) -> None:
    many = (SLURM / "nodes.txt").read_text()
    one = "\n".join(" ".join(record.split("\n")) for record in many.strip().split("\n\n"))
    assert read_nodes(written(tmp_path / "n", one)) == read_nodes(SLURM / "nodes.txt")


def test_sockets_and_unknown_resources_are_no_part_of_a_count(tmp_path: Path) -> None:
    text = "NodeName=n-1 CPUTot=8 Gres=gpu:h20:8(S:0,1),nvme:4,gpu:no_consume:1 RealMemory=100 Partitions=gpu,cpu\n"
    (node,) = read_nodes(written(tmp_path / "n", text))
    assert (node.kinds, node.chips, node.partitions) == ((("h20", 8), ("gpu", 1)), 9, ("cpu", "gpu"))


def test_nodes_without_chips_make_a_pool_without_chips(tmp_path: Path) -> None:
    text = SINFO + "c-[1-2] 128 1024 (null) batch*\nn-1 8 64 gpu:4 gpu\n"
    fleet, _ = draft_fleet(read_nodes(written(tmp_path / "n", text)))
    assert [(p.name, p.kind, p.chips, p.node_names) for p in fleet.pools] == [
        ("cpu", "cpu", 0, ("c-1", "c-2")),
        ("gpu", "gpu", 4, ("n-1",)),
    ]


def test_pools_of_one_kind_have_different_names(tmp_path: Path) -> None:
    rows = ["a 8 64 gpu:h20:8 x", "b 8 64 gpu:h20:4 x", "c 8 64 gpu:h20-2:4 x"]
    fleet, _ = draft_fleet(read_nodes(written(tmp_path / "n", SINFO + "\n".join(rows))))
    assert [p.name for p in fleet.pools] == ["h20", "h20-2", "h20-2'"]


def test_a_node_with_two_kinds_counts_as_what_it_has_most_of_and_the_notes_say_so(tmp_path: Path) -> None:
    text = SINFO + "n-1 8 64 gpu:h20:2,gpu:a800:6 x\n"
    fleet, notes = draft_fleet(read_nodes(written(tmp_path / "n", text)))
    assert [(p.kind, p.chips) for p in fleet.pools] == [("a800", 8)]
    assert "n-1" in notes[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\n", "has no column NODELIST"),
        (SINFO, "names no node"),
        ("NODELIST CPUS\nn-1 8\n", "has no column MEMORY"),
        (SINFO + "n-1 8 64\n", "line 2: has 3 fields"),
        (SINFO + "n-1 8 512000+ gpu:8 x\n", "line 2: has '512000.' for memory"),
        (SINFO + "n-[2-1] 8 64 gpu:8 x\n", "line 2: has a range that goes down"),
        (SINFO + "n-1 8 64 gpu:h20:many x\n", "line 2: has 'many' for gpu in Gres"),
        (SINFO + "n-1 8 64 gpu:a:b:8 x\n", "line 2: has the Gres 'gpu:a:b:8'"),
        ("NodeName=n-1 CPUTot=x\n", "line 1: has 'x' for CPUs"),
    ],
)
def test_what_tells_of_no_nodes_is_one_sentence(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_nodes(written(tmp_path / "n", text))


def test_what_is_known_of_a_node_comes_before_what_is_usual() -> None:
    nodes = [
        Node("a", 1, 1, (("h20", 8),), (("shard", 32),), ()),
        Node("b", 1, 1, (("h20", 8),), (("shard", 16),), ()),
        Node("c", 1, 1, (("h20", 8),), (("shard", 16),), ()),
        Node("d", 1, 1, (("a800", 2),), (("mps", 200),), ()),
    ]
    known = Known({node.name: node for node in nodes}, 5)
    assert [known.parts_of_a_chip("shard", names) for names in [("a",), ("b", "a"), ("d",), ("z",), ()]] == [
        4,
        2,
        2,
        2,
        2,
    ]
    assert [known.kind(names) for names in [("a",), ("a", "b"), ("a", "d"), ("z",), ()]] == ["h20", "h20", "", "", ""]
    assert Known({}, 5).parts_of_a_chip("shard", ("a",)) == 5
    assert Known({}, 5).parts_of_a_chip("mps", ()) == 100
