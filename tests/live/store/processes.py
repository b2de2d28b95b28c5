"""What other processes do to a store in the tests; started in milliseconds by one that has imported it all."""

from __future__ import annotations

import multiprocessing
import os
from contextlib import closing
from itertools import count
from typing import TYPE_CHECKING

from tests.live.store.made import node, seen, start

from headrace.errors import StoreError
from headrace.live.engine import Status
from headrace.live.store.store import Store

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.synchronize import Barrier

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(
    ["psycopg", "sqlalchemy.dialects.postgresql", "sqlalchemy.dialects.sqlite", "headrace.live.store.store"]
)
NOBODY = 65534
TOGETHER = 20
"""What one transaction of `write_for_ever` stores of each."""


def open_at_once(url: str, ready: Barrier, said: Connection) -> None:
    """Open the store when all are ready, and write to it."""
    ready.wait(60)
    try:
        with closing(Store.open(url, patience=30_000)) as store:
            store.note(1, "tests", "opened", {})
        said.send("opened")
    except Exception as error:
        said.send(repr(error))


def hold(url: str, said: Connection) -> None:
    """Keep the store locked until told to go."""
    with closing(Store.open(url)) as store, store.database.writing():
        said.send("held")
        said.recv()
    said.send("let go")


def write_as_nobody(url: str, own: str, said: Connection) -> None:
    """Write to the store as somebody who is not root, and tell why that fails."""
    Store.open(own).close()  # imports, as root, what only root may be able to read
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    try:
        Store.open(url).note(1, "nobody", "wrote", {})
        said.send("written")
    except StoreError as error:
        said.send(str(error).removeprefix(f"store {url}: "))


def write_for_ever(url: str, name: str, said: Connection) -> None:
    """Store intents, jobs and runs, batch after batch, and tell each that is stored."""
    store = Store.open(url)
    for number in count():
        batch = f"{name}.{number}"
        ids = [f"{batch}/{i}" for i in range(TOGETHER)]
        if number % 2:
            running = [seen(job, Status.RUNNING, on=(("n1", 1),), start=number) for job in ids]
            store.record(number, running, [node()])
        else:
            store.intend(number, [start(job, job) for job in ids])
        said.send(batch)


def take_the_lease(url: str, holder: str, ready: Barrier, said: Connection) -> None:
    """Try to take the lease when all are ready, and tell whether it was given."""
    with closing(Store.open(url, patience=30_000)) as store:
        ready.wait(60)
        said.send(store.take_lease(holder, 1_000, 500) is not None)
