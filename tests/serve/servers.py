"""A real `headrace serve` in a process of its own, with engine, store and tokens in a folder of the test's."""

from __future__ import annotations

import os
import re
import secrets
import select
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

import headrace
from headrace.live.store.nouns import Role, Token
from headrace.live.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable

FLEET = """
name = "test"
[[pool]]
name = "main"
kind = "H20"
nodes = 2
chips = 4
cpus = 8
memory_gib = 8
cost_per_chip_hour = 6.7
[[tenant]]
name = "a"
quota = { H20 = 6 }
[[tenant]]
name = "b"
weight = 2.0
"""
SETTINGS = 'listen = "127.0.0.1:0"\ninterval_s = 0.5\n[local]\ngrace_s = 1\nstate = "local"\n'
READY = re.compile(r"https?://\S+:\d+")
START_S = 240
"""The compiled loops may have to be compiled first."""


@dataclass
class Home:
    """A folder with everything that a server has."""

    folder: Path
    settings: str = SETTINGS
    fleet: str = FLEET
    tokens: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        (self.folder / "headrace.toml").write_text(self.settings, encoding="utf-8")
        (self.folder / "fleet.toml").write_text(self.fleet, encoding="utf-8")

    @property
    def environment(self) -> dict[str, str]:
        """That of a user whose data are in the folder."""
        here = {"PYTHONPATH": str(Path(headrace.__file__).parents[1]), "LANG": "C.UTF-8"}
        return os.environ | here | {"XDG_DATA_HOME": str(self.folder / "data")}

    @property
    def url(self) -> str:
        """The store's URL."""
        return f"sqlite:///{self.folder / 'data' / 'headrace' / 'headrace.db'}"

    def store(self) -> Store:
        """The store, opened beside the server."""
        key = self.folder / "data" / "headrace" / "audit.key"
        if not key.exists():
            key.parent.mkdir(parents=True, exist_ok=True)
            key.write_bytes(secrets.token_bytes(32))
        return Store.open(self.url, seal=key.read_bytes())

    def token(self, name: str, role: Role, tenant: str = "") -> str:
        """A token, made once."""
        if name not in self.tokens:
            store = self.store()
            self.tokens[name] = store.make_token(Token(name, tenant, role, 1), secrets.token_bytes(32), "test")
            store.close()
        return self.tokens[name]

    def run(self, *verb: str) -> subprocess.CompletedProcess[str]:
        """A verb of the command line, to its end."""
        return subprocess.run(
            [sys.executable, "-m", "headrace", *verb],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=START_S,
            check=False,
        )

    def start(self, *options: str) -> Server:
        """A server that answers."""
        with (self.folder / "log.jsonl").open("a", encoding="utf-8") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "headrace", "serve", *options],
                cwd=self.folder,
                env=self.environment,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        server = Server(process, "", self)
        try:
            server.url = _address(process, self.folder / "log.jsonl")
        except BaseException:
            server.kill()
            raise
        return server


@dataclass
class Server:
    """A process that listens at `url`."""

    process: subprocess.Popen[str]
    url: str
    home: Home

    def client(self, token: str = "", **options: Any) -> httpx.Client:
        """Who asks with a token, or without."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30, trust_env=False, **options)

    def operator(self) -> httpx.Client:
        """Who may do everything."""
        return self.client(self.home.token("op", Role.OPERATOR))

    def kill(self) -> None:
        """At once, without a word."""
        self.process.kill()
        self._gone()

    def stop(self) -> int:
        """Cleanly; the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self._gone()

    def _gone(self) -> int:
        status = self.process.wait(timeout=30)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return status


def eventually(true: Callable[[], Any], seconds: float = 60) -> Any:
    """What `true` gives as soon as it is something; fails where it never is."""
    until = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < until, "it never came to be"
        time.sleep(0.01)
    return found


def _address(process: subprocess.Popen[str], log: Path) -> str:
    assert process.stdout is not None
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        if select.select([process.stdout], [], [], 1)[0]:
            line = process.stdout.readline()
            if found := READY.search(line):
                return found[0].rstrip(".")
            assert line, f"the server ended:\n{log.read_text(encoding='utf-8')}"
    raise AssertionError("the server never said where it listens")
