"""`headrace fill` as a user meets it: what it prints and writes, and one sentence for each mistake."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

FLEET = """
name = "two-kinds"
[[pool]]
name = "h20"
kind = "H20"
nodes = 3
chips = 8
cpus = 64
memory_gib = 512
[[pool]]
name = "a800"
kind = "A800"
nodes = 2
chips = 4
cpus = 16
memory_gib = 256
"""
JOBS = """job,submit,chips,nodes,share_milli,cpus_milli,kinds
a,2026-01-01T00:00:00Z,1,1,500,2000,
b,2026-01-01T00:00:00Z,2,1,1000,8000,
c,2026-01-01T00:00:00Z,4,1,1000,8000,H20
d,2026-01-01T00:00:00Z,1,2,1000,1000,
e,2026-01-01T00:00:00Z,0,1,1000,16000,
"""
CHIPS = 3 * 8 + 2 * 4


def call(*words: object) -> list[str]:
    return [sys.executable, "-m", "headrace", "fill", *map(str, words)]


def fill(*words: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Fill the two kinds with the five jobs."""
    usual = ("--nodes", "fleet.toml", "--jobs", "jobs.csv", "--lang", "en")
    return subprocess.run(call(*usual, *words), cwd=cwd, capture_output=True, text=True, timeout=600, check=False)


def done(*words: object, cwd: Path) -> str:
    """What a call that succeeds prints."""
    ended = fill(*words, cwd=cwd)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A folder with a fleet and a list of jobs."""
    (tmp_path / "fleet.toml").write_text(FLEET)
    (tmp_path / "jobs.csv").write_text(JOBS)
    return tmp_path


def test_the_usual_three_rules_are_compared_in_a_table_and_on_a_page(desk: Path) -> None:
    printed = done(cwd=desk)
    assert [line.split()[0] for line in printed.splitlines() if line.startswith(("first ", "best ", "fgd "))] == [
        "first",
        "best",
        "fgd",
    ]
    assert "→ fill/fill.html" in printed
    assert sorted(path.name for path in (desk / "fill").iterdir()) == ["fill.html"]


def test_chinese_is_printed_where_it_is_asked_for(desk: Path) -> None:
    assert "容量测算" in done("--lang", "zh", "--place", "best", cwd=desk)


def test_the_same_fill_twice_is_the_same_to_the_byte(desk: Path) -> None:
    def both() -> tuple[str, bytes, bytes]:
        printed = done("--json", "fill.json", cwd=desk)
        return printed, (desk / "fill" / "fill.html").read_bytes(), (desk / "fill.json").read_bytes()

    assert both() == both()


def test_json_on_stdout_is_all_that_comes_out(desk: Path) -> None:
    figures = json.loads(done("--json", "-", "--place", "best,fgd", "--place", "fgd", "--seeds", "4..6", cwd=desk))
    assert list(figures["rules"]) == ["best", "fgd"]
    assert figures["chips"] == CHIPS
    assert figures["seeds"] == [4, 5, 6]
    assert figures["until"] == 1.3
    for rule in figures["rules"].values():
        assert list(rule["seeds"]) == ["4", "5", "6"]
        assert rule["load"] == [percent / 100 for percent in range(len(rule["load"]))]
        assert len(rule["load"]) == len(rule["allocated"]) == len(rule["fragmented"])
        assert all(1.2 < seed["arrived"] <= 1.3 for seed in rule["seeds"].values())
    assert not (desk / "fill").exists()


def test_a_fleet_is_filled_as_far_as_asked_for(desk: Path) -> None:
    figures = json.loads(done("--json", "-", "--place", "best", "--until", "0.5", cwd=desk))
    (seed,) = figures["rules"]["best"]["seeds"].values()
    assert seed["arrived"] <= 0.5
    assert seed["final"]["allocated"] == pytest.approx(seed["arrived"], abs=1e-5)
    assert seed["dropped"] == {}


@pytest.mark.parametrize("place", ["first", "best", "packing", "clustering", "dot", "fgd"])
def test_placements_that_are_handed_back_fill_the_same_way(desk: Path, place: str) -> None:
    done("--place", place, "--shuffle-nodes", "--placements", "one.csv", cwd=desk)
    done("--place", place, "--arrivals", "one.csv", "--node-order", "one.csv", "--placements", "two.csv", cwd=desk)
    assert (desk / "one.csv").read_bytes() == (desk / "two.csv").read_bytes()


def test_several_placements_are_a_file_each(desk: Path) -> None:
    done("--place", "first,best", "--seeds", "1..2", "--placements", "out.csv", cwd=desk)
    assert sorted(path.name for path in desk.glob("out*")) == [
        f"out-{place}-{seed}.csv" for place in ("best", "first") for seed in (1, 2)
    ]


def test_arrivals_are_taken_as_they_are(desk: Path) -> None:
    (desk / "order.csv").write_text("pod\nb\nc-tuned-3\na\na\n")
    done("--place", "first", "--arrivals", "order.csv", "--placements", "out.csv", cwd=desk)
    assert (desk / "out.csv").read_text() == (
        "seq,job,node,node_rank,chips,reason\n"
        '0,b,h20-1,0,0;1,""\n'
        '1,c,h20-1,0,2;3;4;5,""\n'
        '2,a,h20-1,0,6,""\n'
        '3,a,h20-1,0,6,""\n'
    )


def test_the_first_node_of_the_order_is_taken(desk: Path) -> None:
    (desk / "order.csv").write_text("job\na\n")
    (desk / "nodes.txt").write_text("a800-2\n")
    orders = ("--arrivals", "order.csv", "--node-order", "nodes.txt")
    done("--place", "first", *orders, "--placements", "out.csv", cwd=desk)
    assert (desk / "out.csv").read_text().splitlines()[1] == '0,a,a800-2,0,0,""'


def test_a_wall_that_is_waived_keeps_no_job_away(desk: Path) -> None:
    (desk / "order.csv").write_text("job\nc\n")
    (desk / "nodes.txt").write_text("a800-1\n")
    orders = ("--place", "first", "--arrivals", "order.csv", "--node-order", "nodes.txt", "--placements", "out.csv")
    done(*orders, cwd=desk)
    assert (desk / "out.csv").read_text().splitlines()[1] == '0,c,h20-1,1,0;1;2;3,""'
    assert "Walls that are waived: kind." in done(*orders, "--relax", "kind", cwd=desk)
    assert (desk / "out.csv").read_text().splitlines()[1] == '0,c,a800-1,0,0;1;2;3,""'


def test_seeds_draw_other_arrivals_and_only_shuffled_nodes_draw_other_nodes(desk: Path) -> None:
    done("--place", "first", "--seeds", "1..2", "--placements", "plain.csv", cwd=desk)
    done("--place", "first", "--seeds", "1..2", "--shuffle-nodes", "--placements", "mixed.csv", cwd=desk)
    plain, other, mixed = (
        [row.split(",") for row in (desk / name).read_text().splitlines()[1:]]
        for name in ("plain-first-1.csv", "plain-first-2.csv", "mixed-first-1.csv")
    )
    assert [row[1] for row in plain] == [row[1] for row in mixed]
    assert [row[1] for row in plain] != [row[1] for row in other]
    assert [row[2] for row in plain] != [row[2] for row in mixed]


def test_an_openb_list_of_nodes_and_of_pods_is_told_from_the_files(tmp_path: Path) -> None:
    (tmp_path / "nodes.csv").write_text(
        "sn,cpu_milli,memory_mib,gpu,model\nn-1,64000,262144,2,P100\nn-2,64000,262144,8,T4\n"
    )
    (tmp_path / "pods.csv").write_text("name,cpu_milli,memory_mib,num_gpu,gpu_milli\np-1,4000,16384,1,500\n")
    words = ("--nodes", "nodes.csv", "--jobs", "pods.csv", "--place", "fgd", "--json", "-")
    ended = subprocess.run(call(*words), cwd=tmp_path, capture_output=True, text=True, timeout=600, check=True)
    figures = json.loads(ended.stdout)
    assert figures["chips"] == 10
    assert figures["rules"]["fgd"]["final"]["allocated"]["mean"] == 1.0
    assert figures["rules"]["fgd"]["final"]["allocated"]["sd"] is None


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("--place", "fdg"), "did you mean 'fgd'"),
        (("--relax", "wall"), "partition, kind, quota"),
        (("--seeds", "9..2"), "the first is the smallest"),
        (("--seeds", "some"), "write them as in 42..51"),
        (("--seeds", "1..2", "--seed", "3"), "leave one out"),
        (("--arrivals", "wrong.csv"), "wrong.csv, line 2: names the job 'nobody'"),
        (("--arrivals", "wrong.csv", "--until", "2"), "leave one out"),
        (("--node-order", "wrong.csv"), "wrong.csv, line 1: names the node 'job'"),
        (("--node-order", "wrong.csv", "--shuffle-nodes"), "leave one out"),
        (("--arrivals", "nothing.csv"), "nothing.csv: does not exist"),
        (("--nodes", "jobs.csv"), "jobs.csv: is not TOML"),
        (("--nodes", "chipless.toml"), "chipless.toml: has no chips"),
        (("--jobs", "chipless.csv"), "asks for no chips at all"),
        (("--placements", "nowhere/out.csv"), "cannot be written"),
    ],
)
def test_a_mistaken_call_is_told_what_would_be_right(desk: Path, words: tuple[str, ...], hint: str) -> None:
    (desk / "wrong.csv").write_text("job\nnobody\n")
    (desk / "chipless.toml").write_text(FLEET.replace("chips = 8", "chips = 0").replace("chips = 4", "chips = 0"))
    (desk / "chipless.csv").write_text("\n".join([JOBS.splitlines()[0], JOBS.splitlines()[-1], ""]))
    ended = fill(*words, cwd=desk)
    said = [line for line in ended.stderr.splitlines() if line.startswith("headrace: ")]
    assert ended.returncode == 2
    assert len(said) == 1
    assert hint in said[0]
    assert "Traceback" not in ended.stderr


def test_a_bad_row_is_counted_and_said(desk: Path) -> None:
    (desk / "jobs.csv").write_text(JOBS + "f,,1,1,1000,0,\n")
    assert "that were not understood, and are in no figure: 1." in " ".join(done(cwd=desk).split())


def test_ctrl_c_leaves_no_half_written_file(desk: Path) -> None:
    usual = ("--nodes", "fleet.toml", "--jobs", "jobs.csv", "--lang", "en", "--until", "90", "--seeds", "1..900")
    process = subprocess.Popen(call(*usual), cwd=desk, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    process.stderr.readline()
    process.send_signal(signal.SIGINT)
    printed, said = process.communicate(timeout=600)
    assert process.returncode == 130
    assert printed == ""
    assert said.splitlines()[-1] == "headrace: interrupted; nothing was left half written"
    assert "Traceback" not in said
    assert list((desk / "fill").iterdir()) == []
