"""What a real Slurm (22.05.8) printed, read; tests/slurm/jobs.sh made it, and jobs.toml names its jobs."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from headrace.errors import CallError, InputError
from headrace.history import read
from headrace.history.slurm import read_slurm

if TYPE_CHECKING:
    from headrace.history.log import JobLog

SLURM = Path(__file__).resolve().parents[1] / "fixtures" / "slurm"
NAMED: dict[str, str] = tomllib.loads((SLURM / "jobs.toml").read_text())
HEADER = "JobID|User|Account|Partition|State|Submit|Eligible|Start|End|NNodes|NodeList|ReqTRES|AllocTRES|AdminComment"
ROW = "7|li|search|gpu|COMPLETED|1000000000|1000000000|1000000060|1000003660|1|n-1|gres/gpu=1,node=1|gres/gpu=1,node=1|"


@pytest.fixture(scope="module")
def log() -> JobLog:
    return read_slurm(SLURM / "sacct.txt", tz=UTC, node_events=SLURM / "events.txt", nodes=SLURM / "nodes.txt")


def runs(log: JobLog, name: str) -> list[dict[str, Any]]:
    return log.jobs.filter(pl.col("job") == NAMED[name]).sort("run").to_dicts()


def run(log: JobLog, name: str) -> dict[str, Any]:
    (only,) = runs(log, name)
    return only


def of(log: JobLog, name: str, *columns: str) -> tuple[Any, ...]:
    only = run(log, name)
    return tuple(only[column] for column in columns)


def text(path: Path, *rows: str, header: str = HEADER) -> Path:
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def row(**fields: str) -> str:
    return "|".join((dict(zip(HEADER.split("|"), ROW.split("|"), strict=True)) | fields).values())


def counts(log: JobLog) -> dict[str, int]:
    note = next(note for note in log.notes if note.startswith("lines with text: "))
    return {noun: int(count) for count, noun in re.findall(r"(\d+) ([a-z][a-z ]*[a-z])", note)}


def test_no_line_is_lost(log: JobLog) -> None:
    lines = (SLURM / "sacct.txt").read_text().splitlines()
    assert counts(log) == {"header": 1, "rows read": 259, "steps": 249}
    assert 1 + 259 + 249 + len(log.rejects) == len(lines)


def test_steps_are_counted_and_are_no_jobs(log: JobLog) -> None:
    steps = sum("." in line.split("|")[0] for line in (SLURM / "sacct.txt").read_text().splitlines())
    assert counts(log)["steps"] == steps
    assert not log.jobs["job"].str.contains(".", literal=True).any()


def test_a_requeued_job_becomes_two_runs(log: JobLog) -> None:
    first, second = runs(log, "requeued")
    assert (first["run"], first["state"], first["chips"]) == (0, "preempted", 4)
    assert (second["run"], second["state"], second["ran_on"]) == (1, "completed", "h20:h20-2")
    assert second["submit"] == first["end"]


def test_a_preempted_job_says_so(log: JobLog) -> None:
    assert [r["state"] for r in runs(log, "preempted")] == ["preempted", "completed"]
    assert of(log, "preemptor", "state", "qos") == ("completed", "high")


def test_a_lost_node_fails_its_runs_and_the_job_may_run_again(log: JobLog) -> None:
    assert [r["state"] for r in runs(log, "lost")] == ["node_fail", "completed"]
    assert of(log, "lost_for_good", "state") == ("node_fail",)


def test_chips_are_counted_once_though_slurm_names_them_typed_and_untyped(log: JobLog) -> None:
    assert of(log, "whole", "chips", "nodes", "kinds", "ran_on") == (8, 1, "h20", "h20:h20-1")


def test_who_named_no_kind_is_open_to_any(log: JobLog) -> None:
    assert of(log, "blind", "chips", "kinds", "ran_on") == (3, "", "a100:a100-1")
    assert of(log, "npu_blind", "chips", "kinds", "ran_on") == (1, "", "ascend910b:asc-1")
    assert of(log, "npu", "chips", "kinds") == (2, "ascend910b")


def test_a_shard_is_a_share_of_one_chip(log: JobLog) -> None:
    assert of(log, "shard", "chips", "share_milli", "ran_on") == (1, 500, "a100:a100-1")
    assert of(log, "shard_one", "chips", "share_milli") == (1, 250)


def test_a_gang_has_its_nodes(log: JobLog) -> None:
    assert of(log, "gang", "chips", "nodes", "cpus_milli", "memory_mib") == (8, 2, 1000, 1000)
    assert of(log, "gang", "ran_on") == ("h20:h20-1;h20-2",)
    assert of(log, "gang_three", "chips", "nodes", "cpus_milli") == (2, 3, 2000)


def test_a_gang_on_two_kinds_has_no_one_kind(log: JobLog) -> None:
    assert of(log, "gang_mixed", "chips", "nodes", "ran_on") == (4, 2, ":h20-1;h100-1")


def test_chips_that_do_not_part_evenly_are_rounded_up_and_noted(log: JobLog) -> None:
    assert of(log, "uneven", "chips", "nodes") == (3, 2)
    assert "runs whose chips do not part evenly over their nodes, rounded up on each: 1" in log.notes


def test_what_was_given_counts_and_not_what_was_asked(log: JobLog) -> None:
    assert of(log, "exclusive", "chips", "cpus_milli", "kinds") == (8, 64_000, "")


def test_a_job_without_chips_is_kept(log: JobLog) -> None:
    assert of(log, "cpu_only", "chips", "cpus_milli", "memory_mib", "ran_on") == (0, 4000, 3000, ":h100-1")


def test_a_held_job_that_never_was_eligible_left_without_waiting(log: JobLog) -> None:
    held = run(log, "held")
    assert (held["state"], held["start"]) == ("cancelled", None)
    assert held["eligible"] == held["end"]


def test_slurm_s_start_of_what_never_started_is_no_start(log: JobLog) -> None:
    assert of(log, "cancelled_ready", "state", "start") == ("cancelled", None)
    assert of(log, "deadline_job", "state", "start") == ("cancelled", None)
    assert of(log, "cancelled_running", "state", "ran_on") == ("cancelled", "a100:a100-2")


def test_ends_are_told_apart(log: JobLog) -> None:
    assert of(log, "failing", "state") == ("failed",)
    assert of(log, "timeout_job", "state", "limit_s") == ("timeout", 60.0)
    assert of(log, "running", "state", "end") == ("running", None)
    assert of(log, "stopped", "state", "end") == ("running", None)


def test_a_pending_job_has_neither_start_nor_end(log: JobLog) -> None:
    assert of(log, "pending", "state", "start", "end", "limit_s", "ran_on") == ("pending", None, None, 93_840.0, "")


def test_a_row_of_pending_array_tasks_stands_for_each_of_them(log: JobLog) -> None:
    array = NAMED["pending_array"]
    tasks = log.jobs.filter(pl.col("job").str.starts_with(array + "_"))
    assert tasks["job"].sort().to_list() == [f"{array}_{n}" for n in range(5, 10)]
    assert set(tasks["state"]) == {"pending"}
    assert tasks["limit_s"].null_count() == 5
    assert log.jobs.filter(pl.col("job").str.starts_with(NAMED["long_array"] + "_")).height == 26
    assert log.jobs.filter(pl.col("job").str.starts_with(NAMED["cancelled_array"] + "_")).height == 14


def test_array_tasks_and_parts_of_het_jobs_are_jobs(log: JobLog) -> None:
    assert {f"{NAMED['array']}_{n}" for n in range(6)} < set(log.jobs["job"])
    het = log.jobs.filter(pl.col("job").str.starts_with(NAMED["het"] + "+")).sort("job")
    assert het.select("chips", "ran_on").rows() == [(1, "h20:h20-1"), (2, "a100:a100-1")]
    assert "parts of heterogeneous jobs, each read as a job of its own: 2" in log.notes


def test_the_rest_of_a_resized_job_begins_where_its_first_part_ends(log: JobLog) -> None:
    first, rest = runs(log, "resized")
    assert (first["nodes"], first["state"], rest["nodes"], rest["state"]) == (2, "completed", 1, "completed")
    assert rest["start"] == first["end"] == rest["submit"]


def test_waiting_counts_from_when_a_job_was_eligible(log: JobLog) -> None:
    later = run(log, "later")
    assert later["eligible"] - later["submit"] >= timedelta(seconds=7)


def test_jobstats_tells_activity(log: JobLog) -> None:
    assert of(log, "whole", "activity", "idle_chips") == (pytest.approx(0.75), 1)
    assert of(log, "blind", "activity", "idle_chips") == (0.0, 3)


@pytest.mark.parametrize("name", ["npu", "failing", "cpu_only", "shard", "whole_again", "gang_three", "gang"])
def test_what_jobstats_does_not_tell_is_unknown_and_not_zero(log: JobLog, name: str) -> None:
    assert of(log, name, "activity", "idle_chips") == (None, None)


def test_why_an_activity_is_unknown_is_noted(log: JobLog) -> None:
    reasons = {note.split("payload is ")[1] for note in log.notes if "JS1 payload is" in note}
    assert reasons == {
        "not decodable: 1",
        "without a summary (JS1:Short, JS1:None): 2",
        "for a shared chip, whose activity is not one run's own: 1",
        "in lower case, as some versions of sacctmgr write it, and so not to be decoded: 1",
    }


def test_drained_and_down_nodes_are_node_events(log: JobLog) -> None:
    events = {(e["node"], e["state"], e["reason"]) for e in log.node_events.to_dicts()}
    assert events == {
        ("a100-2", "drain", "ecc errors"),
        ("asc-1", "drain", "cooling, ticket 12"),
        ("asc-2", "down", "board 3 | no answer"),
    }
    assert log.node_events.filter(pl.col("node") == "asc-1")["end"].to_list() == [None]


def test_no_chip_is_busy_twice(log: JobLog) -> None:
    held: Counter[str] = Counter()
    changes = []
    for r in log.jobs.filter(pl.col("start").is_not_null(), pl.col("share_milli") == 1000).iter_rows(named=True):
        if r["nodes"] > 1 and r["job"] == NAMED["uneven"]:
            continue
        for node in filter(None, r["ran_on"].partition(":")[2].split(";")):
            changes += [(r["start"], 1, node, r["chips"])]
            changes += [(r["end"], 0, node, -r["chips"])] if r["end"] else []
    for _, _, node, chips in sorted(changes, key=lambda c: (c[0], c[1])):
        held[node] += chips
        assert held[node] <= 8


def test_epoch_seconds_need_no_zone_and_mean_the_same(log: JobLog) -> None:
    epoch = read_slurm(SLURM / "sacct-epoch.txt", nodes=SLURM / "nodes.txt")
    same = log.jobs.join(epoch.jobs.select("job", "run"), on=["job", "run"], how="semi")
    assert epoch.jobs.height > 60
    assert epoch.jobs.equals(same)


def test_naive_times_need_a_zone_and_the_message_says_how() -> None:
    with pytest.raises(InputError, match=r"state no time zone.*--tz.*never guessed.*SLURM_TIME_FORMAT=%s"):
        read_slurm(SLURM / "sacct.txt")


@pytest.mark.parametrize("zone", [ZoneInfo("Asia/Shanghai"), timezone(timedelta(hours=8))])
def test_naive_times_are_read_in_the_zone_given_and_the_notes_say_so(zone: ZoneInfo | timezone, log: JobLog) -> None:
    there = read_slurm(SLURM / "sacct.txt", tz=zone)
    assert min(there.jobs["submit"]) == min(log.jobs["submit"]) - timedelta(hours=8)
    assert f"times without a zone were read as {zone}" in there.notes


def test_every_column_that_sacct_has_may_be_there() -> None:
    wide = read_slurm(SLURM / "sacct-all.txt", tz=UTC)
    assert counts(wide) == {"header": 1, "rows read": 62, "rejects": 3, "rests of broken rows": 4}
    assert wide.jobs.filter(pl.col("job") == NAMED["gang"])["ran_on"].to_list() == ["h20:h20-1;h20-2"]
    reasons = {r.line: r.reason for r in wide.rejects}
    assert sum("stands inside one of them" in reason for reason in reasons.values()) == 2
    assert "is broken into 5 lines by a line's end inside a field" in reasons.values()


def test_an_array_that_slurm_cut_short_is_a_reject_that_says_how_to_avoid_it() -> None:
    cut = read_slurm(SLURM / "sacct-cut-array.txt", tz=UTC)
    (reject,) = cut.rejects
    assert "SLURM_BITSTR_LEN=0" in reject.reason
    assert cut.jobs["job"].to_list() == [NAMED["long_array"] + "_1"]


def test_a_reader_is_found_by_the_content() -> None:
    assert read(SLURM / "sacct.txt", tz=UTC).format == "slurm"


def test_columns_are_found_in_any_order(tmp_path: Path) -> None:
    names, fields = HEADER.split("|"), ROW.split("|")
    there = text(tmp_path / "a.txt", ROW)
    back = text(tmp_path / "b.txt", "|".join(fields[::-1]), header="|".join(names[::-1]))
    assert read_slurm(there).jobs.equals(read_slurm(back).jobs)


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("CANCELLED by 1000", "cancelled"),
        ("OUT_OF_MEMORY", "failed"),
        ("BOOT_FAIL", "node_fail"),
        ("NODE_FAIL", "node_fail"),
        ("DEADLINE", "timeout"),
        ("REQUEUED", "preempted"),
        ("PREEMPTED", "preempted"),
    ],
)
def test_slurm_s_states_are_ours(tmp_path: Path, said: str, state: str) -> None:
    assert read_slurm(text(tmp_path / "s.txt", row(State=said))).jobs["state"].to_list() == [state]


def test_a_state_that_slurm_does_not_have_is_a_reject(tmp_path: Path) -> None:
    log = read_slurm(text(tmp_path / "s.txt", row(State="DREAMING"), ROW))
    assert [(r.line, r.reason) for r in log.rejects] == [(2, "has the State 'DREAMING', which is none of Slurm's")]


def test_a_row_whose_record_has_not_arrived_yet_is_a_reject(tmp_path: Path) -> None:
    half = row(State="SUSPENDED", Partition="", End="Unknown", NNodes="0", ReqTRES="", AllocTRES="")
    (reject,) = read_slurm(text(tmp_path / "s.txt", half, ROW)).rejects
    assert reject.reason == "does not say how many chips it asked for"


def test_a_revoked_copy_of_a_federated_job_is_counted_and_is_no_job(tmp_path: Path) -> None:
    log = read_slurm(text(tmp_path / "s.txt", row(JobID="8", State="REVOKED"), ROW))
    assert log.jobs.height == 1
    assert counts(log)["rows of federated jobs that started elsewhere"] == 1


def test_nodes_that_disagree_with_their_number_make_a_reject(tmp_path: Path) -> None:
    log = read_slurm(text(tmp_path / "s.txt", row(NodeList="n-[1-3]"), ROW))
    assert [r.reason for r in log.rejects] == ["names 3 nodes in NodeList and says that it had 1"]


def test_a_file_put_together_from_two_says_nothing_twice(tmp_path: Path) -> None:
    pending = row(State="PENDING", Start="Unknown", End="Unknown", NodeList="None assigned", AllocTRES="")
    log = read_slurm(text(tmp_path / "s.txt", pending, HEADER, ROW))
    assert log.jobs.select("run", "state").rows() == [(0, "completed")]
    assert [r.line for r in log.rejects] == [2]
    assert counts(log)["header"] == 2


def test_without_reqtres_nobody_is_pinned_and_the_notes_say_so(tmp_path: Path) -> None:
    bare = text(tmp_path / "s.txt", "1|COMPLETED|1000000000|1000000000|1000000100|gres/gpu:h20=2,node=1",
                header="JobID|State|Submit|Start|End|AllocTRES")  # fmt: skip
    log = read_slurm(bare)
    assert log.jobs.select("chips", "kinds", "ran_on", "tenant").rows() == [(2, "", "h20:", "unknown")]
    assert any("ReqTRES" in note for note in log.notes)


def test_a_log_without_chips_asks_whether_slurm_counts_them(tmp_path: Path) -> None:
    log = read_slurm(text(tmp_path / "s.txt", row(ReqTRES="cpu=1,node=1", AllocTRES="cpu=1,node=1")))
    assert any("AccountingStorageTRES" in note for note in log.notes)


def test_shards_need_to_be_told_how_many_make_a_chip(tmp_path: Path) -> None:
    shared = row(ReqTRES="gres/shard=3,node=1", AllocTRES="gres/shard=3,node=1")
    for shards, wanted in [(4, (1, 750)), (8, (1, 375)), (2, (2, 750)), (1, (3, 1000))]:
        log = read_slurm(text(tmp_path / "s.txt", shared), shards_of_a_chip=shards)
        assert log.jobs.select("chips", "share_milli").row(0) == wanted
        assert any(f"{shards} of them make one chip" in note for note in log.notes)
    with pytest.raises(CallError):
        read_slurm(tmp_path / "s.txt", shards_of_a_chip=0)


def test_sacct_without_d_shows_in_its_restarts(tmp_path: Path) -> None:
    log = read_slurm(text(tmp_path / "s.txt", ROW + "|2", header=HEADER + "|Restarts"))
    assert any("sacct without -D" in note for note in log.notes)


def test_memory_of_old_versions_is_per_node_or_per_core(tmp_path: Path) -> None:
    tres = "cpu=8,gres/gpu=2,node=2"
    for said, memory in [("16Gn", 16_384), ("4000Mc", 16_000), ("32G", 16_384), ("?", 0)]:
        old = row(ReqTRES=tres, AllocTRES=tres, NNodes="2", NodeList="n-[1-2]") + "|" + said
        log = read_slurm(text(tmp_path / "s.txt", old, header=HEADER + "|ReqMem"))
        assert log.jobs["memory_mib"].to_list() == [memory]


def test_chips_that_no_node_has_are_asked_of_several(tmp_path: Path) -> None:
    waits = {"State": "PENDING", "Start": "Unknown", "End": "Unknown", "NodeList": "None assigned", "AllocTRES": ""}
    path = text(tmp_path / "s.txt", row(ReqTRES="cpu=20,gres/gpu=20,node=1", **waits))
    assert read_slurm(path, nodes=SLURM / "nodes.txt").jobs.select("chips", "nodes", "cpus_milli").row(0) == (
        7,
        3,
        6667,
    )
    assert read_slurm(path).jobs.select("chips", "nodes").row(0) == (20, 1)


def test_clusters_and_reused_numbers_are_told_apart(tmp_path: Path) -> None:
    header = HEADER + "|Cluster"
    two = text(tmp_path / "c.txt", ROW + "|east", ROW + "|west", header=header)
    assert read_slurm(two).jobs.select("job", "site").sort("job").rows() == [("east/7", "east"), ("west/7", "west")]
    again = text(tmp_path / "u.txt", ROW, row(User="wu"))
    assert read_slurm(again).jobs["job"].sort().to_list() == ["7@li", "7@wu"]


def test_the_night_of_a_clock_change_is_read_in_its_zone(tmp_path: Path) -> None:
    summer = row(
        Submit="2025-10-26T01:00:00", Eligible="Unknown", Start="2025-10-26T01:30:00", End="2025-10-26T04:00:00"
    )
    log = read_slurm(text(tmp_path / "s.txt", summer), tz=ZoneInfo("Europe/Berlin"))
    assert log.jobs.select("start", "end").row(0) == (
        datetime(2025, 10, 25, 23, 30, tzinfo=UTC),
        datetime(2025, 10, 26, 3, 0, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\n\n", "blank lines only"),
        ((HEADER + "\n" + ROW + "\n").encode("utf-16"), "UTF-16"),
        (b"\x7fELF\x00\x01\x02" + bytes(range(256)), "binary"),
        (f"{HEADER}\n{ROW}\n{ROW[:60]}".encode(), "cut off in the middle of a row"),
        (f"{ROW}\n".encode(), "has no header line"),
        (f"{HEADER}\n".encode(), "a header and no job"),
        (b"       JobID    JobName  Partition\n------- -----\n", "table for people"),
        (b'{"jobs": []}\n', "is JSON"),
        (b"name,age\n1,2\n", "has no column 'jobid'"),
        (b"JobID|User\n1|li\n", "has no column 'state'"),
        (b"JobID|State|Submit\n1|COMPLETED|10\n", "reqtres or alloctres"),
        (f"{HEADER}|JobID\n".encode(), "names the column 'jobid' twice"),
        (HEADER.replace("|", ",").encode() + b"\n", "parted by commas"),
        (f"{HEADER}\n{row(Submit='Ystday 10:00')}\n".encode(), "cannot read"),
    ],
)
def test_what_is_no_sacct_text_is_one_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "sacct.txt"
    path.write_bytes(content)
    with pytest.raises(InputError, match=said) as refusal:
        read_slurm(path)
    assert str(path) in str(refusal.value)
    assert "\n" not in str(refusal.value)
