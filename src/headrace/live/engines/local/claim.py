"""Writes a run's order: the folder appears whole, under its number, once."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any

from headrace.live.engines.local.files import PRIVATE, PRIVATE_FOLDER, read_whole, write_whole
from headrace.live.engines.local.processes import MARK, boot_id
from headrace.units import UNKNOWN

if TYPE_CHECKING:
    from headrace.live.engine import Start
    from headrace.live.engines.local.job import Job
    from headrace.live.engines.local.machine import Machine
    from headrace.live.engines.local.settings import Settings


def claim(job: Job, start: Start, machine: Machine, settings: Settings) -> bool:
    """Claim the run for this order. False: somebody has claimed it. Raises OSError, and leaves no claim then.

    A folder cannot be renamed to one that holds anything, so the rename is the claim, and the order comes with it. A
    claim need not outlast a power cut: no command does either, and the keeper makes it last together with the exit.
    """
    part = job.run.with_name(f".{start.run}.{os.getpid()}.part")
    part.mkdir(PRIVATE_FOLDER)
    try:
        os.close(os.open(part / "lock", os.O_CREAT | os.O_CLOEXEC, PRIVATE))
        write_whole(part / "order.json", _order(job, start, machine, settings), durable=False)
        os.rename(part, job.run)
    except OSError:
        shutil.rmtree(part, ignore_errors=True)
        if job.run.exists():
            return False
        raise
    return True


def _order(job: Job, start: Start, machine: Machine, settings: Settings) -> dict[str, Any]:
    submitted = read_whole(job.folder / "asked.json")
    if submitted is None:
        raise FileNotFoundError(f"{job.folder}/asked.json is gone")
    asked, mark = job.seen.asked, os.urandom(16).hex()
    memory = asked.memory * asked.nodes * (1 << 20) if settings.limit_memory and asked.memory > 0 else 0
    return {
        "key": start.key,
        "on": start.on,
        "boot": boot_id(),
        "mark": mark,
        "command": submitted["command"],
        "directory": submitted["directory"],
        "environment": submitted["environment"] | _own(job, start, mark) | machine.environment(start.on),
        "limit_ms": None if asked.limit == UNKNOWN else asked.limit,
        "grace_ms": settings.grace,
        "checkpoint_signal": settings.checkpoint_signal,
        "checkpoint_grace_ms": settings.checkpoint_grace,
        "output_bytes": settings.output,
        "memory_bytes": memory,
        "nice": settings.nice,
    }


def _own(job: Job, start: Start, mark: str) -> dict[str, str]:
    asked = job.seen.asked
    return {
        "HEADRACE_JOB": asked.job,
        "HEADRACE_RUN": str(start.run),
        "HEADRACE_NAME": asked.name,
        "HEADRACE_TENANT": asked.tenant,
        "HEADRACE_NODES": ",".join(node for node, _ in start.on),
        "HEADRACE_SHARE": str(asked.share),
        MARK: mark,
    }
