"""Nodes that somebody took out: a file each, with the reason in it.

One machine does not fail in part; but its chips may, and who tries out several nodes wants to see one go.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from headrace.live.engines.local.files import PRIVATE_FOLDER, read_whole, write_whole

if TYPE_CHECKING:
    from pathlib import Path

    from headrace.live.engine import NodeSeen


class Outages:
    """The folder `down`. Raises OSError."""

    def __init__(self, folder: Path, nodes: tuple[str, ...]) -> None:
        self._folder = folder
        folder.mkdir(PRIVATE_FOLDER, exist_ok=True)
        found = {node: read_whole(folder / f"{number}.json") for number, node in enumerate(nodes)}
        self._number = {node: number for number, node in enumerate(nodes)}
        self._reasons: dict[str, str] = {node: form["reason"] for node, form in found.items() if form}

    def begin(self, node: str, reason: str) -> None:
        write_whole(self._folder / f"{self._number[node]}.json", {"node": node, "reason": reason})
        self._reasons[node] = reason

    def end(self, node: str) -> None:
        (self._folder / f"{self._number[node]}.json").unlink(missing_ok=True)
        self._reasons.pop(node, None)

    def reason(self, nodes: tuple[str, ...]) -> str:
        """Why one of these nodes takes no work; empty if all do."""
        return next((f"node {node} is down: {self._reasons[node]}" for node in nodes if node in self._reasons), "")

    def applied(self, nodes: tuple[NodeSeen, ...]) -> tuple[NodeSeen, ...]:
        """The nodes, with those that are out."""
        if not self._reasons:
            return nodes
        down = self._reasons
        return tuple(replace(n, up=False, lost=True, reason=down[n.name]) if n.name in down else n for n in nodes)
