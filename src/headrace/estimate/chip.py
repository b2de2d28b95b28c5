"""What a chip can do at most: the ceilings that an efficiency is a share of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from headrace.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

SAME_DIE: Final = {
    "H20": ("H20-3e", "H100"),
    "H20-3e": ("H20", "H100"),
    "H800": ("H100",),
    "H200": ("H100", "H800"),
    "H100": ("H800",),
    "A800": ("A100",),
}
"""A chip and those of the same die whose kernels were measured: they differ in units, clock, memory or links."""

CLASS: Final = {
    "B300": "B200",
    "GB200": "B200",
    "GB300": "B200",
    "A100 40GB": "A100",
    "A800 40GB": "A100",
    "Ascend 910B": "A100",
    "Ascend 910C": "A100",
    "C500": "A100",
}
"""A chip and the measured one that its efficiencies are carried from; any other chip takes those of ELSE."""
ELSE: Final = ("H100", "H800", "A100", "H20", "H20-3e")
"""Where efficiencies are carried from, first that has the kernel, to a chip of no measured class."""


NETWORK: Final = 8.0
"""Times that a chip's share of the network is slower than its links: 50 of 400 GB/s in most published systems."""
FAR: Final = 10e-6
"""Seconds that an exchange over the network takes at least: assumed."""


@dataclass(frozen=True)
class Chip:
    """Dense ceilings in operations a second, memory in bytes and bytes a second, link in bytes a second each way.

    `domain` chips are joined by such links; beyond them lies the network, NETWORK times slower.
    """

    name: str
    bf16: float
    fp8: float
    int8: float
    fp4: float
    memory: float
    bandwidth: float
    link: float
    power: float
    domain: int = 8

    def __hash__(self) -> int:
        return hash(self.name)

    def peak(self, bits: float) -> float:
        """Operations a second with operands of that many bits; a chip without the format uses its next wider one."""
        if bits <= 4 and self.fp4:
            return self.fp4
        return max(self.fp8, self.bf16) if bits <= 8 else self.bf16


def chip_of_numbers(name: str, number: Mapping[str, float]) -> Chip:
    """A chip from numbers by the catalogue's attributes: TFLOPS, GB, GB/s, W.

    Raises InputError if one is missing without which nothing can be estimated.
    """
    for needed in ("bf16_dense_tflops", "memory_gb", "memory_bandwidth_gb_s"):
        if not number.get(needed):
            raise InputError(f"chip {name}: {needed}", "is not known", "an estimate needs it")
    tera, giga = 1e12, 1e9
    return Chip(
        name=name,
        bf16=number["bf16_dense_tflops"] * tera,
        fp8=number.get("fp8_dense_tflops", 0.0) * tera,
        int8=number.get("int8_dense_tops", 0.0) * tera,
        fp4=number.get("fp4_dense_tflops", 0.0) * tera,
        memory=number["memory_gb"] * giga,
        bandwidth=number["memory_bandwidth_gb_s"] * giga,
        link=number.get("link_gb_s", 64.0) * giga,
        power=number.get("power_w", 0.0),
        domain=int(number.get("domain", 8)),
    )
