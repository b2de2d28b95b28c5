"""Writing what a reader keeps: whole or not at all, so that Ctrl-C never leaves half a file under a finished name."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from headrace.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from headrace.report.study import Study


def write_study(study: Study, folder: Path, lang: str) -> tuple[Path, ...]:
    """Write report.html (in `lang`) and study.json into `folder`, which is made if need be; return their paths."""
    from headrace.report import figures, page  # each is heavy, and only this form needs it

    texts = {"report.html": page.render(study, lang), "study.json": figures.study_json(study)}
    make_folder(folder)
    for name, text in texts.items():
        write_text(folder / name, text)
    return tuple(folder / name for name in texts)


def make_folder(folder: Path) -> None:
    """Make `folder` and those above it. Raises InputError where that cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(str(folder), f"cannot be made ({error.strerror})", "name a folder that can be") from error


def write_text(path: Path, text: str) -> None:
    """Write `text` (UTF-8, lines ending in a newline) to a temporary file beside `path`, then rename it to `path`.

    Raises InputError where that cannot be; what stood at `path` before is then untouched.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_text(text, encoding="utf-8", newline="\n")
        temporary.replace(path)
    except OSError as error:
        raise InputError(str(path), f"cannot be written ({error.strerror})", "name a place that can be") from error
    finally:
        with suppress(OSError):
            temporary.unlink()
