"""The store as a whole: used by many threads, and paid for only by who uses it."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from tests.live.store.made import seen, start

if TYPE_CHECKING:
    from headrace.live.store.store import Store


def test_threads_may_use_one_store(store: Store) -> None:
    """A web server's threads write and read at once: every line is there, once, and chained."""

    def work(i: int) -> int:
        store.note(i, f"thread {i}", "did", {})
        store.intend(i, [start(str(i))])
        store.record(i, [seen(str(i))])
        return len(store.jobs())

    with ThreadPoolExecutor(8) as threads:
        assert min(threads.map(work, range(24))) >= 1
    assert (len(store.audit()), len(store.open_intents()), len(store.jobs())) == (48, 24, 24)
    assert store.verify() is None


def test_a_store_that_was_closed_opens_again_when_it_is_used(store: Store) -> None:
    """Closing gives connections back, no more."""
    store.note(1, "ann", "did", {})
    store.close()
    assert len(store.audit()) == 1


def test_neither_the_command_line_nor_the_nouns_import_sqlalchemy() -> None:
    """`headrace --help` does not pay for a database."""
    code = "import sys, headrace.cli, headrace.live.store.nouns; print({'sqlalchemy', 'alembic'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
