"""What may be submitted: a job that this machine could run, and a command that it could start."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from headrace.errors import InputError
from headrace.units import MILLI

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from headrace.live.engine import Asked
    from headrace.live.engines.local.settings import Settings
    from headrace.world.fleet import Pool

INHERITED: Final = ("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH")
"""What a job has of Headrace's own variables where it does not bring its own; of the others it sees none."""
MOST_OF_ONE: Final = 128 * 1024
"""Bytes of one argument or variable with its closing zero: MAX_ARG_STRLEN of 32 pages (execve(2))."""


def refuse_strange(asked: Asked, pool: Pool) -> None:
    """Raises InputError where no such job can ever run here."""
    if not 1 <= asked.nodes <= pool.nodes:
        raise InputError("nodes", f"asks for {asked.nodes}", f"this machine has {pool.nodes}")
    _refuse_more("chips", asked.chips, pool.chips, "")
    _refuse_more("cpu", asked.cpu, pool.cpu, " thousandths of a core")
    _refuse_more("memory", asked.memory, pool.memory, " MiB")
    if not 1 <= asked.share <= MILLI:
        raise InputError("share", f"asks for {asked.share} thousandths of a chip", f"1 to {MILLI} are possible")
    if asked.kinds and pool.kind not in asked.kinds:
        raise InputError("kinds", f"allows {', '.join(asked.kinds)}", f"this machine has {pool.kind}")
    if asked.pools and not {pool.name, *pool.partitions} & set(asked.pools):
        raise InputError("pools", f"allows {', '.join(asked.pools)}", f"this machine is {pool.name}")
    if strange := [node for node in asked.pinned if node not in pool.node_names]:
        raise InputError("pinned", f"names {strange[0]!r}", f"the nodes are {', '.join(pool.node_names)}")
    if 0 < (named := len(set(asked.pinned))) < asked.nodes:
        what = f"names {named} of the {asked.nodes} nodes that it asks for"
        raise InputError("pinned", what, "it runs on no others; name as many as it needs, or none")


def _refuse_more(what: str, asked: int, most: int, unit: str) -> None:
    if not 0 <= asked <= most:
        raise InputError(what, f"asks for {asked}{unit} a node", f"a node has {most}{unit}")


def refuse_unstartable(
    command: Sequence[str], directory: str, environment: Mapping[str, str], settings: Settings
) -> None:
    """Raises InputError where the command cannot be started as it is written."""
    if not command or not command[0]:
        raise InputError("command", "is empty", "name a program")
    _refuse_long("command", command, settings.command)
    _refuse_long("environment", [f"{name}={text}" for name, text in environment.items()], settings.environment)
    if wrong := [name for name in environment if not name or "=" in name]:
        raise InputError("environment", f"holds the name {wrong[0]!r}", "a name is not empty and has no '='")
    if not directory.startswith("/") or "\0" in directory or not Path(directory).is_dir():
        raise InputError("directory", f"is {directory!r}", "name a folder that exists, from / on")


def _refuse_long(what: str, texts: Sequence[str], most: int) -> None:
    if any("\0" in text for text in texts):
        raise InputError(what, "holds a zero byte", "programs cannot be given any")
    lengths = [len(os.fsencode(text)) + 1 for text in texts]
    if max(lengths, default=0) > MOST_OF_ONE:
        what_is = f"holds a text of {max(lengths)} bytes"
        raise InputError(what, what_is, f"Linux passes on {MOST_OF_ONE} at most; put long texts into a file")
    if sum(lengths) > most:
        raise InputError(what, f"is {sum(lengths)} bytes long", f"{most} are the most; put long texts into a file")


def job_form(
    asked: Asked, command: Sequence[str], directory: str, environment: Mapping[str, str], key: str = ""
) -> dict[str, Any]:
    """What asked.json holds; `key` is the submission's. The job has its own variables, and those of ours without which
    programs are not found."""
    ours = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return {
        "asked": asdict(asked),
        "key": key,
        "command": list(command),
        "directory": directory,
        "environment": ours | dict(environment),
    }
