"""What the page about Slurm tells a reader to type works on a real one, in the order shown, in one shell."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from tests.docs.pages import commands_in, lines_of, page
from tests.docs.test_live import WAIT, free_port

import headrace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.live.slurm.cluster import Cluster

SLURM: Final = "console slurm"
PAGES: Final = ("docs/en/slurm.md", "docs/zh/slurm.md")
PAGE: Final = PAGES[0]
SHOWN: Final = "http://127.0.0.1:8470"
TOLD: Final = 3
"""Seconds that a reader takes at least from a submission to the next question about it."""


def script(url: str) -> str:
    """The page's commands, which wait for each server and end the one before; a command that fails ends all."""
    wait = f"{sys.executable} -c '{WAIT.format(url=url, patience=240)}'"
    lines = ["server="]
    for command in commands_in(SLURM, page(PAGE)):
        text = command.text.replace(SHOWN, url)
        if text.startswith("headrace serve"):
            lines += ['[ -z "$server" ] || { kill $server; wait $server; }']
            lines += [f"{text.removesuffix('&')} --listen {url.removeprefix('http://')} & server=$!", wait]
        else:
            lines += [text, f"code=$?; [ $code -eq {command.code} ] || {{ echo WRONG $code; kill $server; exit 99; }}"]
        lines += [f"sleep {TOLD}"] if "sbatch" in text else []
    return "\n".join([*lines, "kill $server", "wait $server"])


@pytest.fixture
def as_shown(cluster: Cluster) -> Iterator[None]:
    """The Slurm's slurm.conf has the page's partitions, and its own again afterwards."""
    conf = Path(cluster.env["SLURM_CONF"])
    before = conf.read_text(encoding="utf-8")
    own = [line for line in before.splitlines() if not re.match("PartitionName=(front|run) ", line)]
    conf.write_text("\n".join([*own, *lines_of("text slurm.conf", page(PAGE)), ""]), encoding="utf-8")
    yield
    conf.write_text(before, encoding="utf-8")
    cluster.run("sacctmgr", "-i", "delete", "user", "headrace", check=False)
    cluster.run("scontrol", "reconfigure")


def folder_of(cluster: Cluster, folder: Path) -> Path:
    """A folder with the page's files and a job; `headrace serve` works as the operator."""
    for kind, name in (("toml settings", "headrace.toml"), ("toml", "fleet.toml")):
        folder.joinpath(name).write_text("\n".join(lines_of(kind, page(PAGE))), encoding="utf-8")
    folder.joinpath("job.sh").write_text("#!/bin/sh\nsleep 2\n", encoding="utf-8")
    folder.joinpath("bin").mkdir()
    verb = folder / "bin" / "headrace"
    serves = f'case $1 in serve|plan) PATH="{cluster.as_operator()}:$PATH";; esac\n'
    verb.write_text(f'#!/bin/sh\n{serves}exec "{sys.executable}" -m headrace "$@"\n', encoding="utf-8")
    verb.chmod(0o755)
    return folder


@pytest.mark.slurm
@pytest.mark.usefixtures("as_shown")
def test_the_commands_of_the_page_work_in_the_order_shown(cluster: Cluster, tmp_path: Path) -> None:
    """A second partition, an account, two files, a shadow, then the drive, the watchdog, and back."""
    folder, url = folder_of(cluster, tmp_path), f"http://127.0.0.1:{free_port()}"
    env = {name: value for name, value in cluster.env.items() if name not in ("LANG", "HEADRACE_TOKEN")}
    env |= {
        "PATH": f"{folder / 'bin'}{os.pathsep}{env['PATH']}",
        "PYTHONPATH": str(Path(headrace.__file__).parents[1]),
        "LC_ALL": "C.UTF-8",
        "HEADRACE_URL": url,
        "XDG_DATA_HOME": str(folder / "data"),
        "XDG_CONFIG_HOME": str(folder / "config"),
    }
    ended = subprocess.run(
        ["sh", "-c", script(url)], cwd=folder, env=env, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr
    assert "State=UP" in cluster.run("scontrol", "show", "partition", "front")
    assert "is started" not in ended.stderr


@pytest.mark.parametrize("name", PAGES)
def test_what_the_machine_runs_is_what_is_run_here(name: str) -> None:
    """The commands of the unit and of the crontab are among those of the page, but for where things lie."""
    run = {command.text.removesuffix(" &") for command in commands_in(SLURM, page(name))}
    unit = next(line for line in lines_of("text unit", page(name)) if line.startswith("ExecStart="))
    (cron,) = lines_of("text cron", page(name))
    here = unit.removeprefix("ExecStart=").removeprefix("/opt/headrace/bin/")
    assert here in run
    bare = cron.removeprefix("* * * * * ").removeprefix("/opt/headrace/bin/").replace("/var/lib/headrace/", "")
    assert f"{bare} --dry-run" in run


def test_both_languages_show_the_same_commands_and_files() -> None:
    """What is run of one is what is shown in the other."""
    english, chinese = (page(name) for name in PAGES)
    assert commands_in(SLURM, english) == commands_in(SLURM, chinese) != []
    for kind in ("toml settings", "toml", "text slurm.conf", "text unit", "text cron"):
        assert lines_of(kind, english) == lines_of(kind, chinese) != []
