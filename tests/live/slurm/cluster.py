"""A real Slurm for tests: munge, MariaDB, slurmdbd, slurmctld and eight slurmd, all of its own, on loopback.

    python -m tests.live.slurm.cluster BASE      starts one and waits; Ctrl-C stops it

Everything lies under BASE: keys, sockets, databases, logs. It needs root (mknod, and jobs of several users) and the
programs; it installs nothing. What it started it stops by process id, and nothing else.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

HERE: Final = Path(__file__).parent
NODES: Final = tuple(f"{kind}-{i}" for kind in ("h20", "h100", "a800", "asc") for i in (1, 2))
CHIPS: Final = 6
PROGRAMS: Final = ("munged", "mariadbd", "mariadb-install-db", "slurmdbd", "slurmctld", "slurmd", "scontrol", "setpriv")
OPERATOR: Final = "daemon"
"""The account that Headrace runs as: AdminLevel=Operator, no root, no SlurmUser."""
USERS: Final = ("root", "nobody", "games")
ACCOUNTS: Final = ("team-a", "team-b")
TOOLS: Final = ("scontrol", "squeue", "sinfo", "sacct", "sdiag", "scancel")


def missing() -> str:
    """What this machine lacks for such a cluster, in one line; "" where it lacks nothing."""
    if os.geteuid() != 0:
        return "a Slurm of one's own needs root (mknod, jobs of several users)"
    absent = [name for name in PROGRAMS if shutil.which(name) is None]
    return f"not installed: {', '.join(absent)} (`make test-slurm` installs them)" if absent else ""


class Cluster:
    """The daemons under `base`. `start` returns when every node is idle; `stop` ends each by its id."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.ports = _free_ports()
        self.env = {**os.environ, "SLURM_CONF": str(base / "etc" / "slurm.conf"), "TZ": "UTC"}

    def start(self) -> None:
        self._lay_out()
        self._start_munge()
        self._start_database()
        self.spawn("slurmdbd", ["slurmdbd", "-D"])
        self._until("slurmdbd answers", lambda: self._works("sacctmgr", "-n", "show", "cluster"))
        self.run("sacctmgr", "-i", "add", "cluster", "mill")
        self.start_controller()
        for node in NODES:
            self.start_node(node)
        self._until("every node is idle", self._all_idle)
        self._people()

    def stop(self) -> None:
        """End what was started, the last first; nodes together, since each may wait for its jobs."""
        self._end([name for name in self.running if name.startswith("slurmd-")])
        for name in [*reversed(self.running)]:
            self._end([name])

    def spawn(self, name: str, command: Sequence[str]) -> None:
        """Start a daemon in the foreground; its output goes to log/NAME.out."""
        with (self.base / "log" / f"{name}.out").open("ab") as out:
            self.running[name] = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=self.env, start_new_session=True
            )

    def start_controller(self) -> None:
        self.spawn("slurmctld", ["slurmctld", "-D"])
        self._until("slurmctld answers", lambda: self._works("scontrol", "ping"))

    def kill(self, name: str, how: signal.Signals = signal.SIGKILL) -> None:
        """End one daemon at once, as a crash would."""
        self.running[name].send_signal(how)
        self.running.pop(name).wait()

    def saved(self) -> None:
        """Return when slurmctld has written its state, which it does some seconds after a change.

        Killed before that it forgets the change: jobs that were accepted are gone (a trap of tests, and of sites).
        """
        file, asked_at = self.base / "state" / "job_state", time.time()
        jobs = self.run("squeue", "-h", "-a", "-t", "PD", "-o", "%i").split()
        self.run("scontrol", "update", f"JobId={jobs[0]}", "Nice=1")  # a change, so that it writes once more
        self._until("the state is saved", lambda: file.stat().st_mtime > asked_at)

    def start_node(self, node: str) -> None:
        (self.base / "spool" / node).mkdir(parents=True, exist_ok=True)
        self.spawn(f"slurmd-{node}", ["slurmd", "-D", "-N", node])

    def run(self, *command: str, check: bool = True, user: str | None = None) -> str:
        """What a command prints, run as `user` (root if not given)."""
        done = subprocess.run(
            command, env=self.env, capture_output=True, text=True, timeout=60, user=user, cwd="/", errors="replace"
        )
        if check and done.returncode != 0:
            raise AssertionError(f"{' '.join(command)}: {done.stdout}{done.stderr}")
        return done.stdout.strip()

    def sbatch(
        self, *options: str, seconds: float | str = 1, gate: str = "", user: str = "nobody", account: str = "team-a"
    ) -> str:
        """Submit, as a user does, a job that sleeps for `seconds` (a number, or what sh makes one of); its number.

        Where a `gate` is named it goes on until that gate is opened.
        """
        plain = ("--parsable", "-A", account, "-D", "/tmp", "-o", "/dev/null", "-t", "10")
        number = "${SLURM_ARRAY_JOB_ID:-$SLURM_JOB_ID}${SLURM_ARRAY_TASK_ID:+_$SLURM_ARRAY_TASK_ID}"
        closed = f"until [ -e {self.base}/desk/{gate} ]; do sleep 0.2; done; " if gate else ""
        work = f"{closed}sleep {seconds} && echo {number} $SLURMD_NODENAME >> {self.base}/desk/done"
        return self.run("sbatch", *plain, *options, f"--wrap={work}", user=user).partition(";")[0]

    def open(self, gate: str) -> None:
        """Let the jobs go on that wait for it."""
        (self.base / "desk" / gate).touch()

    def state(self, job: str) -> str:
        """What Slurm says a job is: PENDING, RUNNING, COMPLETING, ..."""
        return self.run("squeue", "-h", "-a", "-t", "all", "-j", job, "-o", "%T")

    def tidy(self) -> None:
        """Idle again: nothing waits or runs, every daemon is there, every node up, the front closed."""
        if "slurmctld" not in self.running:
            self.start_controller()
        for user in USERS:
            self.run("scancel", f"--user={user}", check=False)
        for node in NODES:
            if f"slurmd-{node}" not in self.running:
                self.start_node(node)
            self.run("scontrol", "update", f"NodeName={node}", "State=RESUME", check=False)
        self.run("scontrol", "update", "PartitionName=front", "State=DOWN")
        self._until("nothing is queued", lambda: not self.run("squeue", "-h", "-a", "-o", "%i"))
        self._until("every node is idle", self._all_idle)

    def as_operator(self) -> Path:
        """A folder of Slurm's commands which run as the operator's account, whoever calls them."""
        folder = self.base / "operator"
        folder.mkdir(exist_ok=True)
        for tool in TOOLS:
            script = folder / tool
            drop = f"setpriv --reuid={OPERATOR} --regid={OPERATOR} --clear-groups"
            script.write_text(f'#!/bin/sh\nexec {drop} {shutil.which(tool)} "$@"\n')
            script.chmod(0o755)
        return folder

    def _lay_out(self) -> None:
        self.base.mkdir(parents=True, exist_ok=True)
        self.base.chmod(0o755)
        for folder in ("run", "log", "state", "spool", "dev", "etc", "desk"):
            (self.base / folder).mkdir(exist_ok=True)
        (self.base / "desk").chmod(0o777)
        (self.base / "desk" / "done").touch()
        (self.base / "desk" / "done").chmod(0o666)
        for chip in range(CHIPS):
            device = self.base / "dev" / f"chip{chip}"
            if not device.exists():
                os.mknod(device, 0o020666, os.makedev(1, 3))
        for name in ("slurm", "gres", "slurmdbd"):
            (self.base / "etc" / f"{name}.conf").write_text(self._filled(f"{name}.conf.in"))
        (self.base / "etc" / "job_submit.lua").write_text(self._filled("job_submit.lua.in"))
        (self.base / "etc" / "slurmdbd.conf").chmod(0o600)  # slurmdbd refuses one that others can read

    def _filled(self, template: str) -> str:
        text = (HERE / template).read_text()
        if "@ACCOUNTING@" in text:
            text = text.replace("@ACCOUNTING@", self._filled("accounting.conf.in"))
        text = text.replace("@OPERATOR@", str(pwd.getpwnam(OPERATOR).pw_uid))
        for name, port in self.ports.items():
            text = text.replace(f"@{name}@", str(port))
        return text.replace("@BASE@", str(self.base)).replace("@HOST@", socket.gethostname().split(".")[0])

    def _start_munge(self) -> None:
        run = self.base / "run"
        key = run / "munge.key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o600)
        paths = {"key-file": key, "socket": run / "munge.sock", "pid-file": run / "munged.pid"}
        paths |= {"seed-file": run / "munge.seed", "log-file": self.base / "log" / "munged.log"}
        self.spawn("munged", ["munged", "--foreground", "--force", *(f"--{k}={v}" for k, v in paths.items())])
        self._until("munge answers", lambda: self._works("munge", "-n", "-S", str(run / "munge.sock")))

    def _start_database(self) -> None:
        data, sock = self.base / "mysql", self.base / "run" / "mysql.sock"
        install = ["mariadb-install-db", "--no-defaults", "--user=root", f"--datadir={data}", "--skip-test-db"]
        self.run(*install, "--auth-root-authentication-method=socket")
        small = [
            "--innodb-buffer-pool-size=64M",
            "--innodb-lock-wait-timeout=900",
            "--innodb-flush-log-at-trx-commit=2",
        ]
        own = ["--no-defaults", "--user=root", f"--datadir={data}", f"--socket={sock}", f"--port={self.ports['SQL']}"]
        self.spawn("mariadbd", ["mariadbd", *own, "--bind-address=127.0.0.1", *small])
        client = ["mariadb", "--no-defaults", "-S", str(sock), "-e"]
        self._until("MariaDB answers", lambda: self._works(*client, "select 1"))
        who = ("slurm@127.0.0.1", "slurm@localhost")
        users = "".join(f"create user {u} identified by 'slurm'; grant all on slurm_acct.* to {u};" for u in who)
        self.run(*client, f"create database slurm_acct; {users}")

    def _people(self) -> None:
        """Two accounts, three users, and the operator, who may order about every job and belongs to none."""
        self.run("sacctmgr", "-i", "add", "account", *ACCOUNTS, "Cluster=mill")
        for user in USERS:
            self.run("sacctmgr", "-i", "add", "user", user, f"Account={','.join(ACCOUNTS)}", "Cluster=mill")
        self.run("sacctmgr", "-i", "add", "user", OPERATOR, "Account=team-a", "Cluster=mill", "AdminLevel=Operator")

    def _all_idle(self) -> bool:
        return self.run("sinfo", "-h", "-N", "-p", "run", "-o", "%T", check=False).split() == ["idle"] * len(NODES)

    def _works(self, *command: str) -> bool:
        return subprocess.run(command, env=self.env, capture_output=True, timeout=20).returncode == 0

    def _until(self, what: str, true: Callable[[], bool], seconds: float = 60) -> None:
        last = time.monotonic() + seconds
        while not true():
            dead = [name for name, process in self.running.items() if process.poll() is not None]
            if dead or time.monotonic() > last:
                raise AssertionError(
                    f"within {seconds:.0f} s it was not so that {what}; ended: {dead}; see {self.base / 'log'}"
                )
            time.sleep(0.1)

    def _end(self, names: list[str]) -> None:
        ending = {name: self.running.pop(name) for name in names if name in self.running}
        for process in ending.values():
            process.terminate()
        for process in ending.values():
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _free_ports() -> dict[str, int]:
    """A port each for the database, slurmdbd, slurmctld and the nodes, below those that the system hands out."""
    for first in range(21_000, 32_000, 20):
        if all(_is_free(port) for port in range(first, first + 3 + len(NODES))):
            names = ("SQL", "DBD", "CTL", *(f"NODE{i}" for i in range(1, len(NODES) + 1)))
            return {name: first + i for i, name in enumerate(names)}
    raise AssertionError("no eleven free ports in a row")


def _is_free(port: int) -> bool:
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


if __name__ == "__main__":
    told = threading.Event()  # signals are not blocked: the daemons would have them blocked too, and never hear an end
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: told.set())
    cluster = Cluster(Path(sys.argv[1]))
    try:
        cluster.start()
        sys.stdout.write(f"up; export SLURM_CONF={cluster.env['SLURM_CONF']}\n")
        sys.stdout.flush()
        told.wait()
    finally:
        cluster.stop()
