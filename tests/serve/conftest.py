"""One server for all tests that only ask it something."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.serve.servers import Home, Server, eventually

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose loop has begun."""
    running = Home(tmp_path_factory.mktemp("serve")).start()
    with running.client() as client:
        eventually(lambda: client.get("/healthz").status_code == 200, 240)
    yield running
    assert running.stop() == 0
