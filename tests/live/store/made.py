"""Jobs, nodes and orders, of which a test states what matters to it."""

from __future__ import annotations

from typing import Any

from headrace.live.engine import Asked, JobSeen, NodeSeen, Start, Status
from headrace.live.store.nouns import Role, Token


def asked(job: str = "1", **other: Any) -> Asked:
    """One node with eight chips, for the tenant "search"."""
    said: dict[str, Any] = {"tenant": "search", "user": "ann", "submit": 1_000, "nodes": 1, "chips": 8, "share": 1000}
    return Asked(**{"job": job, "cpu": 8_000, "memory": 64, **said, **other})


def seen(job: str = "1", status: Status = Status.WAITING, **other: Any) -> JobSeen:
    """That job, waiting unless said otherwise; `tenant` and `submit` go to what was asked."""
    of_asked = {name: other.pop(name) for name in ("tenant", "submit") if name in other}
    return JobSeen(asked(job, **of_asked), status, **other)


def node(name: str = "n1", **other: Any) -> NodeSeen:
    """A node with eight H20, up unless said otherwise."""
    return NodeSeen(
        **{"name": name, "kind": "H20", "pool": "h20", "chips": 8, "cpu": 64_000, "memory": 1024, "up": True} | other
    )


def start(key: str = "a", job: str = "1", run: int = 0, on: tuple[tuple[str, int], ...] = (("n1", 255),)) -> Start:
    """An order to start that job on all chips of n1."""
    return Start(key, job, run, on)


def token(name: str = "ann", **other: Any) -> Token:
    """A token of the tenant "search"."""
    return Token(**{"name": name, "tenant": "search", "role": Role.TENANT, "made": 5} | other)
