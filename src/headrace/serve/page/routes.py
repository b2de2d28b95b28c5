"""The page's addresses: itself, signing in and out, what changed since, and its files.

GET  /               the page, or the form to sign in            POST /sign-in, /sign-out
GET  /page/changes   sections as they change, as a stream        GET  /static/...
"""

from __future__ import annotations

import time
from secrets import token_bytes
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.concurrency import run_in_threadpool

from headrace.errors import HeadraceError
from headrace.report.names import short
from headrace.report.words import Words, load
from headrace.serve.page import render, static
from headrace.serve.page.changes import changes
from headrace.serve.page.headers import KEPT, PRIVATE, is_own, language
from headrace.serve.page.sessions import BYTES, LENGTH_MS, Sessions
from headrace.units import SECOND_MS

if TYPE_CHECKING:
    from collections.abc import Callable

    from headrace.serve.page.view import Source
    from headrace.serve.shapes import Me

COOKIE: Final = "headrace"
MOST_BYTES: Final = 4_096
"""Of a form: a token is far shorter."""
SAID: Final = 400
MS_NS: Final = 1_000_000
"""A millisecond in nanoseconds."""


def router(source: Source) -> APIRouter:
    """The page's routes over `source`."""
    return Pages(source).routes()


def wall_ms() -> int:
    """The time in ms."""
    return time.time_ns() // MS_NS


class Pages:
    """The page over `source`, which is asked in threads of their own: it may have to wait for a turn to end."""

    def __init__(self, source: Source, clock: Callable[[], int] = wall_ms) -> None:
        self._source, self._clock, self._sessions = source, clock, Sessions()

    def routes(self) -> APIRouter:
        """The routes, none of which is part of the API."""
        routes = APIRouter(include_in_schema=False)
        routes.add_api_route("/", self.page, methods=["GET"])
        routes.add_api_route("/sign-in", self.sign_in, methods=["POST"])
        routes.add_api_route("/sign-out", self.sign_out, methods=["POST"])
        routes.add_api_route(render.CHANGES, self.changes, methods=["GET"])
        routes.add_api_route("/static/{name}", self.file, methods=["GET"])
        return routes

    async def page(self, request: Request) -> Response:
        """The page; the form to sign in for who has not."""
        words = _words(request)
        try:
            me = await self._reader(request)
            if me is None:
                return _html(render.sign_in(words))
            return _html(await run_in_threadpool(self._page, me, words))
        except HeadraceError as error:
            return _html(render.trouble(words, short(str(error), SAID)), 503)

    async def sign_in(self, request: Request) -> Response:
        """Take the token in the form for a session, if it is one."""
        words = _words(request)
        if not is_own(request.headers):
            return _html(render.sign_in(words, words("page_live.sign_in_foreign")), 403)
        token = await _token_in(request)
        try:
            if not token or await run_in_threadpool(self._source.who, token) is None:
                return _html(render.sign_in(words, words("page_live.sign_in_wrong")), 401)
        except HeadraceError as error:
            return _html(render.trouble(words, short(str(error), SAID)), 503)
        cookie = self._sessions.begin(token, self._clock(), token_bytes(BYTES))
        return _with_cookie(request, words, cookie, LENGTH_MS // SECOND_MS)

    async def sign_out(self, request: Request) -> Response:
        """End the session."""
        words = _words(request)
        if not is_own(request.headers):
            return _html(render.sign_in(words, words("page_live.sign_in_foreign")), 403)
        self._sessions.end(request.cookies.get(COOKIE, ""))
        return _with_cookie(request, words, "", 0)

    async def changes(self, request: Request) -> Response:
        """The sections as they change."""
        if await self._reader(request) is None:
            return Response(status_code=401, headers=PRIVATE)
        seen = request.query_params.getlist("seen")
        lines = changes(self._source, lambda: self._reader(request), _words(request), seen)
        return StreamingResponse(lines, media_type="text/event-stream", headers=PRIVATE | {"X-Accel-Buffering": "no"})

    async def file(self, name: str) -> Response:
        """A file of the page, which a browser keeps."""
        found = static.file(name)
        if found is None:
            return Response(status_code=404, headers=PRIVATE)
        return Response(found.content, media_type=found.kind, headers=KEPT)

    async def _reader(self, request: Request) -> Me | None:
        token = self._sessions.token(request.cookies.get(COOKIE, ""), self._clock())
        return await run_in_threadpool(self._source.who, token) if token else None

    def _page(self, me: Me, words: Words) -> str:
        return render.page(self._source.view(me, words), words)


def _words(request: Request) -> Words:
    return load(language(request.query_params.get("lang"), request.headers.get("accept-language", "")))


def _html(text: str, status: int = 200) -> Response:
    return HTMLResponse(text, status_code=status, headers=PRIVATE)


def _with_cookie(request: Request, words: Words, cookie: str, seconds: int) -> Response:
    """To the page, with a cookie that no script reads and no other site sends."""
    answer = RedirectResponse(f"/?lang={words.lang}", status_code=303, headers=PRIVATE)
    secure = request.url.scheme == "https"
    answer.set_cookie(COOKIE, cookie, max_age=seconds, httponly=True, samesite="strict", secure=secure)
    return answer


async def _token_in(request: Request) -> str:
    """The token in the form; empty where there is none, or where the form is far too long to hold one."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BYTES:
            return ""
    return parse_qs(body.decode("utf-8", "replace")).get("token", [""])[0].strip()
