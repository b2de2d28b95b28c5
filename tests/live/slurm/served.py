"""A real `headrace serve` in front of the real Slurm: its settings, its fleet file, and what is asked of both."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tests.serve.servers import Home, Server, eventually

from headrace.explain.explain import explain
from headrace.history.asked import happened, outages
from headrace.history.fleet_file import read_fleet
from headrace.live.store.nouns import Role
from headrace.units import SECOND_MS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.live.slurm.cluster import Cluster

    from headrace.explain.ledger import Ledger
    from headrace.history.log import JobLog
    from headrace.world.fleet import Fleet

FLEET: Final = """
name = "mill"
""" + "".join(
    f'[[pool]]\nname = "{name}"\nkind = "{kind}"\nnodes = 2\nchips = 6\ncpus = 32\nmemory_gib = 250\n'
    f'cost_per_chip_hour = {price}\ncurrency = "CNY"\n'
    for name, kind, price in (("h20", "H20", 6.7), ("h100", "H100", 14.5), ("a800", "A800", 5.9), ("asc", "910B", 4.2))
)
KINDS: Final = 'kinds = { h20 = "H20", h100 = "H100", a800 = "A800", ascend910b = "910B" }'
"""What fleet.toml calls the types of Slurm's gres."""
SETTINGS: Final = """
engine = "slurm"
listen = "127.0.0.1:0"
interval_s = {interval}
shadow = {shadow}
policy = "{policy}"
lease_s = 5
[slurm]
commands = "{commands}"
conf = "{conf}"
wait_s = 20
{kinds}
[watchdog]
lease = "lease.json"
minutes = 0.1
"""


@dataclass
class Mill:
    """The Slurm, and the folder of a server in front of it, which works as the operator's account."""

    cluster: Cluster
    home: Home
    server: Server | None = None

    def serve(self) -> Server:
        """Start the server, and return once a turn has gone well."""
        self.server = self.home.start()
        eventually(lambda: self.ask("/healthz").get("ok"), 240)
        return self.server

    def kill(self) -> None:
        """End the server without a word."""
        assert self.server is not None
        self.server.kill()
        self.server = None

    def stop(self) -> None:
        """End the server cleanly."""
        if self.server is not None:
            assert self.server.stop() == 0
            self.server = None

    def ask(self, path: str, **params: Any) -> Any:
        """What the API answers the operator."""
        assert self.server is not None
        with self.server.operator() as client:
            return client.get(path, params=params).json()

    def jobs(self) -> dict[str, dict[str, Any]]:
        """Every job that the server knows, by its number."""
        found: dict[str, dict[str, Any]] = {}
        after: dict[str, Any] = {}
        while True:
            page = self.ask("/api/v1/jobs", size=500, **after)
            found |= {job["job"]: job for job in page["items"]}
            if page["next"] is None:
                return found
            after = {"after": page["next"]}

    def verb(self, *words: str, lang: str = "en") -> str:
        """What a verb of the client prints."""
        done = self._told(*words, lang=lang)
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout

    def refused(self, *words: str) -> str:
        """What a verb that ends with the code of a wrong call says."""
        done = self._told(*words)
        assert done.returncode == 2, done.stdout
        return done.stderr

    def _told(self, *words: str, lang: str = "en") -> subprocess.CompletedProcess[str]:
        assert self.server is not None
        where = {"HEADRACE_URL": self.server.url, "HEADRACE_TOKEN": self.home.token("op", Role.OPERATOR)}
        verb, *more = words
        return subprocess.run(
            [sys.executable, "-m", "headrace", verb, "--lang", lang, *more],
            cwd=self.home.folder,
            env=self.home.environment | where,
            capture_output=True,
            text=True,
            check=False,
        )

    def round(self) -> None:
        """Return when a turn that began after this call has ended."""
        now = time.time() * SECOND_MS
        eventually(lambda: (self.ask("/healthz").get("turn_ms") or 0) >= now)

    def nodes(self) -> dict[str, dict[str, Any]]:
        """Every node that the server knows, by its name."""
        return {node["name"]: node for node in self.ask("/api/v1/nodes")["items"]}

    def job(self, job: str) -> dict[str, Any]:
        """What the server says of a job; nothing where it knows none."""
        found: dict[str, Any] = self.ask(f"/api/v1/jobs/{job}")
        return found if "job" in found else {}

    def ended(self) -> set[str]:
        """The jobs that the server knows to have ended."""
        return {job for job, one in self.jobs().items() if one["status"] == "ended"}

    @property
    def fleet(self) -> Fleet:
        """The fleet file's."""
        return read_fleet(self.home.folder / "fleet.toml")

    def explained(self, log: JobLog) -> Ledger:
        """The ledger of what happened, checked."""
        was = happened(log, self.fleet)
        ledger = explain(self.fleet, was.workload, was.runs, outages(log, self.fleet)[0], was.begin, was.end)
        ledger.check()
        return ledger

    def done(self) -> list[tuple[str, str]]:
        """(job, node) of every line that a job has left behind."""
        file = self.cluster.base / "desk" / "done"
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        return [(job, node) for job, _, node in (line.partition(" ") for line in lines)]

    def until_done(self, jobs: set[str], seconds: float = 120) -> None:
        """Return once each of `jobs` has left a line."""
        eventually(lambda: jobs <= {job for job, _ in self.done()}, seconds)

    def log(self) -> str:
        """What the server has logged."""
        file = self.home.folder / "log.jsonl"
        return file.read_text(encoding="utf-8") if file.exists() else ""


def mill(cluster: Cluster, folder: Path, fleet: str = FLEET, **settings: object) -> Mill:
    """A folder for a server in front of `cluster`; nothing is started."""
    asked = {"interval": 0.5, "shadow": "false", "policy": "fair+easy/fgd"} | settings
    known = {"commands": cluster.as_operator(), "conf": cluster.env["SLURM_CONF"], "kinds": KINDS}
    return Mill(cluster, Home(folder, SETTINGS.format(**known, **asked), fleet))
