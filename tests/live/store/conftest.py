"""Every test of the store runs on SQLite and, where its server can be started, on PostgreSQL."""

from __future__ import annotations

import shutil
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from tests.live.store.server import Server, programs

from headrace.live.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PATIENCE_MS = 2_000


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL server; what needs it is skipped where there is none."""
    pytest.importorskip("psycopg", reason="needs psycopg: pip install headrace[postgres]")
    bin = programs()
    if bin is None:
        pytest.skip("needs PostgreSQL's server: apt-get install postgresql")
    started = Server(bin)
    yield started
    started.remove()


@pytest.fixture(scope="session")
def filled_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite store of the newest tables, to be copied."""
    file = tmp_path_factory.mktemp("store") / "store.db"
    Store.open(f"sqlite:///{file}").close()
    return file


@pytest.fixture(scope="session")
def filled_database(server: Server) -> str:
    """The name of a PostgreSQL store of the newest tables, to be copied."""
    url = server.create()
    Store.open(url).close()
    return url.rpartition("/")[2]


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    return str(request.getfixturevalue("server").create())


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a store without rows."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("filled_file"), tmp_path / "store.db")
        return f"sqlite:///{tmp_path / 'store.db'}"
    return str(request.getfixturevalue("server").create(request.getfixturevalue("filled_database")))


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """A store without rows."""
    with closing(Store.open(url, patience=PATIENCE_MS)) as opened:
        yield opened


@pytest.fixture
def opened() -> Iterator[Callable[..., Store]]:
    """Opens stores as `Store.open` does, and closes them when the test is over."""
    stores: list[Store] = []

    def one(url: str, patience: int = PATIENCE_MS, seal: bytes = b"") -> Store:
        stores.append(Store.open(url, patience=patience, seal=seal))
        return stores[-1]

    yield one
    for store in stores:
        store.close()
