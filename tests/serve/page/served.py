"""The page behind a real socket, over a source whose view a test sets."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn
from fastapi import FastAPI

from headrace.errors import HeadraceError
from headrace.serve.page.routes import router

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headrace.report.words import Words
    from headrace.serve.page.view import View
    from headrace.serve.shapes import Me

TOKEN = "headrace_of-a-test"


class Shown:
    """A source that shows what it is told to show, to whoever has TOKEN."""

    def __init__(self, view: View) -> None:
        self._view, self._changes, self._ending = view, 0, False
        self.token, self.broken = TOKEN, ""

    def show(self, view: View) -> None:
        """From now on this is what there is to see."""
        self._view = view
        self._changes += 1

    def who(self, token: str) -> Me | None:
        return self._view.me if token == self.token else None

    def view(self, me: Me, words: Words) -> View:
        if self.broken:
            raise HeadraceError(self.broken)
        return self._view

    def end(self) -> None:
        """Streams are to end."""
        self._ending = True

    def ending(self) -> bool:
        return self._ending

    def changed(self) -> int:
        return self._changes


def app(source: Shown) -> FastAPI:
    """An application of the page alone."""
    made = FastAPI(openapi_url=None)
    made.include_router(router(source))
    return made


@contextmanager
def served(source: Shown) -> Iterator[str]:
    """Serve the page on a free port of loopback; its URL."""
    server = uvicorn.Server(uvicorn.Config(app(source), port=0, log_level="error", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        source.end()
        server.should_exit = True
        thread.join()
