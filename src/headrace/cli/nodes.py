"""`headrace nodes`: the nodes, and how much of each is held."""

from __future__ import annotations

from headrace.cli.client import server
from headrace.cli.inputs import console, language
from headrace.report.live.nodes import render
from headrace.serve.shapes import Nodes


def run(json: bool, lang: str | None) -> None:
    """Print the nodes."""
    spoken = language(lang)
    nodes = server(spoken).get(Nodes, "/nodes")
    if json:
        from headrace.cli.printed import print_json

        print_json(nodes.model_dump())
    else:
        render(nodes.items, console(), spoken)
