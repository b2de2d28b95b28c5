"""`nodes`: a row a node, those first that take no work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from headrace.report.live.size import chips
from headrace.report.names import plain, short
from headrace.report.screen import Screen
from headrace.report.tables.table import Column, Row, Table
from headrace.report.words import languages, load

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console

    from headrace.report.live.told import Node
    from headrace.report.words import Words

AnyNode = TypeVar("AnyNode", bound="Node")
REASON: Final = 80
COLUMNS: Final = ("node", "kind", "pool", "state", "held", "chips", "jobs", "reason")
NUMERIC: Final = ("held", "chips", "jobs")


def render(nodes: Sequence[Node], console: Console, lang: str) -> None:
    """Print the nodes, and how many of them take work."""
    for words in map(load, languages(lang)):
        screen = Screen(console)
        screen.table(table(nodes, words))
        screen.say(words("live.nodes.sum", up=sum(node.up for node in nodes), count=len(nodes)))


def table(nodes: Sequence[Node], words: Words) -> Table:
    """A row a node, in the order of `in_order`."""
    columns = (Column(words(f"live.column.{key}"), key in NUMERIC) for key in COLUMNS)
    return Table(tuple(columns), tuple(Row(_cells(node, words)) for node in in_order(nodes)))


def in_order(nodes: Iterable[AnyNode]) -> list[AnyNode]:
    """Failed ones first, then drained ones, then the rest; by name within each."""
    return sorted(nodes, key=lambda node: (not node.lost, node.up, node.name))


def state(node: Node) -> str:
    """The key of its state: `lost` (what ran there is gone), `drained` (it takes nothing new), `up`."""
    return "lost" if node.lost else "up" if node.up else "drained"


def _cells(node: Node, words: Words) -> tuple[str, ...]:
    return (
        plain(node.name),
        plain(node.kind),
        plain(node.pool),
        words(f"live.node.{state(node)}"),
        chips(node.held_milli),
        f"{node.chips:,}",
        f"{node.jobs:,}",
        short(node.reason, REASON),
    )
