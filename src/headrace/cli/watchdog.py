"""`headrace watchdog`: opens the front partition to Slurm's own scheduler when nobody drives, closes it when one does.

Of headrace.toml it reads two tables, and needs neither the database nor the server:

    [slurm]
    front = "front"
    [watchdog]
    lease = "/var/lib/headrace/lease.json"
    minutes = 5
"""

from __future__ import annotations

import time
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

from pydantic import BaseModel, Field, ValidationError

from headrace.cli.inputs import console, language
from headrace.errors import InputError
from headrace.history.toml_file import AS_WRITTEN, Number, Text, read_toml, refused
from headrace.live.engines.slurm.doors import Doors
from headrace.live.engines.slurm.settings import Settings
from headrace.live.engines.slurm.tools import Tools
from headrace.live.watchdog import read_lease, watchdog
from headrace.report.screen import Screen
from headrace.report.words import languages, load
from headrace.units import MINUTE_MS, SECOND_MS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

RIGHT: Final = 'such as [watchdog] with lease = "/var/lib/headrace/lease.json"'

Table = TypeVar("Table", bound=BaseModel)


class WatchdogTable(BaseModel):
    """[watchdog] as written: where the server keeps its lease (relative to headrace.toml), and how old it may be."""

    model_config = AS_WRITTEN

    lease: Annotated[Text, Field(min_length=1)]
    minutes: Annotated[Number, Field(gt=0)] = Decimal(5)


def run(config: Path, dry_run: bool, lang: str | None) -> None:
    """Do what the lease calls for, and say so where something was to be done. Nothing is said otherwise: cron mails."""
    spoken = language(lang)
    table, settings = _tables(config)
    doors = Doors(Tools(settings.commands, settings.conf, settings.wait_s), settings)
    lease = read_lease(config.parent / table.lease)
    age = lease.age(int(time.time() * SECOND_MS)) if lease else None
    move = watchdog(age, int(table.minutes * MINUTE_MS), doors.are_open())
    if not dry_run and move != "leave":
        (doors.open if move == "open" else doors.close)()
    if move != "leave" or dry_run:
        for words in map(load, languages(spoken)):
            seen = words("watchdog.none") if age is None else words("watchdog.age", minutes=f"{age / MINUTE_MS:.1f}")
            Screen(console()).say(words(f"watchdog.{move}", lease=seen, front=settings.front))


def _tables(config: Path) -> tuple[WatchdogTable, Settings]:
    written = read_toml(config, "headrace.toml", 1, RIGHT)
    if "watchdog" not in written:
        raise InputError(str(config), "has no table [watchdog]", RIGHT)
    return _table(WatchdogTable, config, "watchdog", written), _table(Settings, config, "slurm", written)


def _table(model: type[Table], config: Path, name: str, written: Mapping[str, Any]) -> Table:
    try:
        return model.model_validate(written.get(name, {}))
    except ValidationError as error:
        first = error.errors()[0]
        raise refused(f"{config}, [{name}] {'.'.join(map(str, first['loc']))}", first) from None
