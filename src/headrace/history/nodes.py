"""The nodes of a fleet, from a fleet.toml or an openb node list: the first line tells which."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headrace.history.files import UTF8_MARK, opened
from headrace.history.fleet_file import read_fleet
from headrace.history.openb import NODES, read_openb_nodes
from headrace.history.table import PAGE

if TYPE_CHECKING:
    from pathlib import Path

    from headrace.world.fleet import Fleet


def read_nodes(path: Path) -> Fleet:
    """The fleet in `path` (.gz or not)."""
    with opened(path) as file:
        names = file.readline(PAGE).removeprefix(UTF8_MARK).split(b",")
    listed = {name.strip() for name in names}.issuperset(name.encode() for name in NODES)
    return read_openb_nodes(path) if listed else read_fleet(path)
