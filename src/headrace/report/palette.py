"""One colour for each class of the ledger, the same in every chart, table and terminal.

The hues are those that Okabe & Ito (2008) and Tol (2021) chose to stay apart for colour-blind readers. Neighbours in
the ledger also differ in lightness, and no figure says anything by colour alone. Useful work is green; what was held
without use is warm; what stood free while somebody waited runs from blue to wine; what nobody asked for is pale.
"""

from __future__ import annotations

from typing import Final

from headrace.explain.ledger import Class

LIGHT: Final[dict[Class, str]] = {
    Class.DOWN: "#6b7280",
    Class.NO_DEMAND: "#d3d9e0",
    Class.FRAGMENTED: "#882255",
    Class.QUOTA: "#44379b",
    Class.KIND: "#56b4e9",
    Class.ORDER: "#0072b2",
    Class.STARTING: "#cc79a7",
    Class.LOST: "#d55e00",
    Class.IDLE: "#e69f00",
    Class.UNDERUSED: "#f0d94a",
    Class.UNKNOWN: "#a9d3c4",
    Class.USEFUL: "#009e73",
}
DARK: Final[dict[Class, str]] = LIGHT | {
    Class.DOWN: "#8b93a1",
    Class.NO_DEMAND: "#39424d",
    Class.FRAGMENTED: "#b8457f",
    Class.QUOTA: "#7d70d8",
    Class.ORDER: "#2a8fd0",
    Class.UNKNOWN: "#7fb5a3",
    Class.USEFUL: "#0fae82",
}
INK: Final = ("#1c2430", "#e6eaf0")
"""Text and marks, as (light, dark), like all the pairs below."""
QUIET: Final = ("#5b6675", "#9aa5b4")
GRID: Final = ("#e5e8ec", "#2b333d")
PAPER: Final = ("#ffffff", "#14181e")
WASH: Final = ("#f3f5f7", "#1f262e")
"""Behind code and banners."""
TOTAL: Final = ("#2f3a48", "#c3ccd8")
"""Bars that are sums of classes, such as what was paid."""
POLICIES: Final = ("#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377")
"""Tol's bright scheme, for the policies of a comparison; what happened is drawn in INK."""


def dark_of() -> dict[str, str]:
    """Each colour that changes in the dark, as light -> dark."""
    pairs = [INK, QUIET, GRID, PAPER, TOTAL, *((LIGHT[c], DARK[c]) for c in Class)]
    return {light: dark for light, dark in pairs if light != dark}
