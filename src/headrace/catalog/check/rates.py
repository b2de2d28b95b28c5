"""Dense and sparse rates are never mixed, and the rates of a chip stand to each other as in its architecture."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from headrace.catalog.chip import RATE, Chip
from headrace.catalog.whole import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headrace.catalog.facts import Fact
    from headrace.catalog.whole import Catalogue, Ratio

SPARSE: Final = {dense: dense.replace("_dense_", "_sparse_") for dense in RATE.values() if "_dense_" in dense}
TIMES: Final = 2
"""A sparse rate is twice the dense one: two of four weights are zero."""
ROUNDING: Final = Decimal("0.015")
FP32_SUMS: Final = "fp8_fp32acc_dense_tflops"


def check(catalogue: Catalogue) -> Iterator[Problem]:
    """Problems of the rates of every chip."""
    for name, facts in catalogue.chips.items.items():
        chip = Chip(name, facts)
        yield from _sparse(chip)
        yield from _architecture(chip, catalogue)
        yield from _sums(chip)
        yield from _published_tpp(chip)


def _sparse(chip: Chip) -> Iterator[Problem]:
    for dense, sparse in SPARSE.items():
        zeros, full = chip.fact(sparse), chip.fact(dense)
        if zeros is not None and full is None:
            yield Problem(zeros.place, f"{chip.name} has {sparse} and no {dense}: halve it")
        elif zeros is not None and full is not None and not _twice(zeros, full):
            said = f"{full.value} {dense} and {zeros.value} {sparse}"
            yield Problem(full.place, f"{chip.name}: {said}; a sparse rate is twice the dense one")


def _twice(zeros: Fact, full: Fact) -> bool:
    return zeros.number is not None and full.number is not None and close(zeros.number, TIMES * full.number)


def _architecture(chip: Chip, catalogue: Catalogue) -> Iterator[Problem]:
    architecture = chip.fact("architecture")
    if architecture is None:
        return
    if architecture.value not in catalogue.ratios:
        yield Problem(architecture.place, f"ratios.csv has no architecture {architecture.value!r}")
        return
    for ratio in catalogue.ratios[architecture.value]:
        yield from _ratio(chip, ratio)


def _ratio(chip: Chip, ratio: Ratio) -> Iterator[Problem]:
    """The rates that are used; what was measured or reported beside them is left as it was found."""
    one, other = chip.fact(RATE[ratio.rate]), chip.fact(RATE[ratio.of])
    if one is None or other is None or one.number is None or other.number is None:
        return
    if not close(one.number, ratio.times * other.number, ratio.within):
        rule = f"in {ratio.architecture} {ratio.rate} is {ratio.times} times {ratio.of}"
        yield Problem(one.place, f"{chip.name}: {one.value} {ratio.rate} and {other.value} {ratio.of}; {rule}")


def _sums(chip: Chip) -> Iterator[Problem]:
    """Sums kept in FP32 run at half the rate, where a chip has two rates."""
    slow, fast = chip.fact(FP32_SUMS), chip.fact(RATE["fp8"])
    if slow is None or fast is None or slow.number is None or fast.number is None:
        return
    if not close(fast.number, TIMES * slow.number):
        yield Problem(slow.place, f"{chip.name}: {FP32_SUMS} is {slow.value}; half of {fast.value} would be right")


def _published_tpp(chip: Chip) -> Iterator[Problem]:
    said, computed = chip.fact("tpp"), chip.tpp
    if said is None or said.number is None:
        return
    if computed is None or not close(said.number, computed, Decimal("0.002")):
        yield Problem(said.place, f"{chip.name}: a TPP of {said.value} is given, and {computed} follows from its rates")


def close(one: Decimal, other: Decimal, within: Decimal = ROUNDING) -> bool:
    """Whether two numbers differ by no more than a share of the second."""
    return abs(one - other) <= within * abs(other)
