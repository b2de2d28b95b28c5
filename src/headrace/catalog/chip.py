"""A chip: its rates without sparsity, memory, links and power, and the two measures that export rules use.

    TPP                  total processing performance = max over precisions of (dense rate in T/s × bits)
    performance density  TPP / die area in mm²

Both as in the technical notes to ECCN 3A090 (15 CFR 774, supplement 1): dense rates only, never sparse ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from headrace.catalog.facts import YES
from headrace.catalog.item import Figure, Item

if TYPE_CHECKING:
    from decimal import Decimal

BITS: Final = {"fp16": 16, "bf16": 16, "fp8": 8, "int8": 8, "fp4": 4}
"""Precision -> the length of its operands, as it counts for TPP."""
RATE: Final = {precision: f"{precision}_dense_tflops" for precision in ("fp16", "bf16", "tf32", "fp8", "fp4")} | {
    "int8": "int8_dense_tops",
    "fp32": "fp32_tflops",
}
"""Precision -> the attribute that gives its dense rate."""
DIE_AREA: Final = "die_area_mm2"


@dataclass(frozen=True)
class Chip(Item):
    """A kind of accelerator. Values are None where nobody has said."""

    def rate(self, precision: str) -> Decimal | None:
        """The dense rate in T/s (floating point or integer operations) of fp16, bf16, tf32, fp32, fp8, int8 or fp4."""
        return self.number(RATE[precision])

    @property
    def tpp(self) -> Decimal | None:
        """Total processing performance."""
        figure = self.tpp_figure
        return None if figure is None else figure.value

    @property
    def density(self) -> Decimal | None:
        """Performance density, TPP a mm²."""
        figure = self.density_figure
        return None if figure is None else figure.value

    @property
    def tpp_figure(self) -> Figure | None:
        """TPP with the rate that reaches it."""
        rates = ((self.figure(RATE[precision]), bits) for precision, bits in BITS.items())
        products = [Figure(figure.value * bits, figure.facts) for figure, bits in rates if figure is not None]
        return max(products, key=lambda figure: figure.value, default=None)

    @property
    def density_figure(self) -> Figure | None:
        """Performance density with the facts that it is computed from."""
        tpp, area = self.tpp_figure, self.figure(DIE_AREA)
        return None if tpp is None or area is None else Figure(tpp.value / area.value, (*tpp.facts, *area.facts))

    @property
    def data_centre(self) -> bool:
        """Whether it is designed or marketed for data centres."""
        return self.text("data_centre") == YES
