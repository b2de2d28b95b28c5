"""What may be submitted and set, and what a job is given: its chips, its variables, its limits."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from tests.live.local.conftest import leave
from tests.live.local.lab import QUICK, Lab, asked, machine

from headrace.errors import EngineError, HeadraceError, InputError
from headrace.live.engine import Start
from headrace.live.engines.local.engine import LocalEngine
from headrace.world.fleet import Fleet
from headrace.world.record import Outcome

if TYPE_CHECKING:
    from pathlib import Path


def test_a_job_sees_its_chips_and_no_others(lab: Lab) -> None:
    """The maker's variable lists the chips; a job cannot choose others by bringing the variable along."""
    show = 'echo "$CUDA_VISIBLE_DEVICES|$ASCEND_RT_VISIBLE_DEVICES|$HEADRACE_JOB|$HEADRACE_RUN|$HEADRACE_CHIPS|$MINE"'
    job = lab.submit(show, asked(chips=2), {"CUDA_VISIBLE_DEVICES": "0,1,2,3", "MINE": "ja"})
    lab.start(job, mask=0b1010)
    lab.end_of(job)
    assert lab.out(job) == b"1,3||1|0|1,3|ja\n"


def test_a_job_without_chips_sees_none(lab: Lab) -> None:
    """The variable is there, and empty."""
    job = lab.submit('echo "${CUDA_VISIBLE_DEVICES-unset}"', asked(chips=0))
    lab.start(job, mask=0)
    lab.end_of(job)
    assert lab.out(job) == b"\n"


@pytest.mark.parametrize(
    ("kind", "variable"),
    [("H20", "CUDA_VISIBLE_DEVICES"), ("Ascend 910B", "ASCEND_RT_VISIBLE_DEVICES"), ("MI300X", "ROCR_VISIBLE_DEVICES")],
)
def test_the_maker_decides_which_variable_shows_the_chips(tmp_path: Path, kind: str, variable: str) -> None:
    """The kind's maker stands in the catalogue."""
    lab = Lab(tmp_path, machine(kind=kind))
    lab.finish(f'test "${variable}" = 0 || exit 1')
    assert lab.see("1").outcome == Outcome.COMPLETED
    leave(lab)


def test_where_the_variable_is_not_known_the_operator_names_it(tmp_path: Path) -> None:
    """A sentence says so, and a setting is enough."""
    with pytest.raises(EngineError, match="name it as `variable`"):
        LocalEngine(machine(kind="Home-made"), tmp_path)
    lab = Lab(tmp_path, machine(kind="Home-made", chips=1), replace(QUICK, variable="X_CHIPS", devices=("uuid-7",)))
    lab.finish('echo "$X_CHIPS"')
    assert lab.out("1") == b"uuid-7\n"
    leave(lab)


def test_a_gang_is_one_process_with_the_chips_of_all_its_nodes(tmp_path: Path) -> None:
    """Chips are numbered on from node to node."""
    lab = Lab(tmp_path, machine(nodes=2))
    job = lab.submit('echo "$CUDA_VISIBLE_DEVICES $HEADRACE_NODES"', asked(nodes=2, chips=2))
    assert lab.engine.act([Start("k", job, 0, (("n0", 0b0011), ("n1", 0b1001)))])[0].taken
    lab.end_of(job)
    assert lab.out(job) == b"0,1,4,7 n0,n1\n"
    leave(lab)


def test_memory_is_limited_where_the_operator_says_so(tmp_path: Path) -> None:
    """RLIMIT_AS, in the job's MiB."""
    lab = Lab(tmp_path, settings=replace(QUICK, limit_memory=True, nice=5))
    lab.finish("ulimit -v; nice", what=replace(asked(), memory=100))
    assert lab.out("1") == b"102400\n5\n"
    leave(lab)


@pytest.mark.parametrize(
    "strange",
    [
        {"nodes": 2},
        {"nodes": 0},
        {"chips": 5},
        {"chips": -1},
        {"share": 0},
        {"share": 1001},
        {"kinds": ("A800",)},
        {"pools": ("other",)},
        {"pinned": ("n9",)},
    ],
)
def test_a_job_that_could_never_run_is_refused(lab: Lab, strange: dict[str, Any]) -> None:
    """In one sentence, when it is submitted."""
    with pytest.raises(InputError):
        lab.submit("true", asked(**strange))


def test_a_gang_that_names_fewer_nodes_than_it_asks_for_is_refused(tmp_path: Path) -> None:
    """It would wait for ever. As many names, or none, are taken."""
    lab = Lab(tmp_path, machine(nodes=2))
    with pytest.raises(InputError, match="names 1 of the 2 nodes that it asks for"):
        lab.submit("true", asked(nodes=2, pinned=("n1",)))
    for pinned in ((), ("n0", "n1")):
        lab.submit("true", asked(nodes=2, pinned=pinned))
    leave(lab)


@pytest.mark.parametrize(
    ("command", "directory", "environment"),
    [
        ([], "/", {}),
        ([""], "/", {}),
        (["a\0b"], "/", {}),
        (["x" * 140_000], "/", {}),
        (["x" * 70_000] * 2, "/", {}),
        (["true"], "here", {}),
        (["true"], "/nowhere/at/all", {}),
        (["true"], "/", {"A=B": "1"}),
        (["true"], "/", {"": "1"}),
        (["true"], "/", {"A": "x" * 140_000}),
        (["true"], "/", {str(i): "x" * 100_000 for i in range(12)}),
    ],
)
def test_a_command_that_cannot_be_started_is_refused(
    lab: Lab, command: list[str], directory: str, environment: dict[str, str]
) -> None:
    """Empty, too long, or with what no program can be given."""
    with pytest.raises(InputError):
        lab.engine.submit(asked(), command, directory, environment)


def test_there_are_only_so_many_jobs(tmp_path: Path) -> None:
    """A loop that submits does not fill the disk."""
    lab = Lab(tmp_path, settings=replace(QUICK, jobs=2))
    lab.submit("true")
    lab.submit("true")
    with pytest.raises(EngineError, match="which is the most"):
        lab.submit("true")
    leave(lab)


def test_headrace_keeps_its_own_variables_to_itself(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """A job has PATH and the like, and no secret that Headrace was given."""
    monkeypatch.setenv("DATABASE_PASSWORD", "secret")
    lab.finish("env")
    assert b"PATH=" in lab.out("1")
    assert b"secret" not in lab.out("1")


def test_the_state_directory_is_its_users_alone_and_has_one_headrace(lab: Lab) -> None:
    """Nobody else reads the environments of jobs; two Headraces would start everything twice."""
    assert stat.S_IMODE(os.stat(lab.state).st_mode) == 0o700
    with pytest.raises(EngineError, match="another Headrace"):
        LocalEngine(machine(), lab.state)


def test_a_fleet_that_is_not_one_machine_is_refused(tmp_path: Path) -> None:
    """One pool, for the chips of a machine are of one kind."""
    pool = machine().pools[0]
    with pytest.raises(EngineError, match="2 pools"):
        LocalEngine(Fleet("two", (pool, replace(pool, name="other", node_names=("m",)))), tmp_path)


@pytest.mark.parametrize(
    "wrong", [{"checkpoint_signal": "SIGNOT"}, {"nice": -1}, {"output": 1}, {"keep_jobs": 0}, {"grace": -1}]
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    """When they are read, not when a run ends."""
    with pytest.raises(HeadraceError):
        replace(QUICK, **wrong)
