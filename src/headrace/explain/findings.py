"""Findings: the largest lines of a ledger that a change could recover, and what recovers each."""

from __future__ import annotations

from dataclasses import dataclass

from headrace.explain.ledger import Class


@dataclass(frozen=True)
class Finding:
    """One recoverable line: `chip_time` in milli-chip-ms, `money` by currency in the smallest unit.

    `tenants` and `jobs` are those behind most of it, largest first, as (name, milli-chip-ms). `remedy` is the class's
    word: the key under which the report's message files say which verb or setting recovers it.
    """

    cls: Class
    chip_time: int
    money: dict[str, int]
    tenants: tuple[tuple[str, int], ...]
    jobs: tuple[tuple[str, int], ...]

    @property
    def remedy(self) -> str:
        return self.cls.word
