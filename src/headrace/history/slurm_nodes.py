"""What a Slurm fleet is made of, from `scontrol show node` or `sinfo`: a draft of fleet.toml, and facts about nodes.

    scontrol show node > nodes.txt            (also with -o: one node a line)
    sinfo -N -o "%N %c %m %G %P" > nodes.txt  (leave the header in; columns in any order)

A draft has what Slurm knows. Costs, quotas and the site are for a person to add.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

from headrace.errors import InputError
from headrace.history.hostlist import expand
from headrace.history.slurm_tres import CHIPS, SHARING
from headrace.history.table import line_blocks
from headrace.units import MILLI
from headrace.world.fleet import Fleet, Pool

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

COMMANDS: Final = '`scontrol show node` or `sinfo -N -o "%N %c %m %G %P"` makes such a text'
NO_CHIP: Final = "cpu"
"""The kind of a pool whose nodes have no chips."""
SINFO: Final = {"nodelist": "name", "cpus": "cpus", "memory": "memory", "gres": "gres", "partition": "partitions"}
SCONTROL: Final = {
    "name": re.compile(r"(?:^|\s)NodeName=(\S+)"),
    "cpus": re.compile(r"\sCPUTot=(\S+)"),
    "memory": re.compile(r"\sRealMemory=(\S+)"),
    "gres": re.compile(r"\sGres=(\S+)"),
    "partitions": re.compile(r"\sPartitions=(\S+)"),
}
MPS_OF_A_CHIP: Final = 100
"""As Slurm's documentation of gres/mps counts."""
_NOTHING: Final = ("", "(null)", "N/A", "none")
_BRACKETS: Final = re.compile(r"\([^()]*\)")
_COUNT: Final = re.compile(r"\d{1,9}")


@dataclass(frozen=True)
class Node:
    """A node as Slurm has it: `cpus` (as TRES counts them), `memory` in MiB, `kinds` of chip with their counts.

    `parts` says how many shards (or mps) it has, by name.
    """

    name: str
    cpus: int
    memory: int
    kinds: tuple[tuple[str, int], ...]
    parts: tuple[tuple[str, int], ...]
    partitions: tuple[str, ...]

    @property
    def chips(self) -> int:
        return sum(count for _, count in self.kinds)

    @property
    def kind(self) -> str:
        """The kind of which it has most; "" without chips."""
        return max(self.kinds, key=lambda kind: kind[1])[0] if self.kinds else ""

    def parts_of_a_chip(self, part: str) -> int:
        """How many of `part` ("shard", "mps") make one chip; 0 where it has none."""
        parts = dict(self.parts).get(part, 0)
        return max(1, parts // self.chips) if parts and self.chips else 0


def read_nodes(path: Path) -> tuple[Node, ...]:
    """The nodes in the text of `scontrol show node` or `sinfo`. InputError where it is neither."""
    lines = [(number, text) for start, block in line_blocks(path) for number, text in enumerate(block, start)]
    full = [(number, text) for number, text in lines if text.strip()]
    if full and full[0][1].lstrip().startswith("NodeName="):
        found = [_node(path, number, fields) for number, fields in _scontrol(full)]
    else:
        found = [node for number, fields in _sinfo(path, full) for node in _nodes(path, number, fields)]
    if not found:
        raise InputError(str(path), "names no node", COMMANDS)
    return _merged(found)


def _scontrol(lines: Iterable[tuple[int, str]]) -> Iterator[tuple[int, dict[str, str]]]:
    """Each record with the number of its first line."""
    first, text = 0, ""
    for number, line in lines:
        if line.lstrip().startswith("NodeName=") and text:
            yield first, _record(text)
            text = ""
        first, text = (first, text + " " + line) if text else (number, line)
    yield first, _record(text)


def _record(text: str) -> dict[str, str]:
    return {name: found[1] for name, pattern in SCONTROL.items() if (found := pattern.search(text))}


def _sinfo(path: Path, lines: list[tuple[int, str]]) -> Iterator[tuple[int, dict[str, str]]]:
    names = [SINFO.get(name.lower(), "") for name in _fields(lines[0][1])] if lines else []
    missing = [column for column, name in SINFO.items() if name not in names]
    if missing:
        raise InputError(str(path), f"has no column {missing[0].upper()}", COMMANDS)
    for number, line in lines[1:]:
        fields = _fields(line)
        if len(fields) != len(names):
            said = f"has {len(fields)} fields where the header has {len(names)}"
            raise InputError(f"{path}, line {number}", said, COMMANDS)
        yield number, dict(zip(names, fields, strict=True))


def _fields(line: str) -> list[str]:
    return line.replace("|", " ").split()


def _nodes(path: Path, number: int, fields: dict[str, str]) -> list[Node]:
    """The nodes of a row of sinfo, whose NODELIST may name several."""
    try:
        names = expand(fields["name"])
    except InputError as error:
        raise InputError(f"{path}, line {number}", error.what, error.right) from None
    node = _node(path, number, fields)
    return [replace(node, name=name) for name in names]


def _node(path: Path, number: int, fields: dict[str, str]) -> Node:
    where = f"{path}, line {number}"
    gres = _gres(where, fields.get("gres", ""))
    listed = fields.get("partitions", "").split(",")
    return Node(
        name=fields.get("name", ""),
        cpus=_count(where, "CPUs", fields.get("cpus", "0")),
        memory=_count(where, "memory", fields.get("memory", "0")),
        kinds=tuple((kind or name, count) for name, kind, count in gres if name in CHIPS and count),
        parts=tuple((name, count) for name, _, count in gres if name in SHARING and count),
        partitions=tuple(sorted({name.rstrip("*") for name in listed if name not in _NOTHING})),
    )


def _gres(where: str, text: str) -> list[tuple[str, str, int]]:
    """Name, type and count: "gpu:h20:8(S:0-1),shard:32" -> ("gpu", "h20", 8), ("shard", "", 32)."""
    items = _BRACKETS.sub("", text).split(",")
    return [_gres_item(where, item) for item in items if item not in _NOTHING]


def _gres_item(where: str, item: str) -> tuple[str, str, int]:
    name, *rest = [part for part in item.split(":") if part != "no_consume"]
    if name not in CHIPS and name not in SHARING:
        return name, "", 0
    count = _count(where, f"{name} in Gres", rest.pop()) if rest else 1
    if len(rest) > 1 or any(";" in part for part in rest):
        raise InputError(where, f"has the Gres {item[:60]!r}", "such as gpu:h20:8")
    return name, rest[0] if rest else "", count


def _count(where: str, noun: str, text: str) -> int:
    if not _COUNT.fullmatch(text):
        raise InputError(where, f"has {text[:40]!r} for {noun}, which is no count of one node", COMMANDS)
    return int(text)


def _merged(nodes: Iterable[Node]) -> tuple[Node, ...]:
    """One node a name: sinfo -N has a row for each partition of a node."""
    merged: dict[str, Node] = {}
    for node in nodes:
        known = merged.setdefault(node.name, node)
        merged[node.name] = replace(known, partitions=tuple(sorted({*known.partitions, *node.partitions})))
    return tuple(merged.values())


def draft_fleet(nodes: Iterable[Node], name: str = "slurm") -> tuple[Fleet, tuple[str, ...]]:
    """Alike nodes as pools, named by their kind, and what a person should look at. `name` is the fleet's.

    A node with chips of several kinds counts as one of the kind that it has most of, and the notes say so.
    """
    alike: dict[tuple[str, int, int, int, tuple[str, ...]], list[str]] = defaultdict(list)
    mixed = []
    for node in nodes:
        alike[node.kind or NO_CHIP, node.chips, node.cpus, node.memory, node.partitions].append(node.name)
        mixed += [node.name] if len(node.kinds) > 1 else []
    named: Counter[str] = Counter()
    pools = []
    for (kind, chips, cpus, memory, partitions), names in alike.items():
        named[kind.lower()] += 1
        again = f"-{named[kind.lower()]}" if named[kind.lower()] > 1 else ""
        pool = kind.lower() + again
        pools.append(Pool(pool, kind, tuple(names), chips, cpus * MILLI, memory, partitions=partitions))
    said = f"nodes with several kinds of chip, each counted as the kind it has most of: {', '.join(mixed[:5])}"
    return Fleet(name, _apart(pools)), (said,) if mixed else ()


def _apart(pools: list[Pool]) -> tuple[Pool, ...]:
    """Pools under names that differ, even where a kind is called as another pool's second name."""
    seen: Counter[str] = Counter()
    apart = []
    for pool in pools:
        seen[pool.name] += 1
        apart.append(replace(pool, name=pool.name + "'" * (seen[pool.name] - 1)))
    return tuple(apart)


@dataclass(frozen=True)
class Known:
    """What is known of the nodes when a job log is read: their kinds, and how many parts make a chip.

    `shards_of_a_chip` counts where no node says.
    """

    nodes: dict[str, Node]
    shards_of_a_chip: int

    def kind(self, names: tuple[str, ...]) -> str:
        """The kind that all of these nodes have; "" where they differ or are not known."""
        kinds = {self.nodes[name].kind if name in self.nodes else "" for name in names}
        return kinds.pop() if len(kinds) == 1 else ""

    def parts_of_a_chip(self, part: str, names: tuple[str, ...]) -> int:
        """How many of `part` make a chip: of the first node named, else as most nodes have it, else the default."""
        named = self.nodes.get(names[0]) if names else None
        return (named.parts_of_a_chip(part) if named else 0) or self._usual.get(part, self._default(part))

    @property
    def widest(self) -> int:
        """The most chips that any node has; 0 where none is known."""
        return max((node.chips for node in self.nodes.values()), default=0)

    def says(self, part: str) -> bool:
        """Whether any node has `part` ("shard", "mps")."""
        return part in self._usual

    def _default(self, part: str) -> int:
        return MPS_OF_A_CHIP if part == "mps" else self.shards_of_a_chip

    @cached_property
    def _usual(self) -> dict[str, int]:
        counts: dict[str, Counter[int]] = defaultdict(Counter)
        for node in self.nodes.values():
            for part, _ in node.parts if node.chips else ():
                counts[part][node.parts_of_a_chip(part)] += 1
        return {part: min(found, key=lambda n: (-found[n], n)) for part, found in counts.items()}
