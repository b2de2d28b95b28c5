"""Chips: figures computed from dense rates, each with the rows behind it; the best founded fact is used."""

from __future__ import annotations

from decimal import Decimal

import pytest

from headrace.catalog.chip import BITS, RATE, Chip
from headrace.catalog.facts import Fact, Status
from headrace.catalog.load import catalogue, chips

PUBLIC = {
    "A100": ("4992", "6.04"),
    "A800": ("4992", "6.04"),
    "H100": ("15832", "19.45"),
    "H200": ("15832", "19.45"),
    "H20": ("2368", "2.91"),
    "L40S": ("5864", "9.64"),
    "L4": ("1936", "6.57"),
    "RTX 4090": ("5284.8", "8.68"),
    "RTX 5090": ("6704", "8.94"),
    "RTX 5090D": ("4750", "6.33"),
    "MI250X": ("6128", "4.23"),
    "Ascend 910C": ("12480", None),
}
"""TPP and performance density as the Bureau of Industry and Security, makers and the press give them."""


def made(**values: tuple[str, str, Status]) -> Chip:
    """A chip with these facts: value, unit, status."""
    facts = {name: (Fact("X1", name, *value, as_of="2025", source="common"),) for name, value in values.items()}
    return Chip("X1", facts)


@pytest.mark.parametrize(("name", "expected"), PUBLIC.items(), ids=PUBLIC.keys())
def test_tpp_and_density_are_those_that_are_public(name: str, expected: tuple[str, str | None]) -> None:
    tpp, density = expected
    chip = chips()[name]
    assert chip.tpp == Decimal(tpp)
    assert (None if chip.density is None else str(round(chip.density, 2))) == density


@pytest.mark.parametrize("chip", chips().values(), ids=lambda chip: chip.name)
def test_the_tpp_of_every_chip_is_the_most_over_its_dense_rates(chip: Chip) -> None:
    """Computed a second way, from the rows alone."""
    rates = {name: chip.facts[RATE[name]][0].number for name in BITS if RATE[name] in chip.facts}
    assert chip.tpp == max((rate * BITS[name] for name, rate in rates.items() if rate is not None), default=None)
    assert not any("sparse" in fact.attribute for fact in (chip.tpp_figure.facts if chip.tpp_figure else ()))


@pytest.mark.parametrize("chip", chips().values(), ids=lambda chip: chip.name)
def test_the_rates_of_every_chip_stand_to_each_other_as_in_its_architecture(chip: Chip) -> None:
    for ratio in catalogue().ratios[chip.text("architecture")]:
        one, other = chip.rate(ratio.rate), chip.rate(ratio.of)
        if one is not None and other is not None:
            assert one / other == pytest.approx(ratio.times, rel=ratio.within)


def test_fp8_is_twice_bf16_on_hopper_and_there_is_none_on_ampere() -> None:
    assert chips()["H20"].rate("fp8") == 2 * (chips()["H20"].rate("bf16") or 0)
    assert all(chip.rate("fp8") is None for chip in chips().values() if chip.text("architecture") == "Ampere")


def test_the_fp4_rate_of_the_b300_is_three_times_its_fp8_rate_and_its_int8_rate_was_cut() -> None:
    b300 = chips()["B300"]
    assert b300.rate("fp4") == 3 * (b300.rate("fp8") or 0)
    assert (b300.rate("int8") or 0) < (b300.rate("fp8") or 0) / 20


def test_a_computed_figure_carries_the_rows_that_it_rests_on() -> None:
    figure = chips()["H20"].density_figure
    assert figure is not None
    assert [fact.attribute for fact in figure.facts] == ["fp16_dense_tflops", "die_area_mm2"]
    assert all(fact.source and fact.line for fact in figure.facts)


def test_what_follows_from_an_assumption_is_assumed() -> None:
    figure = made(fp8_dense_tflops=("100", "TFLOPS", Status.ASSUMED)).tpp_figure
    assert figure is not None
    assert figure.assumed
    assert figure.value == 800


def test_what_nobody_says_is_none_and_never_zero() -> None:
    chip = chips()["MI308X"]
    assert (chip.tpp, chip.density, chip.rate("bf16"), chip.figure("die_area_mm2")) == (None, None, None, None)
    assert chip.text("pcie") == ""


def test_a_sparse_rate_alone_gives_no_tpp() -> None:
    assert made(fp8_sparse_tflops=("100", "TFLOPS", Status.PUBLISHED)).tpp is None


def test_the_sheet_has_more_than_forty_chips_of_every_maker_that_matters() -> None:
    vendors = {chip.text("vendor") for chip in chips().values()}
    assert len(chips()) >= 40
    assert {"NVIDIA", "AMD", "Intel", "Huawei", "Cambricon", "Hygon", "Kunlunxin", "Moore Threads"} <= vendors
    assert {"MetaX", "Iluvatar", "Biren", "Enflame"} <= vendors


@pytest.mark.parametrize("name", ["A800", "H800", "H20", "H20-3e", "L20", "L2", "4090D", "5090D", "6000D", "B30A"])
def test_every_variant_for_china_is_there(name: str) -> None:
    assert chips()[name].text("vendor") == "NVIDIA"
