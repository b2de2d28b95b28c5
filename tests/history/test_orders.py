"""Orders of arrival and of nodes that somebody hands in, and the fleet that they are about."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest
from tests.factories import make_fleet, make_pool

from headrace.errors import InputError
from headrace.history.fleet_file import write_fleet
from headrace.history.nodes import read_nodes
from headrace.history.orders import read_arrivals, read_node_order

if TYPE_CHECKING:
    from pathlib import Path

JOBS = ("x", "y", "z-tuned-1")
FLEET = make_fleet(make_pool("a", 3), make_pool("b", 2))
PLACEMENTS = """seq,job,node,node_rank,chips,reason
0,x,b-2,4,0,
1,y,,,,fragmented
2,x,a-3;b-1,0;7,0|0;1,
3,x,b-2,4,1,
"""


def arrivals(folder: Path, text: str) -> list[int]:
    (folder / "order.csv").write_text(text)
    return read_arrivals(folder / "order.csv", JOBS).tolist()


def nodes(folder: Path, text: str) -> list[str]:
    (folder / "nodes.txt").write_text(text)
    return [FLEET.node_names[n] for n in read_node_order(folder / "nodes.txt", FLEET)]


@pytest.mark.parametrize("column", ["job", "pod"])
def test_jobs_arrive_in_the_order_of_the_file_and_as_often(tmp_path: Path, column: str) -> None:
    assert arrivals(tmp_path, f"seq,{column}\n0,y\n1,x\n2,y\n") == [1, 0, 1]


def test_a_copy_is_the_job_that_it_is_a_copy_of_unless_a_job_has_that_very_name(tmp_path: Path) -> None:
    assert arrivals(tmp_path, "job\nx-tuned-12\nz-tuned-1\ny\n") == [0, 2, 1]


def test_orders_may_be_packed(tmp_path: Path) -> None:
    (tmp_path / "order.csv.gz").write_bytes(gzip.compress(b"job\ny\n"))
    (tmp_path / "nodes.txt.gz").write_bytes(gzip.compress(b"b-1\n"))
    assert read_arrivals(tmp_path / "order.csv.gz", JOBS).tolist() == [1]
    assert read_node_order(tmp_path / "nodes.txt.gz", FLEET)[0] == 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("job\nx\nnobody\n", r"line 3: names the job 'nobody', which is not in the list of jobs; .*NAME-tuned-0"),
        ("job\nx-tuned-\n", "line 2: names the job 'x-tuned-'"),
        ("job,n\nx,1\n,2\n", "line 3: names no job"),
        ("job,n\nx,1\nx,2,3\n", "line 3: has 3 fields where the header has 2"),
        ("name\nx\n", "has no column 'job' or 'pod'; the columns found are: name"),
        ("job\n", "has no arrivals"),
        ("", "is empty"),
    ],
)
def test_a_wrong_order_of_arrival_is_refused_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        arrivals(tmp_path, text)


def test_nodes_that_are_not_named_come_after_those_that_are(tmp_path: Path) -> None:
    assert nodes(tmp_path, "b-2\n\na-3\n") == ["b-2", "a-3", "a-1", "a-2", "b-1"]


def test_placements_rank_the_nodes(tmp_path: Path) -> None:
    assert nodes(tmp_path, PLACEMENTS) == ["a-3", "b-2", "b-1", "a-1", "a-2"]


def test_published_placements_have_a_word_for_jobs_without_a_node(tmp_path: Path) -> None:
    assert nodes(tmp_path, "seq,pod,node,node_rank\n0,x,FAIL,\n1,y,b-1,0\n")[:2] == ["b-1", "a-1"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a-1\nc-1\n", "line 2: names the node 'c-1', which the fleet does not have"),
        ("a-1\nb-1\na-1\n", "line 3: names the node 'a-1' once more"),
        ("node,node_rank\na-1,0\nc-1,1\n", "line 3: names the node 'c-1', which the fleet does not have"),
        ("node,node_rank\na-1,0\na-1,1\n", "line 3: ranks the node 'a-1' 1, and an earlier line has it otherwise"),
        ("node,node_rank\na-1,0\na-2,0\n", "line 3: ranks the node 'a-2' 0"),
        ("node,node_rank\na-1,first\n", "line 2: has the node_rank 'first'; a whole number"),
        ("node,node_rank\na-1;a-2,3\n", "line 2: has the node_rank '3'"),
    ],
)
def test_a_wrong_order_of_nodes_is_refused_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        nodes(tmp_path, text)


def test_the_file_tells_whether_it_is_a_fleet_or_an_openb_list(tmp_path: Path) -> None:
    write_fleet(FLEET, tmp_path / "fleet.toml")
    (tmp_path / "nodes.csv.gz").write_bytes(
        gzip.compress(b"sn,cpu_milli,memory_mib,gpu,model\nn-1,64000,262144,2,P100\n")
    )
    assert read_nodes(tmp_path / "fleet.toml") == FLEET
    assert read_nodes(tmp_path / "nodes.csv.gz").node_names == ("n-1",)


def test_a_file_that_is_neither_is_refused_as_a_fleet(tmp_path: Path) -> None:
    (tmp_path / "nodes.csv").write_text("sn,gpu\nn-1,8\n")
    with pytest.raises(InputError, match=r"nodes\.csv: is not TOML"):
        read_nodes(tmp_path / "nodes.csv")
