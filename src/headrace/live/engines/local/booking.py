"""Which chip is held by how much: the last word against two jobs on one chip."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from headrace.units import MILLI

if TYPE_CHECKING:
    from headrace.live.engine import Asked
    from headrace.live.engines.local.machine import Machine, Places


class Booking:
    """Thousandths held of each chip of a machine."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._held: Counter[int] = Counter()

    def refusal(self, asked: Asked, on: Places) -> str:
        """Why a job cannot have these places now; empty if it can."""
        if strange := [node for node, _ in on if not self._machine.knows(node)]:
            return f"there is no node {strange[0]!r}"
        if len(on) != asked.nodes or len({node for node, _ in on}) != len(on):
            return f"the job asks for {asked.nodes} nodes, and {len({node for node, _ in on})} are named"
        most = 1 << self._machine.pool.chips
        if wrong := [node for node, mask in on if not (0 <= mask < most and mask.bit_count() == asked.chips)]:
            return f"the job asks for {asked.chips} chips of each node, which the mask of {wrong[0]!r} does not give"
        taken = [n for n in self._machine.numbers(on) if self._held[n] + asked.share > MILLI]
        return f"chip {taken[0]} is held by another job" if taken else ""

    def take(self, asked: Asked, on: Places) -> None:
        """Hold the places, asked or not: what runs, runs."""
        self._held.update(dict.fromkeys(self._machine.numbers(on), asked.share))

    def give_back(self, asked: Asked, on: Places) -> None:
        self._held.subtract(dict.fromkeys(self._machine.numbers(on), asked.share))
