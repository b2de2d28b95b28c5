"""Whatever is done to what a real Slurm printed, reading it ends in a log or in one sentence, and no line is lost."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from headrace.errors import HeadraceError
from headrace.history.log import JobLog, make_log
from headrace.history.slurm import read_slurm
from headrace.history.slurm_nodes import draft_fleet, read_nodes

if TYPE_CHECKING:
    from collections.abc import Callable

SLURM = Path(__file__).resolve().parents[1] / "fixtures" / "slurm"
LINES = (SLURM / "sacct-epoch.txt").read_text().splitlines()
EVENTS = (SLURM / "events.txt").read_text().splitlines()
NODES = (SLURM / "nodes.txt").read_text().splitlines()
STRANGE = [
    *(
        "",
        "|",
        "||",
        "\t",
        "\r",
        ",",
        "=",
        "-1",
        "0",
        "1e308",
        "nan",
        "9" * 30,
        "Unknown",
        "None assigned",
        "É\u202e",
        "\x1b",
    ),
    *(
        "1795300553",
        "2026-11-21T22:42:58",
        "2026-02-30T00:00:00",
        "-99999999999",
        "9999999999",
        "1_[0-9",
        "1_[0-99999999]",
    ),
    *(
        "h[1-99999]",
        "h[2-1]",
        "n;1",
        "gres/gpu=65",
        "gres/gpu:a:b=1",
        "gres/shard=1",
        "gres/shard=99999999999",
        "mem=1Z",
    ),
    *(
        "gres/gpu=1,node=99999999999",
        "node=0",
        "RESIZING",
        "PENDING",
        "CANCELLED by ?",
        "JS1:",
        "js1:x",
        "16Gn",
        "1.5",
        "%",
    ),
]
FIELDS = st.sampled_from(STRANGE) | st.text(st.characters(exclude_characters="\n\0", codec="utf-8"), max_size=6)


@st.composite
def changed(draw: st.DrawFn, lines: list[str], mark: str) -> str:
    """`lines` with some fields replaced, characters cut out or put in, and lines doubled, dropped or swapped."""
    text = list(lines)
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(text) - 1))
        fields = text[at].split(mark)
        match draw(st.integers(0, 4)):
            case 0:
                fields[draw(st.integers(0, len(fields) - 1))] = draw(FIELDS)
                text[at] = mark.join(fields)
            case 1:
                cut = draw(st.integers(0, len(text[at])))
                text[at] = text[at][:cut] + draw(FIELDS) + text[at][cut + draw(st.integers(0, 9)) :]
            case 2:
                text.insert(draw(st.integers(0, len(text))), text[at])
            case 3 if len(text) > 1:
                del text[at]
            case _:
                cut = draw(st.integers(0, len(text[at])))
                text[at : at + 1] = [text[at][:cut], text[at][cut:]]
    return "\n".join(text) + draw(st.sampled_from(["\n", "", "\n\n"]))


def agrees_with_itself(log: JobLog) -> None:
    """Its own checks find nothing more in it, so that whoever works with it can rely on them."""
    again = make_log(log.jobs, log.node_events, source="", sha256="", format="")
    assert again.rejects == ()
    assert again.jobs.equals(log.jobs)


def accounted(log: JobLog) -> int:
    (note,) = (note for note in log.notes if note.startswith("lines with text: "))
    total, *parts = (int(number) for number in re.findall(r"(?:^|[=+:] )(\d+)", note))
    assert total == sum(parts)
    return total


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    path = tmp_path_factory.mktemp("fuzz") / "text.txt"

    def write(text: str) -> Path:
        path.write_bytes(text.encode())
        return path

    return write


@given(changed(LINES, "|"))
@example("\n".join(LINES).replace("\n", "\r\n"))
@example("\n".join(LINES).replace("|", "\t"))
@settings(max_examples=120)
def test_changed_rows_of_jobs_end_in_a_log_or_in_one_sentence(written: Callable[[str], Path], text: str) -> None:
    with suppress(HeadraceError):
        log = read_slurm(written(text), tz=UTC)
        agrees_with_itself(log)
        assert accounted(log) == sum(bool(line.strip()) for line in text.split("\n"))


@given(changed(EVENTS, "|"))
@settings(max_examples=60)
def test_changed_node_events_end_in_a_log_or_in_one_sentence(written: Callable[[str], Path], text: str) -> None:
    with suppress(HeadraceError):
        agrees_with_itself(read_slurm(SLURM / "sacct-epoch.txt", tz=UTC, node_events=written(text)))


@given(changed(NODES, " ") | changed((SLURM / "sinfo.txt").read_text().splitlines(), " "))
@settings(max_examples=60)
def test_changed_nodes_end_in_a_draft_or_in_one_sentence(written: Callable[[str], Path], text: str) -> None:
    with suppress(HeadraceError):
        fleet, _ = draft_fleet(read_nodes(written(text)))
        assert fleet.pools


@given(st.binary(max_size=300) | st.binary(max_size=100).map(lambda noise: LINES[0].encode() + b"\n" + noise))
@settings(max_examples=60)
def test_no_bytes_are_too_strange(written: Callable[[str], Path], noise: bytes) -> None:
    path = written("")
    path.write_bytes(noise)
    for read in (read_slurm, read_nodes):
        with suppress(HeadraceError):
            read(path)


@given(st.permutations(range(1, len(LINES))))
@settings(max_examples=10)
def test_the_order_of_rows_changes_nothing(written: Callable[[str], Path], order: list[int]) -> None:
    before = read_slurm(SLURM / "sacct-epoch.txt")
    after = read_slurm(written("\n".join([LINES[0], *(LINES[i] for i in order)]) + "\n"))
    assert after.jobs.equals(before.jobs)
    assert after.notes == before.notes
