"""`headrace check`: the claims of a text that the catalogue confirms, contradicts or cannot judge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headrace.brief.documents import read_document
from headrace.brief.judge import judge
from headrace.brief.shown import findings_data, render_findings
from headrace.cli.inputs import console, language
from headrace.errors import CheckFailedError

if TYPE_CHECKING:
    from pathlib import Path


def run(file: Path, json: bool, lang: str | None) -> None:
    """Print every finding on the text of `file`. CheckFailedError (exit 1) where something is contradicted."""
    spoken = language(lang)
    findings = judge(read_document(file))
    if json:
        from headrace.cli.printed import print_json

        print_json(findings_data(findings))
    else:
        render_findings(findings, console(), spoken)
    wrong = sum(finding.verdict == "contradicted" for finding in findings)
    if wrong:
        raise CheckFailedError(f"{file}: contradicts the catalogue in {wrong} place{'s' if wrong > 1 else ''}")
