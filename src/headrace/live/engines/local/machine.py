"""The machine as nodes, and how a job is told which of its chips it may see.

A fleet of one pool. Several nodes are for trying out: they share the machine, and their chips are numbered on from node
to node, so chip 1 of the second node of eight is device 9.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from headrace.catalog.load import chips as catalogue
from headrace.errors import EngineError
from headrace.live.engine import NodeSeen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from headrace.live.engines.local.settings import Settings
    from headrace.world.fleet import Fleet, Pool

VARIABLE: Final = {
    "NVIDIA": "CUDA_VISIBLE_DEVICES",
    "Huawei": "ASCEND_RT_VISIBLE_DEVICES",
    "AMD": "ROCR_VISIBLE_DEVICES",
}
"""Maker -> the variable that its runtime reads: a list with commas and without blanks, in ascending order (which Ascend
demands); the empty list shows none. Sources: CUDA C++ Programming Guide, "CUDA Environment Variables"; CANN 8.0
environment variables, hiascend.com envref_07_0028; ROCm 6.1 documentation, "GPU isolation techniques"."""

Places = tuple[tuple[str, int], ...]


class Machine:
    """The nodes of this machine. Raises EngineError where the fleet is not one, or its chips cannot be shown."""

    def __init__(self, fleet: Fleet, settings: Settings) -> None:
        if len(fleet.pools) != 1:
            raise EngineError(
                f"local: fleet {fleet.name!r} has {len(fleet.pools)} pools; a machine is one pool, so keep one [[pool]]"
            )
        self.pool: Pool = fleet.pools[0]
        self._first = {name: i * self.pool.chips for i, name in enumerate(self.pool.node_names)}
        self._devices = settings.devices or tuple(str(i) for i in range(fleet.chips))
        if len(self._devices) != fleet.chips:
            raise EngineError(f"local: devices names {len(self._devices)} chips where the pool has {fleet.chips}")
        self.variable = settings.variable or _variable(self.pool)

    def nodes(self, up: bool, reason: str) -> tuple[NodeSeen, ...]:
        """All nodes, up or not for one and the same reason."""
        pool = self.pool
        return tuple(
            NodeSeen(name, pool.kind, pool.name, pool.chips, pool.cpu, pool.memory, up, reason=reason)
            for name in pool.node_names
        )

    def knows(self, node: str) -> bool:
        return node in self._first

    def numbers(self, on: Places) -> list[int]:
        """The chips of `on` as the machine numbers them, in ascending order."""
        return sorted(self._first[node] + chip for node, mask in on for chip in bits(mask))

    def environment(self, on: Places) -> dict[str, str]:
        """What shows a job its chips, and hides all others from it."""
        devices = ",".join(self._devices[number] for number in self.numbers(on))
        every = dict.fromkeys(VARIABLE.values(), "")
        return every | {self.variable: devices, "HEADRACE_CHIPS": devices}


def bits(mask: int) -> Iterator[int]:
    """The chips of a mask, in ascending order."""
    return (i for i in range(mask.bit_length()) if mask >> i & 1)


def _variable(pool: Pool) -> str:
    known = catalogue()
    maker = known[pool.kind].text("vendor") if pool.kind in known else ""
    if not pool.chips:
        return VARIABLE["NVIDIA"]
    if maker not in VARIABLE:
        whose = f"chips of {maker}" if maker else f"the kind {pool.kind!r}, which the catalogue does not have,"
        raise EngineError(
            f"local: which variable shows a job its chips is not known for {whose}; name it as `variable`, "
            f"such as {_either(VARIABLE.values())}"
        )
    return VARIABLE[maker]


def _either(names: Iterable[str]) -> str:
    return " or ".join(names)
