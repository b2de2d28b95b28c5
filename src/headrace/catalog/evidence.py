"""A test of a chip against a rule: met, not met, or not decidable, with the numbers that decided.

Unknown is kept apart from no (Kleene's logic): a rule that needs a figure which nobody has published is left open.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

UNKNOWN: Final = "?"
WITHIN: Final = "in"
"""The sign of a value between two ends, both included."""
LEAST_PLACES: Final = 2


@dataclass(frozen=True)
class Comparison:
    """One thing that was looked at: `tpp 2368 < 2400`; a word, such as `data_centre yes`, has no sign and no limit."""

    attribute: str
    value: str
    sign: str = ""
    limit: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, (self.attribute, self.value, self.sign, self.limit)))


@dataclass(frozen=True)
class Finding:
    """`met` is None where it cannot be decided; `gaps` names the figures that are missing for a firm answer."""

    met: bool | None
    because: tuple[Comparison, ...] = ()
    gaps: tuple[str, ...] = ()


def at_least(attribute: str, value: Decimal | None, limit: Decimal) -> Finding:
    """Whether value >= limit."""
    return _compared(attribute, value, limit, above=True)


def below(attribute: str, value: Decimal | None, limit: Decimal) -> Finding:
    """Whether value < limit."""
    return _compared(attribute, value, limit, above=False)


def within(attribute: str, value: Decimal | None, least: Decimal, most: Decimal) -> Finding:
    """Whether least <= value <= most."""
    if value is None:
        return Finding(None, gaps=(attribute,))
    inside = least <= value <= most
    ends = f"{_plain(least)}–{_plain(most)}"
    return Finding(inside, (Comparison(attribute, _plain(value), WITHIN if inside else f"not {WITHIN}", ends),))


def is_so(attribute: str, value: bool | None, wanted: bool = True) -> Finding:
    """Whether a yes-or-no attribute is as `wanted`."""
    if value is None:
        return Finding(None, gaps=(attribute,))
    return Finding(value is wanted, (Comparison(attribute, "yes" if value else "no"),))


def both(*findings: Finding) -> Finding:
    """Met where all are; where not, the first that firmly fails is the reason."""
    if all(finding.met for finding in findings):
        return Finding(True, _because(findings))
    failing = [finding for finding in findings if finding.met is False]
    if not failing:
        return Finding(None, gaps=_gaps(findings))
    return next(
        (finding for finding in failing if not finding.gaps), Finding(False, failing[0].because, _gaps(failing))
    )


def either(*findings: Finding) -> Finding:
    """Met where one is, for its reason."""
    for finding in findings:
        if finding.met:
            return Finding(True, finding.because)
    open_ = any(finding.met is None for finding in findings)
    return Finding(None if open_ else False, () if open_ else _because(findings), _gaps(findings))


def assumed_no(finding: Finding) -> Finding:
    """A test that an unknown figure does not meet; the gap stays on record."""
    if finding.met is not None:
        return finding
    return Finding(False, tuple(Comparison(gap, UNKNOWN) for gap in finding.gaps), finding.gaps)


def distinct(comparisons: tuple[Comparison, ...]) -> tuple[Comparison, ...]:
    """Each comparison once, in order."""
    return tuple(dict.fromkeys(comparisons))


def written(value: Decimal, limit: Decimal) -> str:
    """`value` in few places, but in enough to stand on its own side of `limit`."""
    for places in range(LEAST_PLACES, 8):
        rounded = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)
        if (rounded >= limit) == (value >= limit) and (rounded == limit) == (value == limit):
            return _plain(rounded)
    return _plain(value)


def _plain(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _compared(attribute: str, value: Decimal | None, limit: Decimal, above: bool) -> Finding:
    if value is None:
        return Finding(None, gaps=(attribute,))
    sign = "≥" if value >= limit else "<"
    return Finding((value >= limit) is above, (Comparison(attribute, written(value, limit), sign, _plain(limit)),))


def _because(findings: tuple[Finding, ...]) -> tuple[Comparison, ...]:
    return distinct(tuple(comparison for finding in findings for comparison in finding.because))


def _gaps(findings: tuple[Finding, ...] | list[Finding]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(gap for finding in findings for gap in finding.gaps))
