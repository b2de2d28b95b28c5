"""Export rules of the United States as predicates over a chip's figures, in the order in which they are tested.

    licences that were reported -> revised review -> 3A090 -> letters -> exceptions -> guidance

The first rule that is in force and met decides. No predicate knows a chip by its name; notices whose own wording
names chips (letters, licences, guidance) are tested by the names that they give.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache, partial
from typing import TYPE_CHECKING, Final, TypeAlias

from headrace.catalog.evidence import (
    Comparison,
    Finding,
    assumed_no,
    at_least,
    below,
    both,
    either,
    is_so,
    within,
)
from headrace.catalog.notices import Notice, rules

if TYPE_CHECKING:
    from collections.abc import Callable

    from headrace.catalog.spec import Spec

    Predicate: TypeAlias = Callable[[Spec], Finding]

HIGH_TPP: Final = Decimal(4800)
MIDDLE_TPP: Final = Decimal(2400)
LOW_TPP: Final = Decimal(1600)
HIGH_DENSITY: Final = Decimal("5.92")
MIDDLE_DENSITY: Final = Decimal("3.2")
LOW_DENSITY: Final = Decimal("1.6")
LEAST_STACK: Final = Decimal(2)
"""GB/s per mm²: 3A090.c begins above it, not at it."""


@dataclass(frozen=True)
class Rule:
    """A notice with the test of what it is about."""

    notice: Notice
    test: Callable[[Spec], Finding]


def first_version(spec: Spec) -> Finding:
    """3A090 of 2022 (87 FR 62186): links of 600 GB/s and 4800 operations × bits, both."""
    return both(at_least("link", spec.link, Decimal(600)), tpp_from(spec, HIGH_TPP))


def notice_of_2023(spec: Spec) -> Finding:
    """What NVIDIA was told to apply before the rule's day: TPP of 4800 or more, for data centres."""
    return both(for_data_centres(spec), tpp_from(spec, HIGH_TPP))


def paragraph_a(spec: Spec) -> Finding:
    """3A090.a of 2023 for data centres: TPP of 4800, or of 1600 with a performance density of 5.92."""
    dense = both(tpp_from(spec, LOW_TPP), density_from(spec, HIGH_DENSITY))
    return both(for_data_centres(spec), either(tpp_from(spec, HIGH_TPP), dense))


def paragraph_a_elsewhere(spec: Spec) -> Finding:
    """3A090.a for what is not for data centres: TPP of 4800 alone counts (note 2)."""
    return both(is_so("data_centre", spec.data_centre, wanted=False), tpp_from(spec, HIGH_TPP))


def paragraph_b(spec: Spec) -> Finding:
    """3A090.b of 2023, for data centres: what comes near to 3A090.a in performance or in density."""
    below_a = density_below(spec, HIGH_DENSITY)
    wide = both(
        tpp_from(spec, MIDDLE_TPP),
        below("tpp", spec.tpp, HIGH_TPP),
        density_from(spec, LOW_DENSITY),
        below_a,
    )
    narrow = both(tpp_from(spec, LOW_TPP), density_from(spec, MIDDLE_DENSITY), below_a)
    return both(for_data_centres(spec), either(wide, narrow))


def paragraph_c(spec: Spec) -> Finding:
    """3A090.c of 2024 (89 FR 96790): a memory stack on its own above 2 GB/s per mm²."""
    if spec.stack is None:
        return Finding(False)  # no stack, or one that is packaged with a logic chip
    sign = ">" if spec.stack > LEAST_STACK else "≤"
    return Finding(spec.stack > LEAST_STACK, (Comparison("stack", f"{spec.stack:f}", sign, f"{LEAST_STACK}"),))


def letters_of_2025(spec: Spec) -> Finding:
    """Memory of 1400 GB/s, links of 1100, or 1700 together, as reported of Intel's letter."""
    return bandwidths(spec, Decimal(1400))


def revised_review(spec: Spec) -> Finding:
    """91 FR 1684: 3A090.a with TPP below 21000, memory below 6500 GB/s, and for sale in the United States.

    The text is not limited to data centres; other products are decided by License Exception NAC, which asks for less.
    """
    return both(
        paragraph_a(spec),
        below("tpp", spec.tpp, Decimal(21000)),
        below("bandwidth", spec.bandwidth, Decimal(6500)),
        is_so("sold_in_us", spec.sold_in_us),
    )


def tariff_bands(spec: Spec) -> Finding:
    """The two bands of TPP and memory bandwidth in the annex to the proclamation of 2026-01-14."""
    return either(_band(spec, (14000, 17500), (4500, 5000)), _band(spec, (20800, 21100), (5800, 6200)))


def chinese_design_like_3a090(spec: Spec, names: tuple[str, ...]) -> Finding:
    """A Chinese design that 3A090 describes, or that the guidance names."""
    described = assumed_no(either(paragraph_a(spec), paragraph_a_elsewhere(spec), paragraph_b(spec)))
    return both(is_so("chinese_design", spec.chinese_design), either(described, named(spec, names)))


def overwatch(spec: Spec) -> Finding:
    """What the AI OVERWATCH Act would cover."""
    return either(
        tpp_from(spec, HIGH_TPP),
        both(tpp_from(spec, MIDDLE_TPP), density_from(spec, LOW_DENSITY)),
        both(tpp_from(spec, LOW_TPP), density_from(spec, MIDDLE_DENSITY)),
        bandwidths(spec, Decimal(1400)),
    )


def described_by_3a090(spec: Spec) -> Finding:
    """3A090.a or .b, whatever the use."""
    return either(paragraph_a(spec), paragraph_a_elsewhere(spec), paragraph_b(spec))


def bandwidths(spec: Spec, memory: Decimal) -> Finding:
    return either(
        at_least("bandwidth", spec.bandwidth, memory),
        at_least("link", spec.link, Decimal(1100)),
        at_least("both_bandwidths", spec.both_bandwidths, Decimal(1700)),
    )


def named(spec: Spec, names: tuple[str, ...]) -> Finding:
    """Whether the notice itself names the chip."""
    name = spec.named(names)
    return Finding(True, (Comparison("named", name),)) if name else Finding(False)


def tpp_from(spec: Spec, limit: Decimal) -> Finding:
    return at_least("tpp", spec.tpp, limit)


def density_from(spec: Spec, limit: Decimal) -> Finding:
    """An unknown density does not meet a test of density; that it is unknown stays on record."""
    return assumed_no(at_least("density", spec.density, limit))


def density_below(spec: Spec, limit: Decimal) -> Finding:
    return assumed_no(below("density", spec.density, limit))


def for_data_centres(spec: Spec) -> Finding:
    """Designed or marketed for data centres."""
    return is_so("data_centre", spec.data_centre)


def _band(spec: Spec, tpp: tuple[int, int], bandwidth: tuple[int, int]) -> Finding:
    return both(
        within("tpp", spec.tpp, *map(Decimal, tpp)),
        within("bandwidth", spec.bandwidth, *map(Decimal, bandwidth)),
    )


BY_FIGURES: Final[dict[str, Callable[[Spec], Finding]]] = {
    "US-2022-10": first_version,
    "US-2023-01-MO": first_version,
    "US-2023-10-IS": notice_of_2023,
    "US-2023-10-a": paragraph_a,
    "US-2023-10-a-NAC": paragraph_a_elsewhere,
    "US-2023-10-b": paragraph_b,
    "US-2024-12-HBM": paragraph_c,
    "US-2025-01-DIFF": paragraph_a,
    "US-2025-04-IS": letters_of_2025,
    "US-2026-01": revised_review,
    "US-2026-01-TARIFF": tariff_bands,
    "US-BILL-OVERWATCH": overwatch,
    "US-BILL-CSA": described_by_3a090,
}
ORDER: Final = (
    "US-2025-08-LIC",
    "US-2026-02",
    "US-2026-01",
    "US-2022-10",
    "US-2023-01-MO",
    "US-2023-10-IS",
    "US-2023-10-a",
    "US-2022-08-IS",
    "US-2025-04-IS",
    "US-2024-12-HBM",
    "US-2023-10-a-NAC",
    "US-2023-10-b",
    "US-2025-05-GP10",
    "US-2025-01-DIFF",
    "US-2025-07-ASSUR",
    "US-2025-12-H200",
    "US-2026-01-TARIFF",
    "US-BILL-OVERWATCH",
    "US-BILL-CSA",
)
"""A letter stands before the exceptions, because nothing says that they hold against it."""


@cache
def us_rules() -> tuple[Rule, ...]:
    """Every rule of the United States, in the order in which they are tested."""
    return tuple(Rule(notice, _test(notice)) for notice in (rules()[id] for id in ORDER))


def _test(notice: Notice) -> Callable[[Spec], Finding]:
    if notice.id in BY_FIGURES:
        return BY_FIGURES[notice.id]
    if notice.id == GUIDANCE:
        return partial(chinese_design_like_3a090, names=notice.chips)
    return partial(named, names=notice.chips)


GUIDANCE: Final = "US-2025-05-GP10"
