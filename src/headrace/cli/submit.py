"""`headrace submit`: a command with what it needs, sent once however often the connection breaks."""

from __future__ import annotations

import os
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, get_args

from pydantic import ValidationError

from headrace.cli.client import server
from headrace.cli.client_address import TOKEN
from headrace.cli.client_length import length_ms
from headrace.cli.inputs import console, language
from headrace.errors import CallError
from headrace.report.live.submitted import render
from headrace.serve.shapes import Job, ServiceName, Submit
from headrace.units import MILLI

if TYPE_CHECKING:
    from collections.abc import Iterable

CARRIED: Final = ("PATH", "LANG", "LC_ALL", "TZ", "VIRTUAL_ENV", "CONDA_PREFIX", "PYTHONPATH", "LD_LIBRARY_PATH")
"""What a job sees of the environment unless --env says more: what finds programs, and nothing that is secret."""
GIB_MIB: Final = 1024


@dataclass(frozen=True)
class Wish:
    """What was typed."""

    command: list[str]
    chips: int
    nodes: int
    share: int
    kinds: str | None
    pools: str | None
    on: str | None
    cpus: float
    memory: float
    limit: str | None
    checkpoint: str | None
    service: str
    name: str
    workload: str
    tenant: str | None


def run(wish: Wish, env: Iterable[str], json: bool, lang: str | None) -> None:
    """Submit it, and print its number."""
    spoken = language(lang)
    body = asked(wish, environment(env), os.getcwd())
    job = server(spoken).post(Job, "/jobs", body, key=str(uuid.uuid4()))
    if json:
        from headrace.cli.printed import print_json

        print_json(job.model_dump())
    else:
        render(job, console(), spoken)


def asked(wish: Wish, variables: dict[str, str], directory: str) -> Submit:
    """The request. CallError for what no server would take."""
    if wish.service not in get_args(ServiceName):
        raise CallError(f"--class {wish.service!r} is none; {', '.join(get_args(ServiceName))} are possible")
    told: dict[str, Any] = {
        "command": wish.command,
        "directory": directory,
        "environment": variables,
        "tenant": wish.tenant,
        "name": wish.name,
        "workload": wish.workload,
        "nodes": wish.nodes,
        "chips": wish.chips,
        "share_milli": wish.share,
        "cpu_millicores": round(wish.cpus * MILLI),
        "memory_mib": round(wish.memory * GIB_MIB),
        "kinds": listed(wish.kinds),
        "pools": listed(wish.pools),
        "pinned": listed(wish.on),
        "service": wish.service,
        "limit_ms": None if wish.limit is None else length_ms("--limit", wish.limit),
        "checkpoint_ms": None if wish.checkpoint is None else length_ms("--checkpoint", wish.checkpoint),
    }
    try:
        return Submit.model_validate(told)
    except ValidationError as error:
        first = error.errors()[0]
        raise CallError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def listed(text: str | None) -> list[str]:
    """`a, b` as a and b."""
    return [name.strip() for name in (text or "").split(",") if name.strip()]


def environment(env: Iterable[str]) -> dict[str, str]:
    """The variables that the job sees: CARRIED, and those named. CallError for one that is not set, or is our token."""
    found = {name: os.environ[name] for name in CARRIED if name in os.environ}
    for text in env:
        name, given, value = text.partition("=")
        if not name or name == TOKEN:
            raise CallError(f"--env {name or '='}: {'a job must not see your token' if name else 'names no variable'}")
        if not given and name not in os.environ:
            raise CallError(f"--env {name}: is not set here; write --env {name}=VALUE")
        found[name] = value if given else os.environ[name]
    return found
