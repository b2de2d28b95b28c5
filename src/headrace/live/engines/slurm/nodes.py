"""The nodes of the run partition, from `sinfo`: what they have, and whether they take work.

A node is up unless one of its states says otherwise: a state that is not known here does not take a node out, but it
is said once. Chips of several types on one node count as those of the type that it has most of.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from headrace.errors import EngineError
from headrace.history.slurm_tres import CHIPS
from headrace.live.engine import NodeSeen
from headrace.live.engines.slurm.columns import cut, wanted, whole
from headrace.live.engines.slurm.tools import shown
from headrace.units import MILLI

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headrace.live.engines.slurm.settings import Settings
    from headrace.live.engines.slurm.tools import Tools

COLUMNS: Final = {
    "NodeList": 64,
    "StateComplete": 160,
    "Gres": 256,
    "CPUs": 12,
    "Memory": 20,
    "Features": 512,
    "Reason": 96,
}
GONE: Final = frozenset({"down", "future", "error", "unknown"})
"""States in which what ran on a node is gone. One that is powered down comes when asked."""
CLOSED: Final = GONE | frozenset(
    {"drain", "draining", "drained", "fail", "failing", "maint", "maintenance", "reserved", "resv", "not_responding"}
    | {"reboot", "reboot_issued", "reboot_requested", "boot", "blocked", "invalid_reg", "powering_down", "power_down"}
    | {"perfctrs", "inval"}
)
OPEN: Final = frozenset(
    {"idle", "mixed", "mix", "allocated", "alloc", "completing", "comp", "planned", "plnd", "cloud", "dynamic_norm"}
    | {"dynamic_future", "powering_up", "power_up", "resume", "undrain", "powered_down", "power_drain", "external"}
)
_GRES: Final = re.compile(r"([a-z]{1,20})(?::([^:,()]{1,64}))?(?::([0-9]{1,6}))?(?:\([^)]*\))?")
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
_log: Final = logging.getLogger(__name__)
_unheard: Final[set[str]] = set()


@dataclass(frozen=True)
class Ground:
    """The nodes, what `--constraint` knows of each, and how many shards make one of its chips (0: it has none)."""

    nodes: Mapping[str, NodeSeen]
    features: Mapping[str, frozenset[str]]
    shards: Mapping[str, int]


def read_nodes(tools: Tools, settings: Settings) -> Ground:
    """The nodes as they are now. EngineError where sinfo cannot be asked."""
    printed = tools.ask("sinfo", "-h", "-N", "-p", settings.run, "-O", wanted(COLUMNS))
    rows = {row["NodeList"]: row for row in cut(printed, COLUMNS, "sinfo") if _readable(row)}
    if not rows:
        raise EngineError(f"sinfo shows no node in the partition {settings.run}; is it the one that slurm.conf has?")
    seen = {name: _node(row, settings) for name, row in rows.items()}
    return Ground(
        seen,
        {name: frozenset(row["Features"].split(",")) - {"", "(null)"} for name, row in rows.items()},
        {name: _shards(row["Gres"], seen[name].chips) for name, row in rows.items()},
    )


def _readable(row: dict[str, str]) -> bool:
    numbers = row["CPUs"].isdecimal() and row["Memory"].isdecimal()
    if numbers and whole(row["Gres"], COLUMNS["Gres"]) and _NAME.fullmatch(row["NodeList"]):
        return True
    _log.warning("node %s is left alone: sinfo's row of it is not understood", shown(row["NodeList"]))
    return False


def _node(row: dict[str, str], settings: Settings) -> NodeSeen:
    states = states_of(row["StateComplete"])
    chips = _chips(row["Gres"])
    most = max(chips, key=lambda kind: chips[kind], default="cpu")
    reason = "" if row["Reason"] in ("none", "(null)") else f": {shown(row['Reason'])}"
    closed = sorted(states & CLOSED)
    return NodeSeen(
        name=row["NodeList"],
        kind=settings.kinds.get(most, most),
        pool=settings.run,
        chips=chips.get(most, 0),
        cpu=int(row["CPUs"]) * MILLI,
        memory=int(row["Memory"]),
        up=not closed,
        lost=bool(states & GONE),
        reason=f"{'+'.join(closed)}{reason}" if closed else "",
    )


def states_of(text: str) -> frozenset[str]:
    """The states in sinfo's text, such as `mixed+drain` or `down*`, without its marks."""
    states = frozenset(re.sub(r"[^a-z_]", "", part) for part in text.lower().split("+")) - {""}
    for state in sorted(states - OPEN - CLOSED - _unheard):
        _unheard.add(state)
        _log.warning("the node state %r is not known here; it is taken to be one in which a node works", state)
    return states


def _chips(gres: str) -> dict[str, int]:
    """Type -> count of what are chips: `gpu:h20:6(S:0-1),shard:h20:24` has six of h20."""
    chips: dict[str, int] = {}
    for name, kind, count in _GRES.findall(gres):
        if name in CHIPS:
            kind, count = ("", kind) if kind.isdecimal() and not count else (kind, count)
            chips[kind or name] = chips.get(kind or name, 0) + int(count or 1)
    return chips


def _shards(gres: str, chips: int) -> int:
    total = sum(int(count or kind or 0) for name, kind, count in _GRES.findall(gres) if name == "shard")
    return total // chips if chips else 0
