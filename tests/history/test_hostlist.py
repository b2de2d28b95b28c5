from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.errors import InputError
from headrace.history.hostlist import compress, expand

WORDS = st.text(st.characters(exclude_categories=("Cc", "Cs", "Z"), exclude_characters="[],"), min_size=1, max_size=6)
NUMBERED = st.builds(
    lambda prefix, number, width, suffix: f"{prefix}{number:0{width}d}{suffix}",
    st.sampled_from(["h20-", "n", "", "rack1-n"]),
    st.integers(0, 120),
    st.integers(1, 4),
    st.sampled_from(["", "-ib", "x"]),
)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ()),
        ("  ", ()),
        ("h20-1", ("h20-1",)),
        ("h20-[1-3,07],x[1-2]y", ("h20-1", "h20-2", "h20-3", "h20-07", "x1y", "x2y")),
        ("r[1-2]n[08-10]", ("r1n08", "r1n09", "r1n10", "r2n08", "r2n09", "r2n10")),
        ("a[099-101]", ("a099", "a100", "a101")),
        ("b,a,b", ("b", "a", "b")),
        ("[3]", ("3",)),
    ],
)
def test_a_hostlist_expands_in_its_own_order(text: str, names: tuple[str, ...]) -> None:
    assert expand(text) == names


@pytest.mark.parametrize(
    "text", ["a,,b", "a,", ",", "a[", "a]", "a[[1]]", "a[]", "a[1-]", "a[-1]", "a[1,x]", "a b", "a[3-1]", "a[1-3]b["]
)
def test_what_is_no_hostlist_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(InputError, match="hostlist"):
        expand(text)


@pytest.mark.parametrize(
    "text",
    [
        "[1-999999999]",
        "[0-999999999999999]" * 3,
        "a[1-99999999][1-99999999]",
        ",".join(["a[1-90000]"] * 9),
        "[0-99]" * 2000,
    ],
)
def test_a_short_text_for_very_many_nodes_is_refused_before_any_is_made(text: str) -> None:
    with pytest.raises(InputError, match="more than 100000 nodes"):
        expand(text)


def test_the_caller_says_how_many_nodes_are_too_many() -> None:
    assert len(expand("n[1-7]", most=7)) == 7
    with pytest.raises(InputError, match="more than 6 nodes"):
        expand("n[1-7]", most=6)


def test_neighbours_are_written_as_a_range() -> None:
    assert compress(f"h20-{i}" for i in range(1, 17)) == "h20-[1-16]"
    assert compress(["n08", "n09", "n10", "n12", "m1"]) == "n[08-10,12],m1"
    assert compress(["a-1", "b-1", "a-2"]) == "a-1,b-1,a-2"
    assert compress([]) == ""


@pytest.mark.parametrize("name", ["", "a,b", "a[1]", "a b"])
def test_a_name_that_no_hostlist_can_hold_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="cannot be written in a hostlist"):
        compress(["n1", name])


@given(st.lists(st.one_of(NUMBERED, WORDS), max_size=40))
def test_expanding_undoes_compressing(names: list[str]) -> None:
    assert expand(compress(names)) == tuple(names)


@given(st.text("a1-0[],9 ", max_size=30))
def test_any_text_expands_or_is_refused(text: str) -> None:
    try:
        names = expand(text, most=1000)
    except InputError:
        return
    assert len(names) <= 1000
    assert all(names)
