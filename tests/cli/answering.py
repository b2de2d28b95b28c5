"""A server of canned answers on loopback, which remembers what it was asked."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Canned:
    """An answer; `body` is sent as JSON unless it is text. A status of 0 breaks the connection off."""

    body: object
    status: int = 200
    kind: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """What was asked: `GET /api/v1/jobs?size=2`, with its headers and its body."""

    line: str
    headers: dict[str, str]
    body: Any


def problem(status: int, detail: str) -> Canned:
    """A refusal as the API makes it."""
    body = {"type": "about:blank", "title": "No", "status": status, "detail": detail}
    return Canned(body, status, "application/problem+json")


@contextmanager
def answering(*answers: Canned) -> Iterator[tuple[str, list[Asked]]]:
    """A server that gives these answers in turn, the last one for ever; its URL, and what it was asked."""
    asked: list[Asked] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            asked.append(Asked(f"{self.command} {self.path}", {k.lower(): v for k, v in self.headers.items()}, body))
            self.answer(answers[min(len(asked), len(answers)) - 1])

        do_POST = do_GET  # noqa: N815

        def answer(self, canned: Canned) -> None:
            if not canned.status:
                self.close_connection = True
                return
            content = (canned.body if isinstance(canned.body, str) else json.dumps(canned.body)).encode()
            self.send_response(canned.status)
            for name, value in (
                {"Content-Type": canned.kind, "Content-Length": str(len(content))} | canned.headers
            ).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
