"""Measures of the Chinese side, as reported: about chips that they name, or all foreign or all domestic ones."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Final

from headrace.catalog.evidence import Finding, is_so
from headrace.catalog.notices import deliveries, measures
from headrace.catalog.rules import Rule, named

if TYPE_CHECKING:
    from collections.abc import Callable

    from headrace.catalog.notices import Notice
    from headrace.catalog.spec import Spec

DOMESTIC: Final = ("domestic",)
FOREIGN: Final = ("foreign",)
NARROW: Final = ("state-funded", "new data centres", "some provinces")
"""Scopes that bind some buyers only: a measure against a chip for them is told, but does not decide for everyone."""


def domestic(spec: Spec) -> Finding:
    return is_so("chinese_design", spec.chinese_design)


def foreign(spec: Spec) -> Finding:
    return is_so("chinese_design", spec.chinese_design, wanted=False)


@cache
def chinese_measures() -> tuple[Rule, ...]:
    """In the order in which they are tested: what blocks before what advises."""
    return tuple(Rule(notice, _test(notice)) for notice in measures().values())


@cache
def reported_deliveries() -> tuple[Rule, ...]:
    """What was reported of shipments, each about the chips that it names."""
    return tuple(Rule(notice, partial(named, names=notice.chips)) for notice in deliveries().values())


def decides_for_everyone(notice: Notice) -> bool:
    """Whether a measure holds beyond some buyers; what is preferred by some is preferred."""
    return notice.scope not in NARROW or notice.chips == DOMESTIC


def _test(notice: Notice) -> Callable[[Spec], Finding]:
    if notice.chips == DOMESTIC:
        return domestic
    return foreign if notice.chips == FOREIGN else partial(named, names=notice.chips)
