"""`headrace calibrate`: a chip that is measured, a fleet's log, and what is refused; every word is shown somewhere."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console
from tests.estimate.questions import answer, ask
from tests.remembering import Remembering
from typer.testing import CliRunner

from headrace.cli import calibrations
from headrace.cli.app import app
from headrace.cli.measure import run as measure
from headrace.cli.measure.timing import Subject, time_all
from headrace.errors import CheckFailedError, HeadraceError, InputError
from headrace.estimate.calibration import TABLE, Row, shipped, write_rows
from headrace.estimate.fleet_job import REASONS
from headrace.estimate.known import chip
from headrace.estimate.probe_plan import Probe, plan, work_of
from headrace.estimate.probed import Refused, Timed
from headrace.estimate.probes import Reached
from headrace.report import calibrated, words
from headrace.report.calibrated import History, Reading, render_history, render_reading, render_refit
from headrace.report.words import Words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HEADER = (
    "job,tenant,submit,start,end,state,chips,nodes,ran_on,pool,workload,engine,engine_version,precision,"
    "input,output,batch,tpot_ms"
)
TIMES = "2026-03-02T08:00:00Z,2026-03-02T08:01:00Z,2026-03-02T08:50:00Z,completed"

REACHED = Reached(0.71, 0.83, 4.9e-6)


@dataclass
class FakeDevice:
    """A chip that reaches exactly what it is told to, and refuses one family."""

    on: str = "H20"
    reached: Reached = REACHED
    refuses: str = "prefill"
    reason: str = "memory"

    def time(self, probe: Probe, within: float) -> Timed | Refused:
        if probe.family == self.refuses:
            return Refused(probe, self.reason, "out of memory")
        return Timed(probe, float(self.reached.seconds(work_of([probe]), chip(self.on))[0]))


class InterruptedDevice(FakeDevice):
    """Somebody presses Ctrl-C at the first product."""

    def time(self, probe: Probe, within: float) -> Timed | Refused:
        if probe.family == "gemm":
            raise KeyboardInterrupt
        return super().time(probe, within)


H20 = Subject(FakeDevice(), "cuda", "NVIDIA H20", "torch 2.9", ("bf16", "fp8"), 8)
PROCESSOR = replace(H20, kind="cpu", name="x86_64")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    return tmp_path


def found(monkeypatch: pytest.MonkeyPatch, subject: Subject) -> None:
    """Make `subject` the device that is found."""

    @contextmanager
    def opened(_: str) -> Iterator[Subject]:
        yield subject

    monkeypatch.setattr(measure, "opened", opened)


def called(*words: str | Path) -> str:
    """What a call prints. Raises what it was refused with."""
    ended = CliRunner().invoke(app, ["calibrate", *map(str, words), "--lang", "en"])
    if ended.exception is not None and not isinstance(ended.exception, SystemExit):
        raise ended.exception
    assert ended.exit_code == 0, ended.output
    return ended.output


def test_a_measured_chip_gets_back_its_own_constants_as_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """From a device to the user's table, and from there into what verbs estimate by."""
    found(monkeypatch, H20)
    said = called("--measure")
    assert "NVIDIA H20, torch 2.9" in said
    assert "12 of attention, prefill, bf16: not enough memory (out of memory)" in said
    row = calibrations.known().rows["reached", "H20", "bf16", "gemm"]
    assert row.constants == pytest.approx({"compute": 0.71, "stream": 0.83, "launch_us": 4.9}, rel=0.05)
    assert row.sources.startswith("measured on NVIDIA H20, torch 2.9, 20")
    assert {key[2:] for key in calibrations.known().rows if key[0] == "reached"} == {
        *(("bf16", family) for family in ("gemm", "decode", "copy", "comm")),
        ("fp8", "gemm"),
    }


def test_an_estimate_uses_what_was_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slower reading of memory makes a slower token."""
    found(monkeypatch, replace(H20, device=FakeDevice(reached=Reached(0.2, 0.2, 5e-6))))
    called("--measure")
    before, after = (answer(ask(calibration=one)).tpot.value for one in (shipped(), calibrations.known()))
    assert after > 2 * before


def test_measuring_again_replaces_the_rows_and_keeps_the_others(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """Rows of one key are the newest; a table of the user's own name grows."""
    table = home / "mine.csv"
    table.write_text(write_rows([Row("fleet", "H20", "bf16", "vllm/0.9/x", {"tpot": 1.1}, 9, 0.1, "a log")]))
    for share in (0.5, 0.6):
        found(monkeypatch, replace(H20, device=FakeDevice(reached=Reached(share, 0.8, 5e-6))))
        called("--measure", "--out", table)
    rows = calibrations.rows_in(table)
    assert rows["reached", "H20", "bf16", "gemm"].constants["compute"] == pytest.approx(0.6, rel=0.05)
    assert ("fleet", "H20", "bf16", "vllm/0.9/x") in rows
    assert not calibrations.own_table().exists()


def test_a_processor_is_measured_and_nothing_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """A calibration is kept of no chip that is not here."""
    found(monkeypatch, PROCESSOR)
    assert "Nothing was written: this is a processor" in called("--measure")
    assert not calibrations.own_table().exists()
    for option in (("--chip", "H20"), ("--out", "x.csv")):
        with pytest.raises(HeadraceError, match=f"{option[0]}: this is a processor"):
            called("--measure", *option)


def test_an_interrupt_leaves_no_file(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """Neither the table nor half of one."""
    found(monkeypatch, replace(H20, device=InterruptedDevice()))
    ended = CliRunner().invoke(app, ["calibrate", "--measure", "--out", str(home / "mine.csv")])
    assert ended.exit_code == 130
    assert list(home.iterdir()) == []


def test_a_device_that_refuses_everything_is_no_calibration(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 1, and nothing written."""
    found(monkeypatch, replace(H20, device=FakeDevice(refuses="gemm"), precisions=("bf16",)))
    monkeypatch.setattr(measure, "plan", lambda *_: (Probe("gemm", "bf16", (1, 1, 1)),))
    with pytest.raises(CheckFailedError, match="nothing was written"):
        called("--measure")
    assert not calibrations.own_table().exists()


def test_a_table_that_is_broken_is_told_before_minutes_are_spent(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """And is not written over."""

    class Untouched:
        def time(self, probe: Probe, within: float) -> Timed | Refused:
            raise AssertionError

    found(monkeypatch, replace(H20, device=Untouched()))
    (home / "mine.csv").write_text("dear diary")
    with pytest.raises(InputError, match="has other columns"):
        called("--measure", "--out", home / "mine.csv")


def test_when_time_is_up_what_is_left_is_refused_and_each_probe_has_its_part() -> None:
    """Ten seconds for ten probes of three seconds each: three and a bit are timed."""
    now, parts = 0.0, []

    class Slow(FakeDevice):
        def time(self, probe: Probe, within: float) -> Timed | Refused:
            nonlocal now
            now += 3.0
            parts.append(within)
            return super().time(probe, within)

    timed, refused = time_all(Slow(refuses=""), plan((), 1, True)[:5] * 2, 10.0, lambda: now, lambda *_: None)
    assert (len(timed), {one.reason for one in refused}) == (4, {"time"})
    assert parts == pytest.approx([1.0, 7 / 9, 4 / 8, 1 / 7])


@pytest.mark.parametrize(
    ("device", "name"),
    [
        ("NVIDIA H100 80GB HBM3", "H100"),
        ("NVIDIA H100 PCIe", "H100 PCIe"),
        ("NVIDIA H20", "H20"),
        ("NVIDIA H20-3e", "H20-3e"),
        ("NVIDIA H200", "H200"),
        ("NVIDIA A100-SXM4-40GB", "A100 40GB"),
        ("NVIDIA A100-SXM4-80GB", "A100"),
        ("NVIDIA A100 80GB PCIe", "A100 PCIe"),
        ("NVIDIA L40S", "L40S"),
        ("Ascend910B2", "Ascend 910B2"),
        ("NVIDIA A10G", None),
        ("Quadro 1", None),
        ("", None),
    ],
)
def test_a_device_is_recognised_by_the_words_of_its_name(device: str, name: str | None) -> None:
    """The most words that name a chip, never a part of one."""
    assert measure.recognised(device) == name


def test_a_device_that_no_catalogue_knows_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """And --chip answers."""
    found(monkeypatch, replace(H20, name="Engineering Sample"))
    with pytest.raises(HeadraceError, match="say which one it is with --chip"):
        called("--measure")
    assert "H20" in called("--measure", "--chip", "h20")


def log(home: Path, *, workload: str = "Qwen3-8B decode", ran_on: str = "H20:n1", n: int = 25) -> Path:
    """A log of jobs that took 1.3 times what is estimated, and of one that cannot be used."""
    each = 1.3e3 * answer(ask(generation="0.9")).tpot.value
    rows = [f"s{i},search,{TIMES},1,1,{ran_on},a,{workload},vllm,0.9.1,bf16,1024,256,8,{each:.6f}" for i in range(n)]
    rows += [f"u,search,{TIMES},1,1,{ran_on},a,{workload},vllm,0.9.1,bf16,1024,256,,{each:.6f}"]
    path = home / "log.csv"
    path.write_text("\n".join([HEADER, *rows, "", "v,search,yesterday,,,completed,1,1,,,,,,,,,,"]), encoding="utf-8")
    return path


def test_a_fleets_log_corrects_its_own_estimates(home: Path) -> None:
    """Twenty-five jobs that took 1.3 times as long: 1.3 to the power of 25 / 30."""
    said = called("--from-log", log(home))
    assert "25 of 26 jobs" in said
    assert "1 not used: `batch`" in said
    assert "1 not used: rows that the reader" in said
    row = calibrations.known().rows["fleet", "H20", "bf16", "vllm/0.9/Qwen3-8B"]
    assert row.constants["tpot"] == pytest.approx(1.3 ** (25 / 30), rel=1e-3)
    assert {"tpot_low", "tpot_high"} <= row.constants.keys()


def test_reading_the_log_again_finds_the_same(home: Path) -> None:
    """Corrections are judged without corrections, so that they do not pile up."""
    for _ in range(2):
        called("--from-log", log(home))
    row = calibrations.known().rows["fleet", "H20", "bf16", "vllm/0.9/Qwen3-8B"]
    assert row.constants["tpot"] == pytest.approx(1.3 ** (25 / 30), rel=1e-3)


def test_a_fleet_file_says_which_pool_has_which_chips(home: Path) -> None:
    """Where the log tells a pool and no kind."""
    (home / "fleet.toml").write_text(
        'name = "f"\n[[pool]]\nname = "a"\nkind = "H20"\nnodes = 1\nchips = 8\ncpus = 8\nmemory_gib = 8\n'
    )
    path = log(home, ran_on="")
    with pytest.raises(CheckFailedError, match="no stack has five jobs"):
        called("--from-log", path)
    assert "25 of 26 jobs" in called("--from-log", path, "--fleet", home / "fleet.toml")


def test_a_log_that_measures_nothing_is_told_which_columns_would(home: Path) -> None:
    """The first thing that is wanting."""
    path = home / "log.csv"
    path.write_text(f"job,submit,start,end,state,chips\na,{TIMES},1\n")
    with pytest.raises(InputError, match="tokens_per_s, tpot_ms, ttft_ms"):
        called("--from-log", path)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ((), "nothing to calibrate by was named"),
        (("x", "--measure"), "FOLDER and --measure cannot go together"),
        (("--measure", "--from-log", "x"), "--measure and --from-log cannot go together"),
        (("x", "--device", "cpu"), "--device goes with --measure only"),
        (("--measure", "--fleet", "x"), "--fleet goes with --from-log only"),
        (("--from-log", "x", "--keep-kernels"), "--keep-kernels goes with FOLDER only"),
        (("x",), "has no measured.csv.gz"),
    ],
)
def test_a_call_that_cannot_be_meant_is_refused(call: tuple[str, ...], said: str) -> None:
    """One sentence, exit code 2."""
    with pytest.raises(HeadraceError, match=said) as refused:
        called(*call)
    assert refused.value.exit_code == 2


BROKEN = {
    "family,chip": "has other columns",
    f"{write_rows([])}reached,H20\n": ":2: cannot be read",
    f"{write_rows([])}reached,H20,bf16,gemm,compute=x,1,0.1,me\n": ":2: cannot be read",
    f"{write_rows([])}reached,H20,bf16,gemm,stream=nan launch_us=1,1,0.1,me\n": ":2: has stream=nan",
    f"{write_rows([])}reached,H20,bf16,gemm,stream=-1 launch_us=1,1,0.1,me\n": ":2: has stream=-1",
    f"{write_rows([])}reached,H20,bf16,gemm,stream=0.5,1,0.1,me\n": ":2: has no launch_us",
}


@pytest.mark.parametrize("text", BROKEN)
def test_a_table_of_ones_own_that_is_broken_is_one_sentence_that_names_the_line(text: str) -> None:
    """Whoever edits it by hand learns where."""
    path = calibrations.own_table()
    path.parent.mkdir(parents=True)
    path.write_text(text)
    with pytest.raises(InputError, match=BROKEN[text]) as refused:
        calibrations.known()
    assert path.name == TABLE
    assert str(path) in str(refused.value)


def test_without_a_table_of_ones_own_the_shipped_one_is_known() -> None:
    """The very one, so that what was computed from it is not computed again."""
    assert calibrations.known() is shipped()


def test_one_table_is_read_as_one_calibration() -> None:
    """Tables of steps are kept by calibration; a verb that asks twice gets the same one."""
    calibrations.keep([Row("fleet", "H20", "bf16", "vllm", {"tpot": 1.1}, 9, 0.1, "a log")], None)
    assert calibrations.known() is calibrations.known()


def test_every_message_is_shown_somewhere(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """No word of this room is left over, and none is wanting."""
    messages = Remembering(words.messages("en"))
    monkeypatch.setattr(calibrated, "load", lambda _: Words("en", messages))
    screen: Any = Console(file=StringIO(), width=100)
    for reason in ("memory", "format", "time"):
        subject = replace(H20, device=FakeDevice(reason=reason), precisions=("bf16",))
        reading = measure.read(subject, chip("H20"), measure.Measure("auto", None, 300, False, None))
        render_reading(reading, home, screen, "en")
    render_reading(Reading("x", "y", "", (), (), ()), None, screen, "en")
    row = Row("fleet", "H20", "bf16", "vllm", {"tpot": 1.1}, 9, 0.1, "a log")
    render_history(History("log", 9, 1, 9, (row,), dict.fromkeys(REASONS, 1)), home, screen, "en")
    render_refit(home, screen, "en")
    assert {key for key in messages.keys() - messages.asked if key.startswith("calibrate.")} == set()
