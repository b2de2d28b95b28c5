"""A real `headrace serve` in front of the real Slurm: its settings, its fleet file, and what is asked of both."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tests.serve.servers import Home, Server, eventually

from headrace.live.store.nouns import Role

if TYPE_CHECKING:
    from pathlib import Path

    from tests.live.slurm.cluster import Cluster

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
            page = self.ask("/api/v1/jobs", size=1000, **after)
            found |= {job["job"]: job for job in page["items"]}
            if page["next"] is None:
                return found
            after = {"after": page["next"]}

    def verb(self, *words: str, lang: str = "en") -> str:
        """What a verb of the client prints."""
        assert self.server is not None
        where = {"HEADRACE_URL": self.server.url, "HEADRACE_TOKEN": self.home.token("op", Role.OPERATOR)}
        done = subprocess.run(
            [sys.executable, "-m", "headrace", *words, "--lang", lang],
            cwd=self.home.folder,
            env=self.home.environment | where,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

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
        return (self.home.folder / "log.jsonl").read_text(encoding="utf-8")


def mill(cluster: Cluster, folder: Path, fleet: str = FLEET, **settings: object) -> Mill:
    """A folder for a server in front of `cluster`; nothing is started."""
    asked = {"interval": 0.5, "shadow": "false", "policy": "fair+easy/fgd"} | settings
    known = {"commands": cluster.as_operator(), "conf": cluster.env["SLURM_CONF"], "kinds": KINDS}
    return Mill(cluster, Home(folder, SETTINGS.format(**known, **asked), fleet))
