"""The next round's plan without a server: the engine is looked at once, and nothing is written or told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headrace.live.desk import Desk
from headrace.live.reconcile import Picture, reconcile
from headrace.serve.engines import open_engine, refuse_absent_fleet
from headrace.serve.planning import plan_view
from headrace.serve.settings import policy

if TYPE_CHECKING:
    from contextlib import ExitStack
    from pathlib import Path

    from headrace.report.words import Words
    from headrace.serve.settings import Settings
    from headrace.serve.shapes import Plan


def foresee(settings: Settings, folder: Path, words: Words, closing: ExitStack) -> Plan:
    """What a round would decide now. EngineError where the engine cannot be asked, or another process holds it."""
    refuse_absent_fleet(settings, folder)
    opened = open_engine(settings, folder)
    closing.callback(opened.close)
    desk = Desk(policy(settings), opened.fleet.tenants if opened.fleet else ())
    observation = opened.engine.observe()
    desk.happen(reconcile(Picture({}, {}), observation).events, observation.at)
    return plan_view(desk, observation.at, words, lambda _: True)
