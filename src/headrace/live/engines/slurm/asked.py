"""What a job of the queue asks for, per node, and where that can be had.

Where is a set of nodes (`--nodelist`, `--exclude`, `--constraint`, kinds): it is said as kinds where it is all nodes of
some kinds, else node by node. What Slurm alone can decide is left to Slurm, with a reason.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from headrace.errors import InputError
from headrace.history.demand import plain
from headrace.history.hostlist import expand
from headrace.history.slurm_tres import CHIPS, Tres, parse_tres
from headrace.live.engine import Asked
from headrace.live.engines.slurm.constraint import TooRichError, satisfies
from headrace.live.engines.slurm.notes import read_wishes
from headrace.live.engines.slurm.tools import shown
from headrace.units import MILLI, NEVER, SECOND_MS, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping, Set

    from headrace.live.engines.slurm.nodes import Ground
    from headrace.live.engines.slurm.queue import Lists
    from headrace.live.engines.slurm.settings import Settings

PER: Final = ("tres-per-node", "tres-per-job", "tres-per-task", "tres-per-socket")
LONGEST: Final = 96
"""Characters of a job's name that are kept."""
_NOTHING: Final = ("", "(null)", "N/A", "None", "Unknown", "NONE")
_GRES: Final = re.compile(r"(?:^|[:/,])([a-z]{1,20})(?::([A-Za-z][^:,()=]{0,63}))?(?:[:=]([0-9]{1,9}))?(?=,|$)")
_LIMIT: Final = re.compile(r"(?:([0-9]{1,6})-)?(?:([0-9]{1,6}):)?([0-9]{1,6}):([0-9]{2})")


class NotUnderstoodError(ValueError):
    """A row that says something not known here; its job is left alone."""


class Sought(NamedTuple):
    """What decides where a request can be met; there are far fewer of these than jobs."""

    nodes: int
    required: str
    excluded: str
    features: str
    kinds: tuple[str, ...]
    shards: bool


@dataclass(frozen=True)
class Where:
    """Where a request can be met: every node of `kinds` (empty: of any), or `pinned` alone; `reason`: why nowhere.

    `chips`, `cpu` of the widest node there, and how many shards make a chip there.
    """

    kinds: tuple[str, ...] = ()
    pinned: tuple[str, ...] = ()
    reason: str = ""
    chips: int = 0
    cpu: int = 0
    shards: int = 1


def read_asked(row: Mapping[str, str], lists: Lists, places: Places, settings: Settings) -> tuple[Asked, str]:
    """The request, and why Headrace leaves it to Slurm ("": it does not). NotUnderstoodError where it is not read."""
    wishes = read_wishes(row["Comment"])
    tres = parse_tres(row["tres-alloc"])
    if tres.wrong:
        raise NotUnderstoodError(f"it asks for {shown(tres.wrong)!r}")
    nodes = max(1, len(names(lists.required)), number(row["NumNodes"].partition("-")[0], "NumNodes"))
    types = tuple(settings.kinds.get(kind, kind) for kind in _types(tuple(row[per] for per in PER)))
    sought = Sought(nodes, *lists[1:3], lists.features, types or wishes.kinds, tres.part == "shard")
    where = places.where(sought)
    asked = Asked(
        job=row["JobArrayID"],
        tenant=shown(row["Account"]) if row["Account"] not in _NOTHING else "",
        user=shown(row["UserName"]),
        submit=time(row["SubmitTime"]),
        nodes=nodes,
        chips=_per_node(row["tres-per-node"]) or _up(tres.chips, nodes),
        share=MILLI,
        cpu=_up(number(row["NumCPUs"], "NumCPUs") * MILLI, nodes),
        memory=_up(tres.memory, max(1, tres.nodes)),
        kinds=where.kinds,
        pinned=where.pinned,
        limit=_limit(row["TimeLimit"]),
        checkpoint=wishes.checkpoint,
        service=wishes.service,
        name=shown(row["Name"][:LONGEST]),
        workload=shown(wishes.workload),
    )
    if row["OverSubscribe"] == "NO":
        asked = replace(asked, chips=max(where.chips, asked.chips), cpu=max(where.cpu, asked.cpu))
    return _shared(asked, tres, where.shards), _left(row, tres) or where.reason


def _left(row: Mapping[str, str], tres: Tres) -> str:
    """Why a request is Slurm's own business whatever the nodes are."""
    if row["HetJobID"] not in (*_NOTHING, "0"):
        return "it is a part of a heterogeneous job, which Slurm starts as a whole"
    if row["Reservation"] not in _NOTHING:
        return "it has a reservation, within which Slurm starts it"
    return "it asks for gres/mps, which is left to Slurm" if tres.part == "mps" else ""


class Places:
    """The nodes of one observation, and where on them what was sought can be met, each looked for once."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self._known: dict[Sought, Where] = {}

    def where(self, sought: Sought) -> Where:
        if sought not in self._known:
            self._known[sought] = _where(sought, self.ground)
        return self._known[sought]


def _where(sought: Sought, ground: Ground) -> Where:
    required, wanted = names(sought.required), {plain(kind) for kind in sought.kinds}
    try:
        allowed = _allowed(sought, ground)
    except TooRichError:
        return Where(sought.kinds, required, "its constraint counts nodes, which is left to Slurm")
    left = {name for name in required or allowed if name in ground.nodes and _is_of(ground.nodes[name].kind, wanted)}
    if required:
        return _widest(Where(sought.kinds, required, _why_not(sought, required, allowed)), left, ground)
    if not left:
        return _widest(Where(sought.kinds, (), _nowhere(sought, ground)), allowed, ground)
    kinds = {ground.nodes[name].kind for name in left}
    some = left != {node.name for node in ground.nodes.values() if node.kind in kinds}
    said = () if len(left) == len(ground.nodes) else tuple(sorted(kinds))
    return _widest(Where(said, tuple(sorted(left)) if some else ()), left, ground)


def _is_of(kind: str, wanted: Set[str]) -> bool:
    return not wanted or plain(kind) in wanted


def _widest(where: Where, names: Set[str], ground: Ground) -> Where:
    """The same with what its nodes have."""
    nodes = [ground.nodes[name] for name in names]
    shards = Counter(ground.shards[name] for name in sorted(names)).most_common(1)
    return replace(
        where,
        chips=max((node.chips for node in nodes), default=0),
        cpu=max((node.cpu for node in nodes), default=0),
        shards=max(1, shards[0][0]) if shards else 1,
    )


def _allowed(sought: Sought, ground: Ground) -> frozenset[str]:
    """The nodes that `--exclude`, `--constraint` and shards leave. TooRichError for a constraint left to Slurm."""
    excluded = frozenset(names(sought.excluded))
    return frozenset(
        name
        for name in ground.nodes
        if name not in excluded
        and (not sought.features or satisfies(sought.features, ground.features[name]))
        and (not sought.shards or ground.shards[name])
    )


def _why_not(sought: Sought, required: tuple[str, ...], allowed: frozenset[str]) -> str:
    """Why a job that names nodes cannot be started on them."""
    missing = sorted(set(required) - allowed)
    if missing:
        return f"it names {shown(missing[0])}, which it may not use"
    return "it names some of its nodes and leaves the others to Slurm" if len(required) < sought.nodes else ""


def _nowhere(sought: Sought, ground: Ground) -> str:
    there = {plain(node.kind) for node in ground.nodes.values()}
    unknown = [kind for kind in sought.kinds if plain(kind) not in there]
    return f"no node here has chips of kind {shown(unknown[0])}" if unknown else "no node has what it asks for"


@lru_cache(maxsize=4096)
def _types(texts: tuple[str, ...]) -> tuple[str, ...]:
    """The types of chip in what was asked for; what a running job was given says nothing of that."""
    found = (_GRES.findall(text) for text in texts)
    return tuple(sorted({kind for items in found for name, kind, _ in items if name in CHIPS and kind}))


@lru_cache(maxsize=4096)
def _per_node(text: str) -> int:
    """Chips as asked for per node; 0 where they were asked for otherwise."""
    return sum(int(count or 1) for name, _, count in _GRES.findall(text) if name in CHIPS)


def _shared(asked: Asked, tres: Tres, each: int) -> Asked:
    """Shards, `each` of a chip, as chips and the share of each; rounded down, so that all shards of a chip fit."""
    if tres.part != "shard" or asked.chips:
        return asked
    parts = _up(tres.parts, max(1, tres.nodes))
    chips = _up(parts, each)
    return replace(asked, chips=chips, share=max(1, parts * MILLI // (chips * each)))


@lru_cache(maxsize=4096)
def names(text: str) -> tuple[str, ...]:
    """The nodes in a list. NotUnderstoodError where it is none."""
    try:
        return () if text in _NOTHING else expand(text)
    except InputError as error:
        raise NotUnderstoodError(f"its list of nodes {error.what}") from None


def number(text: str, column: str) -> int:
    """A count. NotUnderstoodError where it is none."""
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise NotUnderstoodError(f"its {column} is {shown(text)[:40]!r}")
    return int(text)


def time(text: str) -> int:
    """Epoch seconds as ms; NEVER where there is no time."""
    return int(text) * SECOND_MS if re.fullmatch(r"[0-9]{1,12}", text) and text != "0" else NEVER


@lru_cache(maxsize=4096)
def _limit(text: str) -> int:
    """`1-02:03:04`, `2:03:04` or `3:04` as ms; UNKNOWN where there is none."""
    found = _LIMIT.fullmatch(text)
    if found is None:
        return UNKNOWN
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * SECOND_MS


def _up(amount: int, by: int) -> int:
    return -(-amount // by)
