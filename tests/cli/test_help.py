"""`--help` is quick and whole: plain text, every verb with its sentence, and nothing heavy imported for it."""

from __future__ import annotations

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from headrace.cli.app import app

HEAVY = ("numba", "polars", "numpy", "httpx", "pydantic", "rich.markdown", "sqlalchemy", "fastapi")


def test_help_imports_nothing_heavy() -> None:
    """What a verb needs is imported when it is used."""
    program = f"""
import sys
from typer.testing import CliRunner
from headrace.cli.app import app
assert CliRunner().invoke(app, ["--help"]).exit_code == 0
print([name for name in {HEAVY} if name in sys.modules])
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "[]"


@pytest.mark.parametrize("asked", [[], ["--help"], ["token"], ["audit", "-h"], ["catalog", "--help"]])
def test_no_sentence_is_cut_short(asked: list[str]) -> None:
    """On however narrow a terminal: lines are broken, not left out."""
    said = CliRunner().invoke(app, asked, terminal_width=60).output
    assert "Commands:" in said
    assert "..." not in said.replace("[ARGS]...", "")


@pytest.mark.parametrize("asked", [["jobs", "--nope"], ["nope"], ["fit"]])
def test_a_wrong_call_ends_in_a_sentence(asked: list[str]) -> None:
    """Exit code 2, and what is wrong."""
    ended = CliRunner().invoke(app, asked)
    assert ended.exit_code == 2
    assert "Error: " in ended.output
