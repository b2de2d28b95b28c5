"""The verbs as a user meets them: real processes, exit codes, one sentence for each mistake."""

from __future__ import annotations

import gzip
import json
import signal
import subprocess
import sys
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

FIXTURES = Path(__file__).parents[1] / "fixtures" / "slurm"


def headrace(*words: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    call = [sys.executable, "-m", "headrace", *map(str, words)]
    return subprocess.run(call, cwd=cwd, capture_output=True, text=True, timeout=600, check=False)


@dataclass(frozen=True)
class Sample:
    folder: Path
    log: Path
    fleet: Path


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    folder = tmp_path_factory.mktemp("sample")
    made = Sample(folder, folder / "log.parquet", folder / "fleet.toml")
    done = headrace("sample", "--jobs", "300", "--seed", "1", "-o", made.log, "--fleet-out", made.fleet, cwd=folder)
    assert done.returncode == 0, done.stderr
    return made


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """The one sentence with which a call was refused."""
    assert done.returncode == 2
    assert "Traceback" not in done.stderr + done.stdout
    said = [line for line in done.stderr.splitlines() if line.startswith("headrace: ")]
    assert len(said) == 1
    return said[0]


def study(sample: Sample, out: str, *more: str) -> subprocess.CompletedProcess[str]:
    policies = ("-p", "fifo/first", "-p", "fair+easy/fgd")
    words = ("study", sample.log, "--fleet", sample.fleet, "--out", out, *policies, "--lang", "en", *more)
    return headrace(*words, cwd=sample.folder)


def test_a_study_writes_a_page_and_figures_that_sum(sample: Sample) -> None:
    done = study(sample, "one")
    assert done.returncode == 0, done.stderr
    figures = json.loads((sample.folder / "one" / "study.json").read_text())
    assert figures.keys() >= {"ledger", "paid_chip_hours", "policies", "bounds", "rejects"}
    assert sum(figures["ledger_milli_chip_ms"].values()) == figures["paid_milli_chip_ms"]
    assert figures["policies"].keys() == {"as it happened", "fifo/first", "fair+easy/fgd"}
    assert "<html" in (sample.folder / "one" / "report.html").read_text()[:200]
    assert "Useful" in done.stdout


def test_the_same_study_twice_is_the_same_to_the_byte(sample: Sample) -> None:
    first = study(sample, "same")
    before = {path.name: path.read_bytes() for path in (sample.folder / "same").iterdir()}
    second = study(sample, "same")
    assert {path.name: path.read_bytes() for path in (sample.folder / "same").iterdir()} == before
    assert first.stdout == second.stdout


def test_the_policy_that_made_the_sample_replays_to_what_happened(sample: Sample) -> None:
    study(sample, "again")
    policies = json.loads((sample.folder / "again" / "study.json").read_text())["policies"]
    happened, replayed = policies["as it happened"], policies["fifo/first"]
    assert happened["ledger"] == replayed["ledger"]
    assert happened["avg_wait_s"] == replayed["avg_wait_s"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_explain_prints_a_ledger(sample: Sample, lang: str) -> None:
    done = headrace("explain", sample.log, "--fleet", sample.fleet, "--lang", lang, cwd=sample.folder)
    assert done.returncode == 0, done.stderr
    assert {"en": "Fragmented", "zh": "碎片"}[lang] in done.stdout


def test_replay_prints_json_that_a_program_can_read(sample: Sample) -> None:
    words = ("replay", sample.log, "--fleet", sample.fleet, "-p", "oracle:smallest/best", "--json", "-")
    figures = json.loads(headrace(*words, cwd=sample.folder).stdout)
    assert figures["policies"]["oracle:smallest/best"]["oracle"] is True


def test_slurms_text_becomes_a_log_and_a_draft_of_the_fleet(tmp_path: Path) -> None:
    texts = ("--node-events", FIXTURES / "events.txt", "--nodes", FIXTURES / "nodes.txt")
    words = ("import", "slurm", FIXTURES / "sacct.txt", *texts, "--tz", "UTC", "-o", "log.parquet")
    done = headrace(*words, "--fleet-out", "fleet.toml", "--lang", "en", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "jobs 296, runs 300, node events 3" in done.stdout
    explained = headrace("explain", "log.parquet", "--fleet", "fleet.toml", "--lang", "en", cwd=tmp_path)
    assert explained.returncode == 0, explained.stderr


def test_times_without_a_zone_are_refused_until_one_is_stated(tmp_path: Path) -> None:
    done = headrace("import", "slurm", FIXTURES / "sacct.txt", "-o", "log.parquet", cwd=tmp_path)
    assert "--tz" in refused(done)
    assert not (tmp_path / "log.parquet").exists()


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "log.csv"),
        (bytes(range(256)) * 8, "log.csv"),
        ("job,submit,chips\na,2026-01-01T00:00:00Z,8\n".encode("utf-16"), "log.csv"),
        (gzip.compress(b"job,submit,chips\n" * 999)[:40], "log.csv.gz"),
        (b"PAR1" + bytes(64), "log.parquet"),
        (b"a,b,c\n1,2,3\n", "log.csv"),
    ],
    ids=["empty", "binary", "utf-16", "truncated gzip", "truncated parquet", "other columns"],
)
def test_a_file_that_is_no_log_gets_one_sentence(tmp_path: Path, sample: Sample, content: bytes, name: str) -> None:
    (tmp_path / name).write_bytes(content)
    refused(headrace("explain", name, "--fleet", sample.fleet, cwd=tmp_path))


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("replay", "LOG", "--fleet", "FLEET", "-p", "fifo/fristt"), "did you mean 'first'"),
        (("replay", "LOG", "--fleet", "FLEET", "-p", "smallest/best"), "oracle:smallest"),
        (("replay", "LOG", "--fleet", "FLEET", "--relax", "wall"), "partition, kind, quota"),
        (("study", "LOG", "--fleet", "FLEET", "--tz", "Mars/Olympus"), "Asia/Shanghai"),
        (("study", "LOG", "--fleet", "FLEET", "--lang", "tlh"), "en, zh and both"),
        (("study", "LOG", "--fleet", "nowhere.toml"), "nowhere.toml"),
        (("study", "LOG"), "--fleet"),
        (("explain", "LOG", "--fleet", "FLEET", "--from", "yesterday"), "2026-01-31"),
        (("explain", "LOG", "--fleet", "FLEET", "--to", "1066-10-14"), "1971 to 2199"),
        (("explain", "LOG", "--fleet", "FLEET", "--from", "2026-07-09", "--to", "2026-07-08"), "period is"),
        (("explain", "nothing.parquet", "--fleet", "FLEET"), "nothing.parquet"),
        (("explain", ".", "--fleet", "FLEET"), "."),
        (("sample", "--jobs", "0", "-o", "log.parquet"), "1"),
        (("import", "pbs", "LOG", "-o", "out.parquet"), "slurm"),
    ],
)
def test_a_mistaken_call_is_told_what_would_be_right(sample: Sample, words: tuple[str, ...], hint: str) -> None:
    known = {"LOG": str(sample.log), "FLEET": str(sample.fleet)}
    assert hint in refused(headrace(*(known.get(word, word) for word in words), cwd=sample.folder))


def test_a_bad_row_is_counted_and_shown_and_strict_makes_it_an_error(tmp_path: Path, sample: Sample) -> None:
    rows = [
        "job,submit,start,end,chips",
        "a,2026-07-06T00:00:00Z,2026-07-06T00:00:00Z,2026-07-06T01:00:00Z,8",
        "b,,,,8",
    ]
    (tmp_path / "log.csv").write_text("\n".join(rows) + "\n")
    words = ("explain", "log.csv", "--fleet", sample.fleet, "--lang", "en")
    done = headrace(*words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "has no time of submission" in done.stdout
    assert "line 3" in refused(headrace(*words, "--strict", cwd=tmp_path))


FLEET = """
name = "two-kinds"
[[pool]]
name = "h20"
kind = "H20"
nodes = 1
chips = 8
cpus = 64
memory_gib = 512
cost_per_chip_hour = 6.7
currency = "CNY"
[[pool]]
name = "a800"
kind = "A800"
nodes = 1
chips = 8
cpus = 64
memory_gib = 512
cost_per_chip_hour = 5.9
currency = "CNY"
"""
LOG = """job,submit,start,end,chips,ran_on,workload
chat,2026-03-02T00:00:00Z,2026-03-02T00:00:00Z,2026-03-02T10:00:00Z,8,A800:a800-1,Qwen3-32B decode
train,2026-03-02T00:00:00Z,2026-03-02T00:00:00Z,2026-03-02T05:00:00Z,8,H20:h20-1,{other}
"""


@dataclass(frozen=True)
class Named:
    """A log of two jobs, of which one names a known workload."""

    folder: Path

    def explain(self, other: str, lang: str) -> str:
        (self.folder / "fleet.toml").write_text(FLEET, encoding="utf-8")
        (self.folder / "log.csv").write_text(LOG.format(other=other), encoding="utf-8")
        words = ("explain", "log.csv", "--fleet", "fleet.toml", "--lang", lang)
        done = headrace(*words, cwd=self.folder)
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.mark.parametrize(("lang", "said"), [("en", "66.7% of what was allocated"), ("zh", "占已分配的 66.7%")])
def test_explain_tells_what_known_work_would_have_taken_elsewhere(tmp_path: Path, lang: str, said: str) -> None:
    """Of 120 chip-hours the workload of 80 is known; decoding suits the H20, with its memory's bandwidth, better."""
    text = Named(tmp_path).explain("my own thing", lang)
    assert said in text
    assert "A800 → H20" in text


def test_a_study_writes_the_mismatch_for_programs(tmp_path: Path) -> None:
    Named(tmp_path).explain("", "en")
    done = headrace("study", "log.csv", "--fleet", "fleet.toml", "-p", "fifo/first", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    figures = json.loads((tmp_path / "study" / "study.json").read_text())
    (pair,) = figures["mismatch"]["pairs"]
    assert (pair["ran_on"], pair["suits"], pair["chip_hours"]["had"]) == ("A800", "H20", 80.0)
    assert pair["chip_hours"]["low"] < pair["chip_hours"]["taken"] < pair["chip_hours"]["high"]
    assert figures["mismatch"]["unknown"] == {"jobs": 1, "chip_hours": 40.0, "milli_chip_ms": 144_000_000_000}
    assert sum(figures["ledger_milli_chip_ms"].values()) == figures["paid_milli_chip_ms"]


def test_a_reader_who_leaves_early_sees_no_traceback(sample: Sample) -> None:
    call = f"{sys.executable} -m headrace explain {sample.log} --fleet {sample.fleet} --lang en | head -1"
    done = subprocess.run(call, shell=True, capture_output=True, text=True, timeout=600, check=False)
    assert "Traceback" not in done.stderr


def test_ctrl_c_leaves_no_half_written_file(sample: Sample) -> None:
    call = [sys.executable, "-m", "headrace", "study", "--out", "cut", "--lang", "en"]
    process = subprocess.Popen(call, cwd=sample.folder, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stderr is not None
    process.stderr.readline()
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=600)
    assert process.returncode == 130
    assert said.splitlines()[-1] == "headrace: interrupted; nothing was left half written"
    assert "Traceback" not in said
    assert list((sample.folder / "cut").iterdir()) == []


def test_a_ledger_is_of_the_time_asked_for(sample: Sample) -> None:
    done = study(sample, "part", "--from", "2026-07-07", "--to", "2026-07-08T12:00+08:00")
    assert done.returncode == 0, done.stderr
    figures = json.loads((sample.folder / "part" / "study.json").read_text())
    assert figures["period"] == {"begin": "2026-07-07T00:00:00.000Z", "end": "2026-07-08T04:00:00.000Z"}
    chips = sum(pool["chips"] * pool["nodes"] for pool in tomllib.loads(sample.fleet.read_text())["pool"])
    ledgers = [figures["ledger"], *(policy["ledger"] for policy in figures["policies"].values())]
    assert [round(sum(ledger.values()), 3) for ledger in ledgers] == [28.0 * chips] * 4
