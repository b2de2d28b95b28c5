"""The findings in words: which line of the ledger, how much, who stands behind it, and what recovers it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

from headrace.report.names import short
from headrace.report.quantities import hours, money, percent, ratio
from headrace.report.tables.ledger import printed_hours, printed_money, printed_shares

if TYPE_CHECKING:
    from collections.abc import Iterable

    from headrace.explain.findings import Finding
    from headrace.explain.ledger import Class, Ledger
    from headrace.report.words import Words

NAMED: Final = 3
"""So many tenants and jobs are named."""
NAME: Final = 32


@dataclass(frozen=True)
class Said:
    """A finding as text: `size` is its hours, share and money; `who` may be empty."""

    cls: Class
    label: str
    meaning: str
    size: str
    who: str
    remedy: str


def said(finding: Finding, ledger: Ledger, words: Words) -> Said:
    """`finding` of `ledger` in words."""
    word = finding.cls.word
    cost = _cost(finding, ledger, words)
    size = _size(finding, ledger, words)
    return Said(
        finding.cls,
        words(f"class.{word}"),
        words(f"meaning.{word}"),
        words("finding.with_money", size=size, money=cost) if cost else size,
        behind(finding.tenants, finding.jobs, finding.chip_time, words),
        words(f"remedy.{finding.remedy}"),
    )


def _size(finding: Finding, ledger: Ledger, words: Words) -> str:
    """Its hours and share: those that the ledger's table prints, where it is the whole of its class."""
    if finding.chip_time == ledger.classes[finding.cls]:
        word = finding.cls.word
        return words("finding.size", hours=printed_hours(ledger)[word], share=printed_shares(ledger)[word])
    share = percent(ratio(finding.chip_time, ledger.paid))
    return words("finding.size", hours=hours(finding.chip_time), share=share)


def _cost(finding: Finding, ledger: Ledger, words: Words) -> str:
    """Its money: what the ledger's table prints, where it is the whole of its class."""
    if finding.chip_time != ledger.classes[finding.cls]:
        return money(finding.money, words)
    printed = printed_money(ledger)
    return words("list.plus").join(f"{printed[unit][finding.cls.word]} {unit}" for unit in finding.money)


def behind(tenants: Iterable[tuple[str, int]], jobs: Iterable[tuple[str, int]], whole: int, words: Words) -> str:
    """Who stands behind `whole` (milli-chip-ms): the first tenants, with their shares of it, and jobs; may be empty."""
    shares = words("list.comma").join(
        words("finding.tenant", tenant=short(name, NAME), share=percent(ratio(size, whole)))
        for name, size in islice(tenants, NAMED)
    )
    names = words("list.comma").join(short(name, NAME) for name, _ in islice(jobs, NAMED))
    if not shares:
        return ""
    return words("finding.behind", tenants=shares) + (words("finding.jobs", jobs=names) if names else "")
