"""What export rules look at: a chip of the catalogue, or one that is only thought of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, Protocol

from headrace.catalog.facts import YES

if TYPE_CHECKING:
    from collections.abc import Mapping

CARD: Final = "PCIe"
"""The form of a chip that plugs into a slot."""


class Known(Protocol):
    """What a chip of the catalogue tells."""

    @property
    def name(self) -> str: ...
    @property
    def tpp(self) -> Decimal | None: ...
    @property
    def density(self) -> Decimal | None: ...
    def number(self, attribute: str) -> Decimal | None: ...
    def text(self, attribute: str) -> str: ...


@dataclass(frozen=True)
class Spec:
    """A chip as the rules see it; None or "" is not known.

    tpp          total processing performance: max over precisions of dense operations (T/s) × bit length
    density      TPP / mm² of the dies that are made on a non-planar process
    bandwidth    of its memory, GB/s
    link         all inputs and outputs other than memory, both directions, GB/s
    stack        memory bandwidth density of a memory stack on its own, GB/s per mm² (15 CFR 774, 3A090.c)
    designer     country in which its designer has its headquarters: "US", "CN"
    sold_in_us   whether it is commercially available in the United States
    """

    name: str
    vendor: str = ""
    data_centre: bool | None = None
    tpp: Decimal | None = None
    density: Decimal | None = None
    bandwidth: Decimal | None = None
    link: Decimal | None = None
    stack: Decimal | None = None
    designer: str = ""
    sold_in_us: bool | None = None
    first_sold: int | None = None

    @classmethod
    def rated(cls, name: str, rates: Mapping[int, Decimal], die_mm2: Decimal | None = None, **others: Any) -> Spec:
        """A chip by its dense rates (bit length -> T/s); `die_mm2` counts dies on a non-planar process only."""
        performance = total_processing_performance(rates)
        return cls(name, tpp=performance, density=performance_density(performance, die_mm2), **others)

    @classmethod
    def of(cls, chip: Known, designers: Mapping[str, str]) -> Spec:
        """A chip of the catalogue; `designers` leads from a vendor to the country of its headquarters."""
        year = chip.number("year")
        return cls(
            name=chip.name,
            vendor=chip.text("vendor"),
            data_centre=_yes_or_no(chip.text("data_centre")),
            tpp=chip.tpp,
            density=chip.density,
            bandwidth=chip.number("memory_bandwidth_gb_s"),
            link=_inputs_and_outputs(chip),
            designer=designers.get(chip.text("vendor").casefold(), ""),
            sold_in_us=_yes_or_no(chip.text("available_us")),
            first_sold=None if year is None else int(year),
        )

    @property
    def both_bandwidths(self) -> Decimal | None:
        """Memory and links together; None unless both are known."""
        known = [figure for figure in (self.bandwidth, self.link) if figure is not None]
        return sum(known, Decimal(0)) if len(known) == 2 else None

    @property
    def chinese_design(self) -> bool | None:
        return self.designer == "CN" if self.designer else None

    def named(self, names: tuple[str, ...]) -> str:
        """Which of `names` is this chip's, or begins it: `H20` names an `H20-3e` but no `H200`; "" for none."""
        own = _parts(self.name)
        return next((name for name in names if _within(_parts(name), own)), "")


def total_processing_performance(rates: Mapping[int, Decimal]) -> Decimal | None:
    """The largest product of dense rate and bit length (3A090, technical note 2)."""
    return max((rate * bits for bits, rate in rates.items()), default=None)


def performance_density(performance: Decimal | None, die_mm2: Decimal | None) -> Decimal | None:
    """TPP per mm² (3A090, technical note 4); None where either is not known or no die counts."""
    return performance / die_mm2 if performance is not None and die_mm2 else None


def _inputs_and_outputs(chip: Known) -> Decimal | None:
    """Its own links and PCIe together; a card without links of its own has PCIe alone."""
    links, pcie = chip.number("link_gb_s"), chip.number("pcie_gb_s")
    if links is None:
        return pcie if chip.text("form") == CARD and not chip.text("link") else None
    return links + (pcie or 0)


def _yes_or_no(text: str) -> bool | None:
    return text == YES if text else None


def _parts(name: str) -> tuple[str, ...]:
    return tuple(re.findall(r"\w+", name.casefold()))


def _within(part: tuple[str, ...], whole: tuple[str, ...]) -> bool:
    return any(whole[i : i + len(part)] == part for i in range(len(whole) - len(part) + 1))
