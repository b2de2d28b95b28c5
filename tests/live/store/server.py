"""A PostgreSQL server of the tests' own: on loopback, on a free port, in a temporary directory, under its own user."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

with suppress(ImportError):
    import psycopg

PASSWORD = "water"
USERS = ("postgres", "nobody")
"""Of whom one runs the server where the tests run as root: PostgreSQL refuses to."""
SETTINGS = ("listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off", "max_connections=40")


def programs() -> Path | None:
    """The folder of PostgreSQL's server programs, Debian's newest or the one on the path; None where there is none."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    found = str(debian[-1]) if debian else shutil.which("initdb")
    return Path(found).parent if found else None


class Server:
    """Started by `start`, stopped by `stop`, as often as a test likes; `remove` ends it for good."""

    def __init__(self, bin: Path) -> None:
        self.bin, self.port, self._numbers = bin, _free_port(), count()
        self.folder = Path(tempfile.mkdtemp(prefix="headrace-postgresql-"))
        self._as = _other_user(self.folder)
        self._initialise()
        self.start()

    def start(self) -> None:
        """Start, and wait until it answers."""
        options = [part for setting in (*SETTINGS, f"port={self.port}") for part in ("-c", setting)]
        command = [self.bin / "postgres", "-D", self.folder / "data", *options]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd="/", **self._as)
        for _ in range(300):
            try:
                return self.run("SELECT 1")
            except psycopg.OperationalError:
                time.sleep(0.1)
        raise AssertionError((self.folder / "log").read_text())

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End every connection, then the server, by its process id."""
        self._process.send_signal(how)
        self._process.wait(60)

    def remove(self) -> None:
        """Stop without putting anything in order, and remove what it kept."""
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder)

    def url(self, name: str, password: str = PASSWORD) -> str:
        """The URL of its database `name`."""
        return f"postgresql://headrace:{password}@127.0.0.1:{self.port}/{name}"

    def run(self, sql: str, name: str = "postgres") -> None:
        """Run one statement in the database `name`, outside any transaction."""
        with psycopg.connect(self.url(name), autocommit=True) as connection:
            connection.execute(sql)  # type: ignore[call-overload]

    def create(self, template: str = "template1") -> str:
        """The URL of a new database, a copy of `template`."""
        name = f"test_{next(self._numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def _initialise(self) -> None:
        (self.folder / "password").write_text(PASSWORD)
        command = [self.bin / "initdb", "-D", self.folder / "data", "-U", "headrace", "--no-sync", "-E", "UTF8"]
        command += ["--auth=scram-sha-256", "--locale=C", f"--pwfile={self.folder / 'password'}"]
        subprocess.run(command, check=True, capture_output=True, cwd="/", **self._as)


def _other_user(folder: Path) -> dict[str, Any]:
    """How a child is started as somebody who is not root; `folder` becomes theirs."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = pwd.getpwnam(next(name for name in USERS if name in names))
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
