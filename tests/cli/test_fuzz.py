"""Whatever is done to what a real Slurm printed, a study of it ends in tables and files or in one sentence."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC
from typing import TYPE_CHECKING

from hypothesis import given, settings
from tests.history.test_slurm_fuzz import EVENTS, LINES, NODES, changed

from headrace.cli.inputs import Asking, Source
from headrace.cli.study import run
from headrace.errors import HeadraceError
from headrace.history.fleet_file import write_fleet
from headrace.history.slurm_nodes import draft_fleet, read_nodes

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

POLICIES = ["fifo/first", "las+conservative/best", "fair+easy/fgd"]


@given(changed(LINES, "|"), changed(EVENTS, "|"), changed(NODES, " "))
@settings(max_examples=25, deadline=None, derandomize=True)
def test_a_study_of_changed_text_sums_or_ends_in_one_sentence(
    tmp_path_factory: pytest.TempPathFactory, jobs: str, events: str, nodes: str
) -> None:
    folder = tmp_path_factory.mktemp("study")
    with suppress(HeadraceError):
        study(folder, jobs, events, nodes)
        figures = json.loads((folder / "out" / "study.json").read_text())
        assert sum(figures["ledger_milli_chip_ms"].values()) == figures["paid_milli_chip_ms"]


def study(folder: Path, jobs: str, events: str, nodes: str) -> None:
    """`headrace import` and `study`, without their process."""
    for name, text in (("jobs", jobs), ("events", events), ("nodes", nodes)):
        (folder / name).write_bytes(text.encode())
    fleet, _ = draft_fleet(read_nodes(folder / "nodes"))
    write_fleet(fleet, folder / "fleet.toml")
    source = Source(folder / "jobs", folder / "fleet.toml", "slurm", str(UTC), folder / "events")
    run(source, folder / "out", Asking(POLICIES, ["partition"], lang="both"), shrink=True)
