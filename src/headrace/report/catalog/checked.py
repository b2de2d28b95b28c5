"""What the check of the catalogue found: problems, and where sources say different things."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from headrace.catalog.facts import Facts
from headrace.report.screen import Screen
from headrace.report.words import languages, load

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console

    from headrace.catalog.facts import Fact
    from headrace.catalog.whole import Catalogue, Problem


def render(catalogue: Catalogue, problems: Sequence[Problem], console: Console, lang: str) -> None:
    """Print what was walked, each problem, and conflicting sources side by side."""
    for words in map(load, languages(lang)):
        screen = Screen(console)
        screen.say(words("chips.checked.walked", **_counts(catalogue)), "bold")
        verdict = "chips.checked.problems" if problems else "chips.checked.well"
        screen.say(words(verdict, count=len(problems)), "bold")
        for problem in problems:
            screen.say(words("bullet", text=str(problem)), hanging=2)
        screen.title(words("chips.checked.conflicts"))
        for facts in conflicts(catalogue):
            values = "; ".join(f"{fact.value} {fact.unit} ({fact.status.value}, {fact.place})" for fact in facts)
            screen.say(words("bullet", text=f"{facts[0].item}, {facts[0].attribute}: {values}"), hanging=2)


def check_json(catalogue: Catalogue, problems: Sequence[Problem]) -> str:
    """The same as JSON."""
    told = [{"place": problem.place, "sentence": problem.sentence} for problem in problems]
    beside = [[{"value": f.value, "unit": f.unit, "row": f.place} for f in facts] for facts in conflicts(catalogue)]
    return json.dumps(_counts(catalogue) | {"problems": told, "conflicts": beside}, ensure_ascii=False, indent=2) + "\n"


def conflicts(catalogue: Catalogue) -> Iterator[tuple[Fact, ...]]:
    """Facts on which sources differ; exchange rates of different days do not."""
    for table in (catalogue.chips, catalogue.models, catalogue.servers, catalogue.site):
        yield from Facts.conflicts(table)


def _counts(catalogue: Catalogue) -> dict[str, object]:
    return {
        "rows": sum(len(table.rows) for table in catalogue.tables) + len(catalogue.prices),
        "sources": len(catalogue.sources),
        "chips": len(catalogue.chips.items),
        "models": len(catalogue.models.items),
        "prices": len(catalogue.prices),
    }
