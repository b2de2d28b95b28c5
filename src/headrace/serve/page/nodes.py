"""Nodes: those that take no work, with the reason; and the others, behind a fold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from headrace.report.live.nodes import in_order, state
from headrace.report.live.size import chips
from headrace.report.names import plain, short
from headrace.serve.page.bar import Piece, pieces
from headrace.serve.page.view import FIRST
from headrace.units import MILLI

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headrace.report.words import Words
    from headrace.serve.shapes import Node, Nodes

NAME: Final = 60
REASON: Final = 300
HELD: Final = "held"


@dataclass(frozen=True)
class Line:
    """A node; `state` is lost, drained or up, `said` the word for it."""

    name: str
    kind: str
    state: str
    said: str
    reason: str
    held: str
    jobs: str
    bar: tuple[Piece, ...]


@dataclass(frozen=True)
class Some:
    """The first of some nodes; `more` says how many are not shown."""

    lines: tuple[Line, ...]
    more: str


@dataclass(frozen=True)
class NodesNow:
    """Nodes that are out, and nodes that take work; `said` sums them up."""

    said: str
    out: Some
    up: Some


def part(nodes: Nodes, words: Words) -> NodesNow:
    """What is shown of the nodes."""
    ordered = in_order(nodes.items)
    out = [node for node in ordered if node.lost or not node.up]
    up = [node for node in ordered if node.up and not node.lost]
    key = "page_live.nodes_all" if not out else "page_live.nodes_some"
    return NodesNow(words(key, up=f"{len(up):,}", count=f"{len(ordered):,}"), _some(out, words), _some(up, words))


def _some(nodes: Sequence[Node], words: Words) -> Some:
    more = len(nodes) - FIRST
    said = words("page_live.more_nodes", count=f"{more:,}") if more > 0 else ""
    return Some(tuple(_line(node, words) for node in nodes[:FIRST]), said)


def _line(node: Node, words: Words) -> Line:
    return Line(
        short(node.name, NAME),
        plain(node.kind),
        state(node),
        words(f"live.node.{state(node)}"),
        short(node.reason, REASON).strip() or words("page_live.no_reason"),
        words("page_live.held_of", held=chips(node.held_milli), count=node.chips),
        f"{node.jobs:,}",
        pieces([(HELD, node.held_milli)], max(node.chips * MILLI, node.held_milli)),
    )
