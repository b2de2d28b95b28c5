"""The fleet and those who share it: pools of alike nodes, and tenants with quotas."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property

from headrace.errors import InputError
from headrace.units import UNKNOWN

MAX_CHIPS_PER_NODE = 62
"""A set of chips is a bit mask in a signed integer."""


@dataclass(frozen=True)
class Pool:
    """Nodes of one engine partition that are alike.

    `cpu` is in millicores and `memory` in MiB, per node. `price` is the cost of a chip-hour in the smallest unit of
    `currency`, or UNKNOWN. `partitions` are the names under which jobs may ask for these nodes (the pool's own name
    is always one).
    """

    name: str
    kind: str
    node_names: tuple[str, ...]
    chips: int
    cpu: int
    memory: int
    site: str = ""
    price: int = UNKNOWN
    currency: str = ""
    partitions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        where = f"pool {self.name!r}"
        if not self.node_names:
            raise InputError(where, "has no nodes", "a pool needs at least one")
        if not 0 <= self.chips <= MAX_CHIPS_PER_NODE:
            raise InputError(where, f"has {self.chips} chips a node", f"0 to {MAX_CHIPS_PER_NODE} are possible")
        if self.cpu < 0 or self.memory < 0:
            raise InputError(where, "has a negative size", "cpus and memory are zero or more")

    @property
    def nodes(self) -> int:
        return len(self.node_names)


@dataclass(frozen=True)
class Tenant:
    """Who owns a quota and pays. `quota` is chips by kind; None is a tenant without one, and without a cap.

    A kind that a quota does not name is a kind of which the tenant has none.
    """

    name: str
    quota: dict[str, int] | None = None
    weight: float = 1.0

    def __post_init__(self) -> None:
        if not self.weight > 0:
            raise InputError(f"tenant {self.name!r}", f"has the weight {self.weight}", "a weight is more than zero")
        if any(chips < 0 for chips in (self.quota or {}).values()):
            raise InputError(f"tenant {self.name!r}", "has a negative quota", "a quota is zero chips or more")


@dataclass(frozen=True)
class Fleet:
    """All sites. `start` is the time from a job's start to its first useful work, in ms, where the log does not say."""

    name: str
    pools: tuple[Pool, ...]
    tenants: tuple[Tenant, ...] = ()
    start: int = 0
    synthetic: bool = False
    labels: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.pools:
            raise InputError(f"fleet {self.name!r}", "has no pool", "a fleet needs at least one [[pool]]")
        self._refuse_twice("node", [node for pool in self.pools for node in pool.node_names])
        self._refuse_twice("tenant", [tenant.name for tenant in self.tenants])
        self._refuse_twice("pool", [f"{pool.site}/{pool.name}" for pool in self.pools])

    def _refuse_twice(self, noun: str, names: list[str]) -> None:
        twice = [name for name, count in Counter(names).items() if count > 1]
        if twice:
            raise InputError(
                f"fleet {self.name!r}", f"names the {noun} {twice[0]!r} twice", f"each {noun} has one name"
            )

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of chip, in the order in which pools name them."""
        return tuple(dict.fromkeys(pool.kind for pool in self.pools))

    @cached_property
    def node_names(self) -> tuple[str, ...]:
        """All nodes, pool by pool: a node's number is its place here."""
        return tuple(node for pool in self.pools for node in pool.node_names)

    @property
    def chips(self) -> int:
        return sum(pool.nodes * pool.chips for pool in self.pools)
