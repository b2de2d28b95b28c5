"""`--help` in plain text, each verb with all of its first sentence: frames and colours would take as long again."""

from __future__ import annotations

from inspect import cleandoc
from typing import Any, Final

from typer.core import TyperGroup

PLAIN: Final[dict[str, Any]] = {"rich_markup_mode": None, "no_args_is_help": True}
"""What every group of verbs is made with, beside its class."""
WIDEST: Final = 120
"""Columns of text, however wide the terminal."""


class Verbs(TyperGroup):
    """Verbs that are listed with what is said of them, whatever the width of the terminal."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write them."""
        verbs = ((name, self.get_command(ctx, name)) for name in self.list_commands(ctx))
        rows = [(name, _said(verb.help or "")) for name, verb in verbs if verb is not None and not verb.hidden]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def _said(text: str) -> str:
    """The first paragraph, on one line."""
    return " ".join(cleandoc(text).partition("\n\n")[0].split())
