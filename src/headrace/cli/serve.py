"""`headrace serve`: the loop and the API, until it is told to end."""

from __future__ import annotations

import os
import socket
import sys
from typing import TYPE_CHECKING, Any

from headrace.cli.inputs import console, language
from headrace.report.screen import Screen
from headrace.report.words import languages, load
from headrace.serve.engines import fleet_file
from headrace.serve.logs import begin_logs
from headrace.serve.settings import Settings, checked, read_settings

if TYPE_CHECKING:
    from pathlib import Path


def run(config: Path | None, shadow: bool, behind_proxy: bool, listen: str | None, lang: str | None) -> None:
    """Serve. Raises HeadraceError where that cannot begin."""
    spoken = languages(language(lang))
    settings, folder = read_settings(config)
    told: dict[str, Any] = {"shadow": shadow or settings.shadow, "behind_proxy": behind_proxy or settings.behind_proxy}
    settings = checked(
        Settings, settings.model_dump() | told | ({"listen": listen} if listen else {}), "headrace serve"
    )
    _show_draft(settings, folder, spoken)
    from headrace.serve.server import serve

    begin_logs(settings.log_level)
    serve(settings, folder, lambda url: _say_where(url, settings, spoken))


def _say_where(url: str, settings: Settings, spoken: tuple[str, ...]) -> None:
    for words in map(load, spoken):
        Screen(console()).say(words("serve.shadow" if settings.shadow else "serve.listens", url=url))
    sys.stdout.flush()


def _show_draft(settings: Settings, folder: Path, spoken: tuple[str, ...]) -> None:
    """Where this machine has no fleet file yet: what one would be."""
    file = fleet_file(settings, folder)
    if settings.engine == "local" and not file.exists():
        for words in map(load, spoken):
            Screen(console()).say(words("serve.no_fleet", file=str(file)))
        Screen(console()).literal(draft())


def draft() -> str:
    """A fleet file of one node with this machine's cores and memory; how many chips of which kind is for its owner."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return f"""
name = "{socket.gethostname()}"
[[pool]]
name = "main"
kind = "H20"
nodes = 1
chips = 8
cpus = {os.cpu_count() or 1}
memory_gib = {max(1, pages >> 30)}
"""
