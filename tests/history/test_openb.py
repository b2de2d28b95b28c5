from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from headrace.errors import CallError, InputError
from headrace.history import read
from headrace.history.fleet_file import read_fleet, write_fleet
from headrace.history.openb import read_openb_nodes

if TYPE_CHECKING:
    from pathlib import Path

ZERO = datetime(1970, 1, 1, tzinfo=UTC)
PODS = """name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_time
p-0,12000,16384,1,460,V100M16|V100M32,LS,Running,10,900,12
p-1,6000,12288,8,1000,,BE,Failed,20,70,21
p-2,6000,12288,0,0,,Burstable,Succeeded,30,80,33
p-3,6000,12288,2,1000,,LS,Pending,40,90,
p-4,6000,12288,1,1000,,LS,Running,50,100,50
p-5,6000,12288,1,1000,,LS,Pending,60,900,
p-6,6000,12288,1,1000,,LS,Lost,60,900,
p-7,6000,12288,1,1000,,LS,Running,-60,900,
"""
NODES = """sn,cpu_milli,memory_mib,gpu,model
n-0,32000,262144,0,
n-1,64000,262144,2,P100
n-2,32000,262144,0,
n-3,96500,393216,8,G2
"""


@pytest.fixture
def pods_csv(tmp_path: Path) -> Path:
    path = tmp_path / "pods.csv"
    path.write_text(PODS)
    return path


def seconds(number: int | None) -> datetime | None:
    return None if number is None else ZERO + timedelta(seconds=number)


def test_a_pod_is_a_job_on_one_node(pods_csv: Path) -> None:
    jobs = read(pods_csv).jobs
    columns = ("job", "tenant", "chips", "share_milli", "cpus_milli", "memory_mib", "kinds", "class", "arrival")
    assert jobs.select(columns).rows()[:3] == [
        ("p-0", "LS", 1, 460, 12000, 16384, "V100M16;V100M32", "serving", 0),
        ("p-1", "BE", 8, 1000, 6000, 12288, "", "spare", 1),
        ("p-2", "Burstable", 0, 1000, 6000, 12288, "", "normal", 2),
    ]


def test_a_pod_deleted_before_the_list_ends_has_left(pods_csv: Path) -> None:
    jobs = read(pods_csv).jobs
    assert jobs.select("job", "submit", "start", "end", "state").rows() == [
        ("p-0", seconds(10), seconds(12), None, "running"),
        ("p-1", seconds(20), seconds(21), seconds(70), "failed"),
        ("p-2", seconds(30), seconds(33), seconds(80), "completed"),
        ("p-3", seconds(40), None, seconds(90), "cancelled"),
        ("p-4", seconds(50), seconds(50), seconds(100), "completed"),
        ("p-5", seconds(60), None, None, "pending"),
    ]


def test_a_pod_that_makes_no_sense_is_rejected(pods_csv: Path) -> None:
    log = read(pods_csv)
    assert [refused.line for refused in log.rejects] == [8, 9]
    assert log.rejects[0].reason == "has the pod_phase 'Lost'; possible are Running, Pending, Failed, Succeeded"
    assert log.rejects[1].reason.startswith("has creation_time -60")


def test_a_pod_list_without_times_is_submitted_at_once(tmp_path: Path) -> None:
    path = tmp_path / "pods.csv"
    path.write_text("name,cpu_milli,memory_mib,num_gpu,gpu_milli\np-1,1,2,1,2000\np-0,1,2,0,0\n")
    log = read(path)
    assert log.jobs.select("job", "submit", "state", "share_milli", "arrival").rows() == [
        ("p-0", ZERO, "pending", 1000, 1),
        ("p-1", ZERO, "pending", 1000, 0),
    ]
    assert "has no times" in log.notes[0]
    assert not log.has_starts


def test_a_pod_list_is_in_no_time_zone(pods_csv: Path) -> None:
    with pytest.raises(CallError, match="no time zone"):
        read(pods_csv, tz=ZoneInfo("Asia/Shanghai"))


def test_nodes_that_are_alike_are_a_pool(tmp_path: Path) -> None:
    path = tmp_path / "nodes.csv"
    path.write_text(NODES)
    pools = read_openb_nodes(path).pools
    assert [(pool.name, pool.kind, pool.node_names, pool.chips, pool.cpu, pool.memory) for pool in pools] == [
        ("CPU-32c-256g", "CPU", ("n-0", "n-2"), 0, 32_000, 262_144),
        ("P100-2x-64c-256g", "P100", ("n-1",), 2, 64_000, 262_144),
        ("G2-8x-96.5c-384g", "G2", ("n-3",), 8, 96_500, 393_216),
    ]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("n-9,32000,262144,many,G2", "line 6: has gpu 'many', which is not a whole number"),
        ("n-9,32000,262144,4,", "line 6: has GPUs of no model"),
        ("n-9,-1,262144,0,", "line 6: has cpu_milli -1"),
        ("n-9,,262144,0,", "line 6: has no cpu_milli"),
        (",1,262144,0,", "line 6: names no node"),
        ("n-0,32000,262144,0,", "names the node 'n-0' twice"),
    ],
)
def test_a_node_list_is_read_whole_or_not_at_all(tmp_path: Path, line: str, sentence: str) -> None:
    path = tmp_path / "nodes.csv"
    path.write_text(NODES + line + "\n")
    with pytest.raises(InputError, match=sentence):
        read_openb_nodes(path)


@pytest.mark.parametrize(
    ("name", "pods"),
    [("cpu050", 7439), ("default", 8152), ("gpushare40", 8152), ("gpuspec10", 8152), ("multigpu20", 8324)],
)
def test_every_published_pod_list_is_read(reference_data: Path, name: str, pods: int) -> None:
    log = read(reference_data / "openb" / f"openb_pod_list_{name}.csv.gz")
    assert (log.jobs.height, log.rejects) == (pods, ())
    assert log.jobs["arrival"].sort().to_list() == list(range(pods))


def test_the_published_inventory_is_1213_nodes_with_6212_gpus(reference_data: Path, tmp_path: Path) -> None:
    fleet = read_openb_nodes(reference_data / "openb" / "openb_node_list_gpu_node.csv.gz")
    assert (len(fleet.node_names), fleet.chips) == (1213, 6212)
    assert read_openb_nodes(reference_data / "openb" / "openb_node_list_all_node.csv.gz").chips == 6212
    write_fleet(fleet, tmp_path / "fleet.toml")
    assert read_fleet(tmp_path / "fleet.toml") == fleet
