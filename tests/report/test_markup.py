from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from headrace.report.markup import data, element, joined, with_code


def test_text_is_escaped_and_elements_are_not() -> None:
    assert element("p", "a < b", element("b", "&")) == "<p>a &lt; b<b>&amp;</b></p>"


def test_attributes_are_escaped_and_their_names_spelt_as_html_does() -> None:
    assert element("i", class_='"x"', data_chart="<") == '<i class="&quot;x&quot;" data-chart="&lt;"></i>'


def test_backticks_mark_code_in_messages() -> None:
    assert with_code("try `a < b` now") == "try <code>a &lt; b</code> now"


@given(st.text())
def test_no_text_opens_a_tag(text: str) -> None:
    assert "<" not in joined(text)
    assert element("p", text).count("<") == 2


@given(st.text())
def test_no_text_closes_a_script(text: str) -> None:
    assert data([text]).count("<") == 2
