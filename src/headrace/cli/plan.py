"""`headrace plan`: the next round's plan with its reasons, from the engine, or from the server that holds it."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from headrace.cli.inputs import console, language
from headrace.cli.printed import print_json
from headrace.errors import EngineError
from headrace.report.instants import minute
from headrace.report.live.hold import reason
from headrace.report.screen import Screen
from headrace.report.words import languages, load
from headrace.serve.foresight import foresee
from headrace.serve.settings import read_settings

if TYPE_CHECKING:
    from pathlib import Path

    from headrace.report.words import Words
    from headrace.serve.shapes import Place, Plan


def run(config: Path | None, json: bool, lang: str | None) -> None:
    """Print the plan. Raises EngineError where neither the engine nor a server can be asked."""
    spoken = languages(language(lang))
    found = _plan(config, load(spoken[0]))
    if json:
        print_json(found.model_dump())
        return
    for words in map(load, spoken):
        _render(found, words)


def _plan(config: Path | None, words: Words) -> Plan:
    """A local engine is held by its server, which then has the plan."""
    settings, folder = read_settings(config)
    try:
        with ExitStack() as closing:
            return foresee(settings, folder, words, closing)
    except EngineError:
        if settings.engine != "local":
            raise
    from headrace.cli.client import server
    from headrace.serve.shapes import Plan

    return server(words.lang).get(Plan, "/plan")


def _render(plan: Plan, words: Words) -> None:
    screen = Screen(console())
    screen.say(words("plan.title", time=minute(plan.at_ms), policy=plan.policy), "bold")
    for step in plan.stops:
        screen.say(words("plan.stop", job=step.job, tenant=step.tenant), indent=2)
    for step in plan.starts:
        screen.say(words("plan.start", job=step.job, tenant=step.tenant, on=_on(step.on)), indent=2)
    for held in plan.holds:
        screen.say(words("plan.hold", job=held.job, tenant=held.tenant, said=reason(held, words)), indent=2)
    if not (plan.stops or plan.starts or plan.holds):
        screen.say(words("plan.nothing"), indent=2)
    if plan.waiting > len(plan.holds):
        screen.say(words("plan.more", count=plan.waiting - len(plan.holds)), indent=2)


def _on(places: list[Place]) -> str:
    return ", ".join(
        place.node + ("" if place.chips is None else f" [{', '.join(map(str, place.chips))}]") for place in places
    )
