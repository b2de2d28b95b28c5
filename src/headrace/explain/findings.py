"""Findings: the largest lines of a ledger that a change could recover, and what recovers each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from headrace.explain.ledger import Class, Ledger
from headrace.world.record import Ints, Workload

RECOVERABLE: Final = tuple(c for c in Class if c not in (Class.UNKNOWN, Class.USEFUL))
"""Useful time is what was wanted, and what is unknown is first to be measured."""
MOST_FINDINGS: Final = 5
MOST_NAMES: Final = 5


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


def findings(ledger: Ledger, workload: Workload) -> tuple[Finding, ...]:
    """The five largest recoverable lines of `ledger`, largest first; those of nothing are left out."""
    classes = ledger.classes
    largest = sorted(RECOVERABLE, key=lambda c: (-classes[c], c))[:MOST_FINDINGS]
    return tuple(_finding(ledger, workload, c) for c in largest if classes[c] > 0)


def _finding(ledger: Ledger, workload: Workload, cls: Class) -> Finding:
    tenants = ledger.cells[cls].sum(axis=(0, 2))[:-1]
    return Finding(
        cls=cls,
        chip_time=ledger.classes[cls],
        money={currency: line[cls] for currency, line in ledger.money().items()},
        tenants=largest(ledger.tenants, tenants),
        jobs=largest(workload.names, ledger.by_job[cls]),
    )


def largest(names: tuple[str, ...], amounts: Ints) -> tuple[tuple[str, int], ...]:
    """The names with the largest amounts; a name that stands several times (a job of several runs) is one."""
    some = np.flatnonzero(amounts).tolist()
    number = {name: n for n, name in enumerate(dict.fromkeys(names[i] for i in some))}
    sums = np.zeros(len(number), np.int64)
    np.add.at(sums, [number[names[i]] for i in some], amounts[some])
    whose = list(number)
    return tuple((whose[n], int(sums[n])) for n in np.argsort(-sums, kind="stable")[:MOST_NAMES].tolist())
