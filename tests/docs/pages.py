"""The documents as the tests read them: pages, fenced blocks, and the commands in these.

console     commands of Headrace, each a line that begins with `$ `: run          # exit 2: the code it ends with
console live: commands that need a running server, all in one shell: run together
console slurm: commands that need a real Slurm too: run together by `make test-slurm`
sh          commands of somebody else (Slurm, make): not run
text sample an excerpt of what `headrace study --lang both` prints of the built-in sample
text printed: an excerpt of what a command of the same page prints
toml        a fleet file       toml sweep: a sweep file       toml job: a job file    toml settings: headrace.toml
text slurm.conf, text unit, text cron: files of the machine, whose commands are those that are run
text        anything else
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

LANGUAGES: Final = ("en", "zh")
TOP: Final = ("README.md", "README.zh.md", "CONTRIBUTING.md", "CHANGELOG.md", "GLOSSARY.md")
KINDS: Final = (
    "console",
    "console live",
    "console slurm",
    "sh",
    "text",
    "text sample",
    "text printed",
    "toml",
    "toml sweep",
    "toml job",
    "toml settings",
    "text slurm.conf",
    "text unit",
    "text cron",
)

_FENCE: Final = re.compile(r"^```(.*)\n((?:.*\n)*?)```$", re.MULTILINE)
_EXIT: Final = re.compile(r"\s+# exit (\d+)$")


@dataclass(frozen=True)
class Command:
    """A command as shown, and the code with which it should end."""

    text: str
    code: int


def page(name: str) -> str:
    """The text of a page, by its path from the project's root."""
    return (ROOT / name).read_text(encoding="utf-8")


def pages() -> list[str]:
    """Every page, by its path from the project's root."""
    return [*TOP, *(str(path.relative_to(ROOT)) for path in sorted((ROOT / "docs").rglob("*.md")))]


def of_language(lang: str) -> dict[str, str]:
    """File name -> text of the documents in one language."""
    folder: Path = ROOT / "docs" / lang
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.md"))}


def blocks(text: str) -> list[tuple[str, list[str]]]:
    """(kind, lines) of each fenced block; a line that ends in a backslash goes on with the next."""
    return [(kind, body.replace("\\\n", " ").splitlines()) for kind, body in _FENCE.findall(text)]


def lines_of(kind: str, text: str) -> list[str]:
    """The lines of all blocks of one kind, without blank ones."""
    return [line for found, lines in blocks(text) if found == kind for line in lines if line.strip()]


def commands(text: str) -> list[Command]:
    """The commands in the console blocks of a page, in order."""
    return commands_in("console", text)


def commands_in(kind: str, text: str) -> list[Command]:
    """The commands in the blocks of one kind."""
    return [_command(line.removeprefix("$ ")) for line in lines_of(kind, text) if line.startswith("$ ")]


def _command(text: str) -> Command:
    code = _EXIT.search(text)
    return Command(_EXIT.sub("", text), int(code[1]) if code else 0)
