"""`headrace audit verify`: is every line of the audit log there, as it was written."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from headrace.cli.inputs import console, language
from headrace.errors import CheckFailedError
from headrace.report.screen import Screen
from headrace.report.words import languages, load
from headrace.serve.opening import open_store

if TYPE_CHECKING:
    from pathlib import Path


def run(config: Path | None, lang: str | None) -> None:
    """Say that the log is whole. Raises CheckFailedError, which names the first line that is wrong, where it is not."""
    spoken = languages(language(lang))
    with closing(open_store(config)) as store:
        broken, head = store.verify(), store.audit_head()
    if broken:
        raise CheckFailedError(f"audit log, line {broken.sequence}: {broken.how}")
    for words in map(load, spoken):
        Screen(console()).say(
            words("serve.audit_whole", lines=head.lines if head else 0, hash=head.hash if head else "–")
        )
