"""Runs that misbehave, and keepers that are killed: a run ends once, and its chips are free only when nothing lives."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.live.local.conftest import leave
from tests.live.local.lab import QUICK, Lab, asked, change, machine, wait

import headrace
from headrace.errors import EngineError
from headrace.live.engine import Start, Status
from headrace.live.engines.local.engine import LocalEngine
from headrace.live.engines.local.processes import process
from headrace.world.record import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

LIGHT = {"PYTHONPATH": str(Path(headrace.__file__).parents[1])}
"""An environment in which nothing but Headrace is found."""


def pid_in(file: Path) -> int:
    """A number that a job wrote down."""
    return int(wait(lambda: file.read_text() if file.exists() else "", lambda text: text.endswith("\n")))


def test_a_killed_keeper_is_a_lost_run_of_which_nothing_lives_on(lab: Lab) -> None:
    """The command is ended before its chips are free, and the job waits for its next run."""
    job = lab.begin("trap '' TERM; (sleep 60 & echo $! > child); wait; sleep 60")
    child = pid_in(lab.files / "child")
    os.kill(lab.keeper(job), signal.SIGKILL)
    waiting = lab.until(job, lambda seen: seen.status == Status.WAITING)
    assert waiting.run == 1
    assert process(child) is None


def test_a_job_that_is_lost_again_and_again_ends(tmp_path: Path) -> None:
    """What takes the machine down with it is not tried for ever."""
    lab = Lab(tmp_path, settings=replace(QUICK, lost_again=0))
    job = lab.begin("sleep 60")
    os.kill(lab.keeper(job), signal.SIGKILL)
    assert lab.end_of(job).outcome == Outcome.NODE_FAIL
    leave(lab)


def test_a_number_that_another_process_has_now_is_left_alone(lab: Lab) -> None:
    """The command's number came to be a stranger's: its start time tells, and the stranger lives."""
    job = lab.begin("sleep 60")
    run, keeper = lab.run(job), lab.keeper(job)
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as stranger:
        os.kill(keeper, signal.SIGKILL)
        now = process(stranger.pid)
        assert now is not None
        change(run / "started.json", pid=stranger.pid, born=now.born - 1000)
        lab.until(job, lambda seen: seen.status == Status.WAITING)
        assert stranger.poll() is None
        stranger.kill()


def test_after_a_reboot_what_ran_is_lost_and_nobody_is_killed_for_it(lab: Lab) -> None:
    """Numbers of another start of the machine mean nothing now."""
    job = lab.begin("sleep 60")
    keeper, run = lab.keeper(job), lab.run(job)
    lab.engine.close()
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as stranger:
        os.kill(keeper, signal.SIGKILL)
        for name in ("order.json", "started.json"):
            change(run / name, boot="another", pid=stranger.pid)
        lab.engine = LocalEngine(machine(), lab.state, QUICK)
        assert lab.until(job, lambda seen: seen.status == Status.WAITING).run == 1
        assert stranger.poll() is None
        stranger.kill()


def test_a_claim_whose_keeper_never_came_is_started_once(lab: Lab) -> None:
    """Headrace and the nursery were killed right after the claim; two keepers are asked for, one keeps."""
    job = lab.submit("echo x >> ran; sleep 0.3")
    lab.engine._nursing.bring_up = lambda folder: None  # type: ignore[method-assign]
    lab.start(job)
    assert lab.see(job).status == Status.STARTING
    lab.again()
    lab.engine.observe()
    lab.engine._nursing.bring_up(lab.run(job))
    lab.engine._nursing.bring_up(lab.run(job))
    assert lab.end_of(job).outcome == Outcome.COMPLETED
    assert (lab.files / "ran").read_text() == "x\n"


DIES_BEFORE_ITS_WORD = """
import os, sys
from pathlib import Path
from headrace.live.engines.local import keeper, watch
watch.write_whole = lambda *_, **__: os._exit(9)
keeper.keep(Path(sys.argv[1]))
"""


def test_a_keeper_killed_before_its_word_has_started_nothing(lab: Lab) -> None:
    """The child sees the pipe close, and ends without having been the command; the run may be started."""
    job = lab.submit("echo x >> ran")
    lab.engine._nursing.bring_up = lambda folder: None  # type: ignore[method-assign]
    lab.start(job)
    done = subprocess.run([sys.executable, "-c", DIES_BEFORE_ITS_WORD, lab.run(job)], check=False)
    assert done.returncode == 9
    assert not (lab.run(job) / "started.json").exists()
    lab.again()
    assert lab.end_of(job).outcome == Outcome.COMPLETED
    assert (lab.files / "ran").read_text() == "x\n"


def test_keepers_are_light() -> None:
    """What they import is the standard library's: thousands of them fit, and one comes up in no time."""
    heavy = "import sys, headrace.live.engines.local.nursery as _; print(*{m.partition('.')[0] for m in sys.modules})"
    done = subprocess.run([sys.executable, "-S", "-c", heavy], capture_output=True, text=True, check=True, env=LIGHT)
    assert set(done.stdout.split()) - sys.stdlib_module_names == {"headrace", "__main__"} - sys.stdlib_module_names


def test_a_nursery_that_was_killed_is_brought_up_again(lab: Lab) -> None:
    """A start is not lost with it, and runs do not mind."""
    first = lab.begin("sleep 0.5")
    nursery = lab.engine._nursing._nursery
    assert nursery is not None
    nursery.kill()
    nursery.wait()
    second = lab.submit("true")
    lab.start(second, mask=2)
    assert lab.end_of(second).outcome == Outcome.COMPLETED
    assert lab.end_of(first).outcome == Outcome.COMPLETED


def test_a_keeper_that_is_asked_to_end_ends_its_run_as_lost(lab: Lab) -> None:
    """As when the machine shuts down: the job comes back."""
    job = lab.begin("sleep 60")
    os.kill(lab.keeper(job), signal.SIGTERM)
    assert lab.until(job, lambda seen: seen.status == Status.WAITING).run == 1


def test_a_command_that_daemonises_ends_with_all_that_it_left(lab: Lab) -> None:
    """Its own session and an empty environment hide nothing: the chips would not be free."""
    job = lab.begin("setsid env -i sh -c 'trap \"\" TERM; echo $$ > daemon; while :; do sleep 1; done' & sleep 0.1")
    daemon = pid_in(lab.files / "daemon")
    assert lab.end_of(job).outcome == Outcome.COMPLETED
    assert process(daemon) is None


def test_a_daemon_whose_keeper_was_killed_is_known_by_its_mark(lab: Lab) -> None:
    """It has left the session, and still carries the run's variable."""
    job = lab.begin("setsid sh -c 'echo $$ > daemon; exec sleep 60' & sleep 60")
    daemon = pid_in(lab.files / "daemon")
    os.kill(lab.keeper(job), signal.SIGKILL)
    lab.until(job, lambda seen: seen.status == Status.WAITING)
    assert process(daemon) is None


def test_a_command_that_ignores_term_is_killed_after_its_grace(lab: Lab) -> None:
    """And what it started with it."""
    job = lab.begin("trap '' TERM; touch ready; while :; do sleep 0.05; done")
    wait((lab.files / "ready").exists, bool)
    lab.engine.cancel(job, "u")
    assert lab.end_of(job).outcome == Outcome.CANCELLED


def test_a_command_that_is_stopped_can_be_ended(lab: Lab) -> None:
    """SIGSTOP is no way to hold a chip for ever."""
    job = lab.begin("kill -STOP $$")
    lab.engine.cancel(job, "u")
    assert lab.end_of(job).outcome == Outcome.CANCELLED


def test_a_command_that_closes_its_outputs_runs_on(lab: Lab) -> None:
    """Silence is no end."""
    ended = lab.finish("exec >&- 2>&- <&-; sleep 0.3; exit 0")
    assert ended.outcome == Outcome.COMPLETED
    assert ended.end - ended.start >= 300


def test_output_is_kept_byte_by_byte(lab: Lab) -> None:
    """No text is assumed: all byte values, zero too, and no newline at the end."""
    lab.finish("i=0; while [ $i -lt 256 ]; do printf \"\\\\$(printf %o $i)\"; i=$((i+1)); done; printf '\\377' >&2")
    assert lab.out("1") == bytes(range(256))
    assert lab.out("1", "stderr") == b"\xff"


def test_output_beyond_its_bound_keeps_the_last_part_and_says_so(tmp_path: Path) -> None:
    """A job that prints for ever does not fill the disk, and its last words are there."""
    lab = Lab(tmp_path, settings=replace(QUICK, output=8192))
    lab.finish("head -c 1000000 /dev/zero; echo the end")
    last, before = lab.out("1"), lab.out("1", "stdout.1")
    assert last.endswith(b"the end\n")
    assert last.startswith(b"[headrace] the output before this is in stdout.1; output before that was dropped\n")
    assert len(last) <= 4200
    assert len(before) <= 4200
    leave(lab)


@pytest.mark.parametrize(("command", "said"), [("no-such-program", "No such file"), ("/etc/passwd", "Permission")])
def test_a_program_that_cannot_be_started_says_why(lab: Lab, command: str, said: str) -> None:
    """The job fails, and its error output holds the sentence."""
    job = lab.engine.submit(asked(), [command], str(lab.files), {})
    lab.start(job)
    assert lab.end_of(job).outcome == Outcome.FAILED
    assert said.encode() in lab.out(job, "stderr")


def test_names_of_all_scripts_go_through(lab: Lab) -> None:
    """Commands, folders, values: also what is not Unicode at all."""
    folder = lab.files / "作业 ü"
    folder.mkdir()
    raw = os.fsdecode(b"\xff\xfe")
    job = lab.engine.submit(asked(), ["sh", "-c", 'printf %s "$1$X"; pwd', "sh", "训练"], str(folder), {"X": raw})
    lab.start(job)
    lab.end_of(job)
    assert lab.out(job) == "训练".encode() + b"\xff\xfe" + os.fsencode(folder) + b"\n"


def test_a_folder_that_is_gone_when_the_run_begins_is_a_failure(lab: Lab) -> None:
    """Not a run in some other folder."""
    job = lab.submit("true")
    lab.files.rmdir()
    lab.start(job)
    assert lab.end_of(job).outcome == Outcome.FAILED
    assert b"No such file" in lab.out(job, "stderr")


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of a megabyte."""
    mounted = tmp_path / "tiny"
    mounted.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "headrace-test", mounted], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("needs the right to mount a tmpfs")
    yield mounted
    subprocess.run(["umount", "--lazy", mounted], check=True)


def fill(file: Path) -> Path:
    """Take all the room there is."""
    with file.open("wb", buffering=0) as out, contextlib.suppress(OSError):
        while True:
            out.write(b"x" * 4096)
    return file


def test_a_full_disk_delays_an_end_and_loses_none(tiny_disk: Path) -> None:
    """Output is lost and counted; the job runs once, and completes when there is room to write so."""
    lab = Lab(tiny_disk)
    job = lab.begin("while [ ! -e full ]; do sleep 0.02; done; head -c 2000000 /dev/zero; touch over")
    ballast = fill(lab.files / "full")
    wait((lab.files / "over").exists, bool)
    with pytest.raises(EngineError, match="cannot be kept"):
        lab.submit("true", environment={"X": "x" * 100_000})
    time.sleep(0.3)
    assert lab.see(job).status == Status.RUNNING
    ballast.write_bytes(b"")
    assert lab.end_of(job).outcome == Outcome.COMPLETED
    leave(lab)


def test_a_start_that_the_disk_refuses_is_refused_and_can_be_made_later(tiny_disk: Path) -> None:
    """No half of a claim is left behind."""
    lab = Lab(tiny_disk)
    job = lab.submit("true", environment={"X": "x" * 100_000, "Y": "y" * 100_000})
    ballast = fill(lab.files / "full")
    answer = lab.engine.act([Start("k", job, 0, (("n0", 1),))])[0]
    assert (answer.taken, "No space" in answer.said) == (False, True)
    ballast.unlink()
    lab.start(job)
    assert lab.end_of(job).outcome == Outcome.COMPLETED
    leave(lab)
