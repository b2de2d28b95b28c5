"""Who has signed in with a browser: a random word in a cookie stands for a token that only this process holds.

Sessions live in memory: they end after a time, when they are ended, when the server ends, and with their token, which
is looked up anew for each page. Time (ms) and random bytes are arguments.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Final

from headrace.units import HOUR_MS

LENGTH_MS: Final = 12 * HOUR_MS
"""A session ends so long after its sign-in."""
MOST: Final = 1_000
"""Of more sessions the oldest ends."""
BYTES: Final = 32
"""Random bytes of a cookie: nobody can try them all."""


@dataclass(frozen=True)
class _Session:
    token: str
    until: int


class Sessions:
    """The sessions of one server. To be used from one thread."""

    def __init__(self) -> None:
        self._by_cookie: dict[str, _Session] = {}

    def begin(self, token: str, at: int, random: bytes) -> str:
        """Begin a session for `token`; what to put into the cookie."""
        assert len(random) == BYTES
        cookie = base64.urlsafe_b64encode(random).rstrip(b"=").decode()
        self._drop_old(at)
        self._by_cookie[cookie] = _Session(token, at + LENGTH_MS)
        return cookie

    def token(self, cookie: str, at: int) -> str | None:
        """The token for which `cookie` stands; None where it stands for none, or for none any more."""
        session = self._by_cookie.get(cookie)
        return session.token if session and at < session.until else None

    def end(self, cookie: str) -> None:
        """From now on the cookie stands for nothing."""
        self._by_cookie.pop(cookie, None)

    def _drop_old(self, at: int) -> None:
        """Make room: sessions stand in the order of their sign-in, and so of their end."""
        for cookie, session in list(self._by_cookie.items()):
            if session.until > at and len(self._by_cookie) < MOST:
                break
            del self._by_cookie[cookie]
