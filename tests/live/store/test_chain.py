"""Any one line of the audit log that is changed, dropped, added or exchanged is found, and found where it stands."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from headrace.live.store.chain import Broken, Head, Line, head_at, link, verify

KEY = b"kept elsewhere"
TEXTS = st.text(max_size=4)
SAID = st.lists(st.tuples(st.integers(0, 9), TEXTS, TEXTS, TEXTS), min_size=1, max_size=8)
OTHER = st.fixed_dictionaries({}, optional=dict.fromkeys(("who", "what", "detail", "previous", "hash"), TEXTS))


def chained(said: list[tuple[int, str, str, str]], key: bytes = KEY) -> tuple[list[Line], Head | None]:
    lines: list[Line] = []
    head: Head | None = None
    for one in said:
        lines.append(link(head, *one))
        head = head_at(lines[-1], key)
    return lines, head


def found(lines: list[Line], head: Head | None, key: bytes = KEY) -> int | None:
    broken = verify(lines, head, key)
    return broken.sequence if broken else None


@given(said=SAID)
def test_a_chain_as_it_was_written_is_whole(said: list[tuple[int, str, str, str]]) -> None:
    """Any text, any times, even those that jump back."""
    assert found(*chained(said)) is None


def test_a_log_without_lines_is_whole() -> None:
    """Before anything was done there is neither line nor head."""
    assert verify([], None, KEY) is None


@given(said=SAID, data=st.data())
def test_a_changed_line_is_found_where_it_stands(said: list[tuple[int, str, str, str]], data: st.DataObject) -> None:
    """Whichever field it is, the hashes included."""
    lines, head = chained(said)
    k = data.draw(st.integers(0, len(lines) - 1))
    changed = replace(lines[k], **data.draw(OTHER), at=data.draw(st.integers(0, 9)))
    assume(changed != lines[k])
    assert found([*lines[:k], changed, *lines[k + 1 :]], head) == k + 1


@given(said=SAID, data=st.data())
def test_a_dropped_line_is_found_where_it_stood(said: list[tuple[int, str, str, str]], data: st.DataObject) -> None:
    """The last one too: the head says how many there were."""
    lines, head = chained(said)
    k = data.draw(st.integers(0, len(lines) - 1))
    assert found(lines[:k] + lines[k + 1 :], head) == k + 1


@given(said=SAID, data=st.data())
def test_two_exchanged_lines_are_found_at_the_first(said: list[tuple[int, str, str, str]], data: st.DataObject) -> None:
    """Whether they stand in each other's place as they are, or with their sequences set right."""
    lines, head = chained(said)
    j, k = sorted((data.draw(st.integers(0, len(lines) - 1)), data.draw(st.integers(0, len(lines) - 1))))
    assume(j != k)
    swapped = list(lines)
    swapped[j], swapped[k] = lines[k], lines[j]
    assert found(swapped, head) == j + 1
    swapped[j], swapped[k] = replace(lines[k], sequence=j + 1), replace(lines[j], sequence=k + 1)
    assert found(swapped, head) == j + 1


@given(said=SAID, cut=st.integers(1, 8))
def test_a_cut_tail_is_found_at_its_beginning(said: list[tuple[int, str, str, str]], cut: int) -> None:
    """What is left is a whole chain; only the head knows that there was more."""
    lines, head = chained(said)
    left = lines[:-cut]
    assert verify(left, head, KEY) == Broken(len(left) + 1, f"it is missing: {len(lines)} lines were written")


@given(said=SAID)
def test_a_line_that_was_added_is_found(said: list[tuple[int, str, str, str]]) -> None:
    """However well it follows: the head does not count it."""
    lines, head = chained(said)
    assert found([*lines, link(head, 1, "me", "did", "{}")], head) == len(lines) + 1


@given(said=SAID, cut=st.integers(0, 7))
def test_a_whole_new_chain_is_found_without_its_key_out(said: list[tuple[int, str, str, str]], cut: int) -> None:
    """Who rewrites lines, hashes and head, and lacks the key of the seal, has not made the seal."""
    lines, head = chained([(at, "somebody else", what, detail) for at, _, what, detail in said[cut:]], b"guessed")
    assume(lines)
    broken = verify(lines, head, KEY)
    assert broken == Broken(len(lines), "the seal over the number of lines was not made with this key")


@given(said=SAID)
def test_a_head_that_is_gone_is_found(said: list[tuple[int, str, str, str]]) -> None:
    """Without it a cut tail could not be seen; so its absence is what is seen."""
    lines, _ = chained(said)
    assert verify(lines, None, KEY) == Broken(1, "how many lines were written is not recorded any more")


def test_a_last_line_that_was_written_anew_is_found() -> None:
    """Its hash is right and it follows: it is not the one that the head remembers."""
    lines, head = chained([(1, "ann", "cancel", "{}"), (2, "ann", "cancel", "{}")])
    other = link(head_at(lines[0], KEY), 2, "bob", "cancel", "{}")
    assert verify([lines[0], other], head, KEY) == Broken(2, "it is not the line that was written last")
