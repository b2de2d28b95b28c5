"""A small machine, jobs for it, and somebody who waits for them."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from headrace.live.engine import Asked, JobSeen, Observation, Start, Status
from headrace.live.engines.local.engine import LocalEngine
from headrace.live.engines.local.files import holder
from headrace.live.engines.local.machine import bits
from headrace.live.engines.local.settings import Settings
from headrace.units import MILLI
from headrace.world.fleet import Fleet, Pool

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

PATIENCE_S = 30
QUICK = Settings(grace=300, checkpoint_grace=300, spare_disk=0)
"""Nobody waits for long."""


def machine(nodes: int = 1, chips: int = 4, kind: str = "H20") -> Fleet:
    """A fleet of one pool."""
    return Fleet("lab", (Pool("lab", kind, tuple(f"n{i}" for i in range(nodes)), chips, 64 * MILLI, 1 << 20),))


def asked(nodes: int = 1, chips: int = 1, share: int = MILLI, **more: Any) -> Asked:
    """What a job asks for."""
    return Asked(job="", tenant="t", user="u", submit=0, nodes=nodes, chips=chips, share=share, cpu=0, memory=0, **more)


class Lab:
    """An engine on a folder, which can be left and come back to."""

    def __init__(self, folder: Path, fleet: Fleet | None = None, settings: Settings = QUICK) -> None:
        self.state, self._fleet, self._settings = folder / "state", fleet or machine(), settings
        self.files = folder / "files"
        self.files.mkdir(exist_ok=True)
        self.engine = LocalEngine(self._fleet, self.state, self._settings)

    def again(self) -> None:
        """Headrace ends, and another one begins."""
        self.engine.close()
        self.engine = LocalEngine(self._fleet, self.state, self._settings)

    def submit(self, script: str, what: Asked | None = None, environment: Mapping[str, str] | None = None) -> str:
        """A shell script as a job; it runs in the folder `files`."""
        return self.engine.submit(what or asked(), ["sh", "-c", script], str(self.files), environment or {})

    def start(self, job: str, mask: int = 1, run: int = 0) -> None:
        """Start a job on chips of the first node."""
        answer = self.engine.act([Start(f"{job}.{run}", job, run, (("n0", mask),))])[0]
        assert answer.taken, answer.said

    def begin(self, script: str, **more: Any) -> str:
        """Submit a script, start it, and wait until it runs."""
        job = self.submit(script, **more)
        self.start(job)
        self.until(job, lambda seen: seen.status >= Status.RUNNING)
        return job

    def see(self, job: str) -> JobSeen:
        """The job, observed now."""
        return seen(self.engine.observe(), job)

    def until(self, job: str, so: Callable[[JobSeen], bool]) -> JobSeen:
        """Observe until it is so."""
        return wait(lambda: self.see(job), so)

    def end_of(self, job: str) -> JobSeen:
        """Observe until the job is over."""
        return self.until(job, lambda one: one.status == Status.ENDED)

    def finish(self, script: str, **more: Any) -> JobSeen:
        """Submit and start a script, and wait for its end."""
        return self.end_of(self.begin(script, **more))

    def run(self, job: str, run: int = 0) -> Path:
        """The folder of a run."""
        return self.engine.folder(job) / "runs" / str(run)

    def keeper(self, job: str) -> int:
        """The process that keeps the job's first run."""
        return wait(lambda: holder(self.run(job) / "lock"), bool)

    def out(self, job: str, name: str = "stdout") -> bytes:
        """What its first run printed."""
        return (self.run(job) / name).read_bytes()


def wait(look: Callable[[], Any], so: Callable[[Any], bool]) -> Any:
    """Look again and again, until it is so."""
    until = time.monotonic() + PATIENCE_S
    while not so(now := look()):
        assert time.monotonic() < until, f"waited in vain, last was {now}"
        time.sleep(0.01)
    return now


def seen(observation: Observation, job: str) -> JobSeen:
    """One job of an observation."""
    (found,) = [one for one in observation.jobs if one.asked.job == job]
    return found


def change(path: Path, **values: Any) -> None:
    """Make a file say something else."""
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def free_chips(observation: Observation) -> list[tuple[str, int]]:
    """Node and mask of every chip that no job holds."""
    held = {
        (node, chip) for job in observation.jobs if 0 < job.status < 3 for node, mask in job.on for chip in bits(mask)
    }
    return [(n.name, 1 << c) for n in observation.nodes for c in range(n.chips) if (n.name, c) not in held]


def start_what_waits(engine: LocalEngine) -> Observation:
    """The least of schedulers: each waiting job that asks for one chip gets the next one that is free."""
    now = engine.observe()
    waiting = [job for job in now.jobs if job.status == Status.WAITING]
    pairs = zip(waiting, free_chips(now), strict=False)
    engine.act([Start(f"{job.asked.job}.{job.run}", job.asked.job, job.run, (place,)) for job, place in pairs])
    return now
