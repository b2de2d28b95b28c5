"""`headrace chips NAME --on DATE`, `--since YEAR`, `--for CN`: may a chip be had, on that day or since that year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from headrace.catalog.load import chips
from headrace.catalog.status import history, status
from headrace.cli.inputs import console, language
from headrace.errors import CallError, InputError
from headrace.report.catalog.status import history_json, render, render_history, status_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console


@dataclass(frozen=True)
class Asked:
    """`on` is a day as it was typed, `since` a year; without either, `today` is meant."""

    chip: str
    today: date
    on: str = ""
    since: int | None = None
    destination: str = "CN"

    @property
    def day(self) -> date:
        """The day that is asked about. Raises InputError where it is none."""
        if not self.on:
            return self.today
        try:
            return date.fromisoformat(self.on)
        except ValueError:
            raise InputError("--on", f"{self.on!r} is no day", "a day is like 2025-04-20") from None

    @property
    def first(self) -> date:
        """The first day of the year that history begins with."""
        if self.since is None or not 1 <= self.since <= date.max.year:
            raise InputError("--since", f"{self.since} is no year", "a year is like 2022")
        return date(self.since, 1, 1)


def show(asked: Asked, console: Console, lang: str, as_json: bool) -> str:
    """Print the status, or its history where a year was asked for; as JSON, the text to print is returned."""
    chip, destination = chips().find(asked.chip), asked.destination.upper()
    if asked.since is not None:
        steps = history(chip, asked.first, asked.day, destination)
        if as_json:
            return history_json(chip.name, steps, destination)
        render_history(chip.name, steps, destination, console, lang)
        return ""
    now = status(chip, asked.day, destination)
    if as_json:
        return status_json(now)
    render(now, console, lang)
    return ""


def run(names: Sequence[str], on: str, since: int | None, destination: str, json: bool, lang: str | None) -> None:
    """Print the status of each chip named. CallError where none is named, or one that the catalogue does not have."""
    spoken = language(lang)
    if not names:
        raise CallError("name a chip: `headrace chips H20 --on 2025-04-20`; `headrace chips` alone lists them all")
    for name in names:
        asked = Asked(name, date.today(), on, since, destination)
        print(show(asked, console(), spoken, json), end="")  # noqa: T201
