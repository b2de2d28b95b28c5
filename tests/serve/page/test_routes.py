"""The page's addresses: who may come in and how, what a browser is told, and what changed since."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx
import pytest
from tests.serve.page import views
from tests.serve.page.served import TOKEN, Shown, served

from headrace.serve.page.headers import POLICY, is_own, language
from headrace.serve.page.sessions import BYTES, LENGTH_MS, MOST, Sessions

if TYPE_CHECKING:
    from collections.abc import Iterator

OWN = {"Sec-Fetch-Site": "same-origin"}
MADE = bytes(range(BYTES))


@pytest.fixture
def source() -> Shown:
    return Shown(views.view())


@pytest.fixture
def browser(source: Shown) -> Iterator[httpx.Client]:
    """A browser that keeps cookies, at a server."""
    with served(source) as url, httpx.Client(base_url=url, headers=OWN, trust_env=False) as client:
        yield client


def sign_in(browser: httpx.Client, token: str = TOKEN, **headers: str) -> httpx.Response:
    return browser.post("/sign-in?lang=en", data={"token": token}, headers=headers or OWN)


def test_who_has_not_signed_in_sees_a_form_and_nothing_of_the_fleet(browser: httpx.Client) -> None:
    """No job, no tenant and no figure without a token."""
    answer = browser.get("/")
    assert answer.status_code == 200
    assert 'name="token"' in answer.text
    assert "search" not in answer.text
    assert browser.get("/page/changes").status_code == 401


def test_a_token_is_taken_for_a_cookie_that_does_not_hold_it(browser: httpx.Client) -> None:
    """The cookie is read by no script and sent by no other site, and tells nothing of the token."""
    answer = sign_in(browser)
    cookie = answer.headers["set-cookie"].lower()
    assert answer.status_code == 303
    assert answer.headers["location"] == "/?lang=en"
    assert {"httponly", "samesite=strict", "path=/"} <= {part.strip() for part in cookie.split(";")}
    assert TOKEN not in cookie
    assert "Signed in as lin" in browser.get("/").text


@pytest.mark.parametrize("token", ["", " ", "wrong", TOKEN + "x", "x" * 10_000, "令牌"])
def test_what_is_no_token_is_refused(browser: httpx.Client, token: str) -> None:
    """Nothing, nonsense and far too much end at the form again, without a cookie."""
    answer = sign_in(browser, token)
    assert answer.status_code == 401
    assert "There is no such token" in answer.text
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "", "Origin": "https://evil.example"},
    ],
)
@pytest.mark.parametrize("path", ["/sign-in", "/sign-out"])
def test_another_site_signs_nobody_in_or_out(browser: httpx.Client, path: str, headers: dict[str, str]) -> None:
    """A form that was sent from elsewhere is refused, with a token that is right."""
    answer = browser.post(path, data={"token": TOKEN}, headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("headers", "own"),
    [
        ({"origin": "http://127.0.0.1:8470", "host": "127.0.0.1:8470"}, True),
        ({"origin": "http://127.0.0.1:8471", "host": "127.0.0.1:8470"}, False),
        ({"origin": "null", "host": "127.0.0.1:8470"}, False),
        ({"origin": "http://[::1", "host": "[::1"}, False),
        ({"host": "127.0.0.1:8470"}, False),
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "cross-site", "origin": "http://a", "host": "a"}, False),
    ],
)
def test_a_form_is_ones_own_by_what_the_browser_says_of_it(headers: dict[str, str], own: bool) -> None:
    """Sec-Fetch-Site decides where it is sent; else the origin is the host; who tells neither is refused."""
    assert is_own(headers) is own


def test_signing_out_ends_the_session_itself(browser: httpx.Client) -> None:
    """A cookie that was kept somewhere is worth nothing afterwards."""
    sign_in(browser)
    kept = browser.cookies["headrace"]
    assert browser.post("/sign-out", headers=OWN).status_code == 303
    assert 'name="token"' in browser.get("/", headers={"Cookie": f"headrace={kept}"}).text


def test_a_revoked_token_ends_its_session(browser: httpx.Client, source: Shown) -> None:
    """The token is looked up for each page."""
    sign_in(browser)
    source.token = "another"
    assert 'name="token"' in browser.get("/").text


def test_every_answer_forbids_what_the_page_does_not_need(browser: httpx.Client) -> None:
    """The policy, no framing, no guessing of types; pages are kept nowhere, files for good."""
    sign_in(browser)
    page = browser.get("/")
    assert page.headers["content-security-policy"] == POLICY
    assert "unsafe" not in POLICY
    assert page.headers["x-frame-options"] == "DENY"
    assert page.headers["cache-control"] == "no-store"
    style = browser.get("/static/page.css")
    assert style.headers["content-type"].startswith("text/css")
    assert "immutable" in style.headers["cache-control"]
    assert browser.get("/static/..%2Fshapes.py").status_code == 404


def test_a_fleet_that_cannot_be_read_has_a_page_that_says_so(browser: httpx.Client, source: Shown) -> None:
    """A locked store is a sentence and 503, not a traceback."""
    sign_in(browser)
    source.broken = "the store <b>is</b> locked"
    answer = browser.get("/?lang=en")
    assert answer.status_code == 503
    assert "Something is wrong: the store &lt;b&gt;is&lt;/b&gt; locked" in answer.text


@pytest.mark.parametrize(
    ("asked", "accepted", "lang"),
    [
        (None, "zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        (None, "fr,en;q=0.5,zh;q=0.7", "zh"),
        (None, "zh;q=0,en;q=0.1", "en"),
        (None, "", "en"),
        (None, "fr;q=x,*", "en"),
        ("zh", "en", "zh"),
        ("fr", "zh", "zh"),
    ],
)
def test_the_language_is_the_one_asked_for_or_liked_best(asked: str | None, accepted: str, lang: str) -> None:
    """`?lang=` goes before the browser's own list, by weight."""
    assert language(asked, accepted) == lang


def events(browser: httpx.Client, seen: list[str], most: int) -> list[dict[str, str]]:
    """The first `most` sections that the stream sends."""
    found: list[dict[str, str]] = []
    with browser.stream("GET", "/page/changes", params={"lang": "en", "seen": seen}, timeout=20) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        for line in answer.iter_lines():
            found += [json.loads(line.removeprefix("data: "))] if line.startswith("data: ") else []
            if len(found) == most:
                break
    return found


def test_the_stream_sends_what_the_reader_has_not_seen(browser: httpx.Client) -> None:
    """All six sections to who has none; of those whose mark is known only the others."""
    sign_in(browser)
    every = events(browser, [], 6)
    assert [part["name"] for part in every] == ["state", "chips", "queue", "tenants", "nodes", "rounds"]
    seen = [f"{part['name']}.{part['mark']}" for part in every if part["name"] != "queue"]
    assert [part["name"] for part in events(browser, seen, 1)] == ["queue"]


def test_a_session_ends_after_its_time_and_the_oldest_of_too_many() -> None:
    """Sessions are bounded in time and in number."""
    sessions = Sessions()
    first = sessions.begin("a", 0, MADE)
    assert sessions.token(first, LENGTH_MS - 1) == "a"
    assert sessions.token(first, LENGTH_MS) is None
    for i in range(MOST):
        sessions.begin("b", 1, i.to_bytes(BYTES, "big"))
    assert sessions.token(first, 2) is None
    assert sessions.token("", 2) is None
