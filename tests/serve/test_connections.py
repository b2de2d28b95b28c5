"""Headrace opens no connection that its configuration does not name: watched through a run with the local engine."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.serve.servers import Home, Server, _address, eventually
from tests.serve.test_api import ended, submit

if TYPE_CHECKING:
    from pathlib import Path

WATCH = """
import os, socket, sys
def watch(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.gethostbyname"):
        with open(os.environ["WATCHED"], "a") as file:
            print(event, arguments[1:] if event == "socket.connect" else arguments, file=file)
sys.addaudithook(watch)
socket.socket().connect_ex(("127.0.0.1", 9))
from headrace.cli import main
sys.argv = ["headrace", "serve"]
main()
"""


def test_no_connection_is_opened_that_is_not_named(tmp_path: Path) -> None:
    """A server with a local engine and SQLite runs a job, tells of it in every way, and calls nobody.

    The hook sees connections: that which is made on purpose, to a port where nobody listens, is the only one.
    """
    home, watched = Home(tmp_path), tmp_path / "watched"
    with (tmp_path / "log.jsonl").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", WATCH],
            cwd=tmp_path,
            env=home.environment | {"WATCHED": str(watched)},
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    server = Server(process, _address(process, tmp_path / "log.jsonl"), home)
    with server.operator() as client:
        ended(client, submit(client)["job"])
        for path in ("me", "jobs", "nodes", "tenants", "plan", "usage", "rounds", "ledger", "audit"):
            assert client.get(f"/api/v1/{path}").status_code == 200
        assert client.get("/metrics").status_code == 200
    assert server.stop() == 0
    assert watched.read_text(encoding="utf-8").splitlines() == ["socket.connect (('127.0.0.1', 9),)"]


def test_the_log_is_json_and_holds_no_secret(tmp_path: Path) -> None:
    """Tokens, commands, environments and the seal's key are in no line; each line says when, how grave, and what."""
    home = Home(tmp_path, settings='log_level = "debug"\n' + (Home.settings))
    server = home.start()
    with server.operator() as client:
        job = submit(client, command=["sh", "-c", "exit 0 # hush-command"], environment={"PASSWORD": "hush-value"})
        ended(client, job["job"])
        client.get("/api/v1/me", headers={"Authorization": "Bearer hush-token"})
        eventually(lambda: client.get("/api/v1/rounds").json()["items"])
    assert server.stop() == 0
    text = (tmp_path / "log.jsonl").read_text(encoding="utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    assert all({"at", "level", "from", "said"} <= line.keys() for line in lines)
    assert [line["what"] for line in lines if "what" in line][-1] == "ended"
    assert "hush" not in text
    assert home.tokens["op"] not in text
