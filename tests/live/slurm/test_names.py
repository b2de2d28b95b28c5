"""Whatever a user writes is a value: it shifts no column, poses as no job, and reaches scontrol in no order."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.live.slurm.printed import JOB, NODE, Scripted, printed_excluded, printed_jobs, printed_nodes

from headrace.errors import EngineError
from headrace.live.engine import Start, Status
from headrace.live.engines.slurm import Settings, SlurmEngine, nodes
from headrace.live.engines.slurm.asked import NotUnderstoodError, Places
from headrace.live.engines.slurm.channel import _checked
from headrace.live.engines.slurm.columns import cut
from headrace.live.engines.slurm.constraint import TooRichError, satisfies
from headrace.live.engines.slurm.jobs import read_job
from headrace.live.engines.slurm.nodes import Ground, read_nodes
from headrace.live.engines.slurm.notes import Mark, marked, read_mark, users_own
from headrace.live.engines.slurm.orders import forget_delay, forget_nodes, requeue, to_front, to_nodes
from headrace.live.engines.slurm.queue import COLUMNS, Row, split
from headrace.live.engines.slurm.tools import shown

if TYPE_CHECKING:
    from collections.abc import Callable

TEXTS = st.one_of(
    st.text(max_size=600),
    st.text(alphabet=" \n\t|=;\"'\\\x1b[31mJobId0123456789,:", max_size=200),
    st.builds("{} Partition={}\nrequeue {}".format, st.text(max_size=9), st.text(max_size=9), st.integers(1, 99)),
)
KEYS = st.from_regex(r"[A-Za-z0-9_.-]{1,64}", fullmatch=True)
WORD, LAST = "w01234567", "w89abcdef"
"""What squeue is told to print after each value, and after the last; a user cannot know them."""
SAFE = re.compile(r"[A-Za-z0-9 =,._\[\]:;+@%/-]+")


def ground() -> Ground:
    nodes = (
        {"NodeList": "h20-1"},
        {"NodeList": "a800-1", "Gres": "gpu:a800:6,shard:a800:24", "Features": "nvidia,a800"},
    )
    return read_nodes(Scripted(nodes, ()), Settings())  # type: ignore[arg-type]


@given(name=TEXTS, comment=TEXTS, account=TEXTS)
def test_no_text_shifts_a_column_or_poses_as_a_row(name: str, comment: str, account: str) -> None:
    """Three rows are three rows, and the middle one's texts change nothing in the others, or in its own columns."""
    odd = {"JobArrayID": "8", "Name": name, "Comment": comment, "Account": account}
    printed = printed_jobs({}, odd, {"JobArrayID": "9"}, word=WORD, last=LAST)
    rows = [Row(text, "") for text in split(printed, WORD, LAST)]
    assert [row.job for row in rows] == ["7", "8", "9"]
    assert rows[2].columns == JOB | {"JobArrayID": "9"}
    assert {k: v for k, v in rows[1].columns.items() if k not in odd} == {k: v for k, v in JOB.items() if k not in odd}


@given(features=TEXTS, reason=TEXTS)
def test_no_text_of_a_node_shifts_a_column(features: str, reason: str) -> None:
    """Two nodes are two nodes, whatever an operator wrote as the reason of the first."""
    rows = cut(printed_nodes({"Features": features, "Reason": reason}, {"NodeList": "b"}), nodes.COLUMNS, "sinfo")
    assert [row["NodeList"] for row in rows] == ["h20-1", "b"]
    assert rows[1] == NODE | {"NodeList": "b"}


@given(name=TEXTS, comment=TEXTS)
def test_a_job_with_any_name_is_seen_and_shown_on_one_line(name: str, comment: str) -> None:
    """It waits, may be started, and its name moves no cursor."""
    rows = [{"JobArrayID": "8", "Name": name, "Comment": comment.replace("headrace:", "")}]
    engine = SlurmEngine()
    engine.tools = Scripted([{}], rows)  # type: ignore[assignment]
    (job,) = engine.observe().jobs
    assert (job.asked.job, job.status, job.startable) == ("8", Status.WAITING, True)
    assert job.asked.name.isprintable()


@given(
    changed=st.dictionaries(st.sampled_from(sorted(JOB)), TEXTS, max_size=4),
    excluded=st.none() | TEXTS,
)
def test_a_row_is_read_or_left_alone(changed: dict[str, str], excluded: str | None) -> None:
    """Nothing that Slurm might print makes the reader fail in another way."""
    (text,) = split(printed_jobs(changed, word=WORD, last=LAST), WORD, LAST)
    said = ""
    try:
        read_job(Row(text, excluded), Places(ground()), Settings(), {})
    except NotUnderstoodError as error:
        said = str(error)
    assert said == "" or said.isprintable()


@given(st.binary(max_size=4000))
def test_what_is_no_table_is_one_sentence(printed: bytes) -> None:
    """Bytes that are no rows of the right length are refused as a whole."""
    ends = [printed[at : at + 1] for at in range(12, len(printed), 13)]
    if len(printed) % 13 == 0 and ends == [b"\n"] * len(ends):
        assert len(cut(printed, {"A": 5, "B": 7}, "squeue")) == len(ends)
        return
    with pytest.raises(EngineError) as caught:
        cut(printed, {"A": 5, "B": 7}, "squeue")
    assert str(caught.value).isprintable()


@given(values=st.lists(TEXTS.map(lambda text: text.replace("\0", "")), max_size=3 * len(COLUMNS)))
def test_values_that_are_no_jobs_are_one_sentence(values: list[str]) -> None:
    """Too many or too few of them, or an end that is missing: refused as a whole."""
    printed = WORD.join(["x", *values]).encode("utf-8", "replace")
    for end in ("", LAST, f"{LAST}\n") if len(values) != len(COLUMNS) - 1 else ("", LAST):
        with pytest.raises(EngineError, match="which are no jobs"):
            split(printed + end.encode(), WORD, LAST)


@given(job=TEXTS, node=TEXTS, partition=TEXTS, comment=TEXTS)
def test_no_text_gets_into_an_order_but_as_a_plain_name(job: str, node: str, partition: str, comment: str) -> None:
    """An order with it is one line of safe characters, with as many words as an order has; or it is refused."""
    made: list[tuple[Callable[[], str], int]] = [
        (lambda: to_front(job, "front"), 3),
        (lambda: to_front("7", partition), 3),
        (lambda: to_nodes("7", "run", [node], None), 7),
        (lambda: to_nodes("7", partition, ["h20-1"], comment), 8),
        (lambda: requeue(job), 2),
        (lambda: forget_nodes(job), 4),
        (lambda: forget_delay(job), 3),
    ]
    for make, words in made:
        line = said = ""
        try:
            line = _checked(make())
        except EngineError as error:
            said = str(error)
        assert said.isprintable()
        assert said or SAFE.fullmatch(line), line
        assert len(line.split(" ")) <= words


@given(comment=TEXTS, key=KEYS)
def test_a_mark_is_put_before_a_comment_or_not_at_all(comment: str, key: str) -> None:
    """Where it is, it reads back, the user's words are what they were, and the whole fits into an order."""
    mark = Mark(key, "12_3", 0, pinned=False)
    text = marked(comment, mark)
    if text is not None:
        assert read_mark(text) == mark
        assert users_own(text) == users_own(comment)
        assert to_nodes("12_3", "run", ["h20-1"], text).endswith(f" Comment={text}")


@given(comment=TEXTS)
def test_only_a_mark_of_its_own_makes_a_job_ours(comment: str) -> None:
    """In the run partition, a comment of another job's mark, or of any other text, leaves it somebody else's."""
    for text in (comment, "headrace:start=k1/99/0/f", f"x{Mark('k1', '7', 0, pinned=False).text()}"):
        runs = {"Partition": "run", "State": "RUNNING", "Comment": text, "NodeList": "h20-1"}
        (row,) = split(printed_jobs(runs, word=WORD, last=LAST), WORD, LAST)
        read = read_job(Row(row, ""), Places(ground()), Settings(), {})
        assert read is not None
        assert not read.seen.ours or read_mark(text) == Mark("k1", "7", 0, pinned=False)


@given(st.text(alphabet="ab&|,()[]*2 \n", max_size=30))
def test_a_constraint_is_what_python_makes_of_it_from_left_to_right(constraint: str) -> None:
    """Or it is left to Slurm."""
    try:
        value = satisfies(constraint, frozenset({"a"}))
    except TooRichError:
        return
    assert isinstance(value, bool)
    assert re.fullmatch(r"[ab2&|,()]+", constraint)


@pytest.mark.parametrize(
    ("constraint", "value"),
    [
        ("a", True),
        ("b", False),
        ("a|b", True),
        ("a&b", False),
        ("a,b", False),
        ("b&b|a", True),
        ("a|b&b", False),
        ("a|(b&b)", True),
    ],
)
def test_and_and_or_have_no_precedence(constraint: str, value: bool) -> None:
    """As in Slurm, a|b&b is (a|b)&b."""
    assert satisfies(constraint, frozenset({"a"})) is value


def test_an_order_with_a_bad_name_is_refused_and_the_others_are_not() -> None:
    """Refusals are answers; nothing is told for them."""
    engine = SlurmEngine()
    engine.tools = Scripted([{}], [{"JobArrayID": "8"}, {"JobArrayID": "9"}])  # type: ignore[assignment]
    told: list[str] = []
    engine._acting._channel = type(
        "Told", (), {"tell": lambda self, lines: [told.append(line) or "" for line in lines]}
    )()
    engine._acting._tools = engine.tools
    engine.observe()
    bad, good = (Start(f"k{job}", job, 0, ((node, -1),)) for job, node in (("8", "h20-1 Partition=x"), ("9", "h20-1")))
    answers = engine.act([bad, good])
    assert [answer.taken for answer in answers] == [False, True]
    assert "plain name" in answers[0].said
    assert not any("Partition=x" in line for line in told)


def test_a_sentence_about_a_text_is_one_line() -> None:
    """Line ends and escapes become question marks."""
    assert shown("a\nb\x1b[31m\u202e") == "a?b?[31m?"
    assert printed_excluded({"excluded": "h20-[1-2]"}) == b"7|h20-[1-2]\n"
