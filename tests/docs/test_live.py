"""What the documents tell a reader to type at a live server works, in the order shown, in one shell."""

from __future__ import annotations

import os
import re
import shlex
import socket
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from tests.docs.pages import commands_in, lines_of, page
from tests.serve.watching import Watching
from typer.testing import CliRunner

import headrace
from headrace.cli.app import app

LIVE: Final = "console live"
SERVE: Final = "headrace serve &"
PATIENCE_S: Final = 900
"""The first round may have to compile its loops."""
WAIT: Final = """
import json, sys, time, urllib.request
end = time.monotonic() + {patience}
while time.monotonic() < end:
    try:
        with urllib.request.urlopen("{url}/healthz") as answer:
            if json.load(answer)["ok"]:
                sys.exit()
    except OSError:
        pass
    time.sleep(0.2)
sys.exit("the server does not answer")
"""
"""Until the server says that its loop runs."""


def free_port() -> int:
    """A port of loopback that nobody uses now."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def script(name: str, url: str) -> str:
    """The page's commands as one script, which waits for the server, and ends where a command ends not as said."""
    wait = f"{sys.executable} -c '{WAIT.format(url=url, patience=PATIENCE_S)}'"
    lines = []
    for command in commands_in(LIVE, page(name)):
        if command.text == SERVE:
            lines += [f"headrace serve --listen {url.removeprefix('http://')} & server=$!", wait]
        else:
            lines += [
                command.text,
                f"code=$?; [ $code -eq {command.code} ] || {{ echo WRONG $code; kill $server; exit 99; }}",
            ]
    return "\n".join([*lines, "kill $server", "wait $server"])


def folder_of(tmp_path: Path) -> Path:
    """A folder with the page's fleet.toml, and a `headrace` to put on PATH."""
    tmp_path.joinpath("fleet.toml").write_text("\n".join(lines_of("toml", page("docs/en/live.md"))), encoding="utf-8")
    tmp_path.joinpath("bin").mkdir()
    verb = tmp_path / "bin" / "headrace"
    verb.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m headrace "$@"\n', encoding="utf-8")
    verb.chmod(0o755)
    return tmp_path


@pytest.mark.parametrize("name", ["docs/en/live.md", "README.md"])
def test_the_live_commands_of_a_page_work_in_the_order_shown(name: str, tmp_path: Path) -> None:
    """Serve, make a token, submit, ask why, look, cancel: each command ends with the code that the page says."""
    folder, url = folder_of(tmp_path), f"http://127.0.0.1:{free_port()}"
    env = {k: v for k, v in os.environ.items() if k not in ("LANG", "LC_MESSAGES", "HEADRACE_TOKEN")}
    env |= {
        "PATH": f"{folder / 'bin'}{os.pathsep}{env['PATH']}",
        "PYTHONPATH": str(Path(headrace.__file__).parents[1]),
        "LC_ALL": "C.UTF-8",
        "HEADRACE_URL": url,
        "XDG_DATA_HOME": str(folder / "data"),
        "XDG_CONFIG_HOME": str(folder / "config"),
    }
    ended = subprocess.run(["sh", "-c", script(name, url)], cwd=folder, env=env, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr
    assert re.search(r"Submitted as job 1\b", ended.stdout)


@pytest.mark.parametrize(
    ("english", "chinese"),
    [("docs/en/live.md", "docs/zh/live.md"), ("docs/en/serve.md", "docs/zh/serve.md"), ("README.md", "README.zh.md")],
)
def test_both_languages_show_the_same_live_commands(english: str, chinese: str) -> None:
    """What is run of one is what is shown in the other."""
    assert commands_in(LIVE, page(english)) == commands_in(LIVE, page(chinese)) != []


def test_the_commands_about_a_shadow_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a store in which one has watched for an hour; the page's dates come to lie before that hour."""
    watching = Watching(tmp_path)
    watching.days(1 / 24)
    watching.serving.close()
    monkeypatch.chdir(folder_of(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    Path("headrace.toml").write_text(f'store = "sqlite:///{tmp_path / "headrace.db"}"\n', encoding="utf-8")
    asked = [one.text for one in commands_in(LIVE, page("docs/en/serve.md")) if one.text.startswith("headrace shadow")]
    for command in asked:
        ended = CliRunner().invoke(app, shlex.split(command.replace("2026-01-01", "2024-01-01"))[1:])
        assert ended.exit_code == 0, ended.output
    assert len(asked) == 3
