"""What every request passes: is it meant for this server, is it small enough; and what every answer carries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from headrace.serve.address import host_of
from headrace.serve.problem import answer, refuse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BODY: Final = 2 << 20
TOO_LARGE: Final = f"the body is larger than {MOST_BODY} bytes"
HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (
        b"content-security-policy",
        b"default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
        b"frame-ancestors 'none'",
    ),
)
"""Pages may use what this server serves, and nothing else; nobody may frame them. There is no CORS: no other origin
may read anything."""
PRIVATE: Final = (b"cache-control", b"no-store")


class Guard:
    """ASGI middleware. `hosts` are the names under which the server may be asked; empty: any."""

    def __init__(self, app: ASGIApp, hosts: frozenset[str], secure: bool) -> None:
        self._app, self._hosts = app, hosts
        self._headers = [*HEADERS, *([(b"strict-transport-security", b"max-age=31536000")] if secure else [])]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass `scope` on, unless it is refused."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        answering = self._answering(send)
        if refusal := self._refusal(headers):
            await answer(*refusal)(scope, receive, answering)
            return
        await self._app(scope, _bounded(receive), answering)

    def _refusal(self, headers: dict[bytes, bytes]) -> tuple[int, str] | None:
        host = host_of(headers.get(b"host", b"").decode("latin-1"))
        if self._hosts and host not in self._hosts:
            return 400, "the Host header names another server than this one; add the name to `hosts` if it is right"
        length = headers.get(b"content-length", b"0")
        if length.isdigit() and int(length) > MOST_BODY:
            return 413, TOO_LARGE
        return None

    def _answering(self, send: Send) -> Send:
        async def answering(message: Message) -> None:
            if message["type"] == "http.response.start":
                named = {name for name, _ in message["headers"]}
                extra = [pair for pair in (*self._headers, PRIVATE) if pair[0] not in named]
                message["headers"] = [*message["headers"], *extra]
            await send(message)

        return answering


def _bounded(receive: Receive) -> Receive:
    """`receive`, which ends with 413 once too much has come: a length may be missing or wrong."""
    came = 0

    async def bounded() -> Message:
        nonlocal came
        message = await receive()
        came += len(message.get("body", b""))
        if came > MOST_BODY:
            raise refuse(413, TOO_LARGE)
        return message

    return bounded
