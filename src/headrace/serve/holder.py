"""The name under which a process holds the lease, and whether a holder on this machine still lives.

    host / boot / pid namespace / pid / when it began        in clock ticks since the boot

So a server that was killed and begins anew need not wait until its own old lease has run out.
"""

from __future__ import annotations

import os
import socket

from headrace.live.engines.local.processes import boot_id, process


def holder() -> str:
    """This process."""
    return f"{_here()}/{os.getpid()}/{_born(os.getpid())}"


def is_dead(name: str) -> bool:
    """Whether `name` is a process of this machine that has ended. Of other machines' nothing is known: False."""
    here, _, born = name.rpartition("/")
    here, _, pid = here.rpartition("/")
    return here == _here() and pid.isdigit() and _born(int(pid)) != born


def _here() -> str:
    return f"{socket.gethostname()}/{boot_id()}/{os.readlink('/proc/self/ns/pid')}"


def _born(pid: int) -> str:
    seen = process(pid)
    return str(seen.born) if seen else ""
