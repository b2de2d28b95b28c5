"""Values as a person reads them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.estimate.interval import Value
from headrace.report.estimate.spans import digits, plain, span


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (1652.0, "1,650"), (82.34, "82.3"), (0.06987, "0.0699"), (99.96, "100"), (1.234e-5, "1.23e-05")],
)
def test_three_digits_count(value: float, text: str) -> None:
    """Whole from a hundred on, a power of ten below a thousandth."""
    assert digits(value) == text


@given(st.floats(1e-2, 1e9))
def test_what_is_shown_is_within_half_a_per_cent(value: float) -> None:
    """Of what was computed."""
    assert float(digits(value).replace(",", "")) == pytest.approx(value, rel=0.0051)


def test_a_span_has_its_ends_in_brackets_unless_it_is_certain() -> None:
    """In the unit that its scale makes of it."""
    assert span(Value(0.0823, 0.0444, 0.139), 1e3) == "82.3 (44.4–139)"
    assert span(Value(2.0, 2.0, 2.0)) == "2"
    assert plain(Value(1.0, 0.5, 2.0), 10) == {"value": 10.0, "low": 5.0, "high": 20.0}
