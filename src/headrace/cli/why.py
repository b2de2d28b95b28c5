"""`headrace why`: what keeps a job from running, or that nothing does."""

from __future__ import annotations

from urllib.parse import quote

from headrace.cli.client import server, wall_ms
from headrace.cli.inputs import console, language
from headrace.report.live.why import render
from headrace.serve.shapes import Job, Why


def run(job: str, json: bool, lang: str | None) -> None:
    """Print why `job` waits."""
    spoken = language(lang)
    asked, path = server("en" if spoken == "both" else spoken), f"/jobs/{quote(job, safe='')}"
    why = asked.get(Why, f"{path}/why")
    if json:
        from headrace.cli.printed import print_json

        print_json(why.model_dump())
    else:
        render(asked.get(Job, path), why, wall_ms(), console(), spoken)
