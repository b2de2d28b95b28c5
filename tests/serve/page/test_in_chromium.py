"""The page in a real browser: without scripts, kept up to date with them, on a phone, in the dark, in two languages."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest
from tests.serve.page import views
from tests.serve.page.served import TOKEN, Shown, served

playwright = pytest.importorskip("playwright.sync_api", reason="needs Playwright")

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PHONE = {"width": 360, "height": 740}
LOST_MS = 30_000

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium on the PATH")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def source() -> Shown:
    return Shown(views.view())


@pytest.fixture
def url(source: Shown) -> Iterator[str]:
    with served(source) as address:
        yield address


def visit(chromium: Browser, url: str, lang: str = "en", **how: Any) -> Page:
    """The page, signed in to; what the browser complains of is in `page.complaints`."""
    page = chromium.new_context(**how).new_page()
    page.complaints = []  # type: ignore[attr-defined]
    page.on("console", lambda said: page.complaints.append(said.text))  # type: ignore[attr-defined]
    page.on("pageerror", lambda error: page.complaints.append(str(error)))  # type: ignore[attr-defined]
    page.goto(f"{url}/?lang={lang}")
    page.fill("#token", TOKEN)
    page.click(".sign-in button")
    page.wait_for_selector("#rounds")
    return page


def test_without_scripts_the_whole_page_is_there_and_reloads_itself(chromium: Browser, url: str) -> None:
    """Signing in, every section, the link to reload and the reload by itself need no script."""
    page = visit(chromium, url, java_script_enabled=False)
    assert page.locator("main section").count() == 6
    assert "9 are missing" in page.inner_text("#queue")
    assert "every 30 seconds" in page.inner_text("main")
    assert page.locator(".connected").is_hidden()
    page.click("main a >> nth=0")
    assert "Signed in as lin" in page.inner_text("header")
    page.click("header form button")
    assert page.locator("#token").count() == 1


def test_with_scripts_what_changed_is_replaced_and_nothing_else(chromium: Browser, url: str, source: Shown) -> None:
    """A job starts: the queue and the figures are others, and the elements of the rest are the very same ones."""
    page = visit(chromium, url)
    page.wait_for_selector(".connected:visible")
    page.evaluate("document.querySelector('#tenants table').ours = true; window.ours = true")
    page.click("summary")
    source.show(views.view(9, 37))
    page.wait_for_selector("#queue:has-text('37')")
    assert page.locator("#queue tbody tr").count() == 9
    assert "37" in page.inner_text("#state")
    assert page.evaluate("document.querySelector('#tenants table').ours && window.ours")
    assert page.locator("#nodes-up").get_attribute("open") is not None
    assert page.complaints == []  # type: ignore[attr-defined]


def test_what_the_reader_unfolded_and_focused_stays_so(chromium: Browser, url: str, source: Shown) -> None:
    """A section that is replaced keeps its fold open and the focus where it was."""
    page = visit(chromium, url)
    page.wait_for_selector(".connected:visible")
    page.click("summary")
    page.focus("summary")
    changed = views.view()
    nodes = changed.nodes.model_copy(update={"items": changed.nodes.items[1:]})
    source.show(type(changed)(**(vars(changed) | {"nodes": nodes})))
    page.wait_for_selector("#nodes:has-text('21 of 23')")
    assert page.locator("#nodes-up").get_attribute("open") is not None
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_a_reader_whose_token_was_revoked_is_asked_to_sign_in(chromium: Browser, url: str, source: Shown) -> None:
    """The stream ends, and the page says what to do rather than show what is old."""
    page = visit(chromium, url)
    page.wait_for_selector(".connected:visible")
    source.token = "another"
    source.show(views.view(9, 37))
    page.wait_for_selector("#token", timeout=LOST_MS)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("hostile", [False, True])
def test_a_phone_shows_the_page_without_scrolling_sideways(
    chromium: Browser, url: str, source: Shown, lang: str, hostile: bool
) -> None:
    """At 360 pixels nothing sticks out, however long a name is; and every cell of the queue can be read."""
    source.show(views.hostile() if hostile else views.view())
    page = visit(chromium, url, lang, viewport=PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    boxes = page.locator("#queue tbody :is(td, th)").evaluate_all("all => all.map(one => one.getBoundingClientRect())")
    assert all(box["width"] > 0 and box["right"] <= PHONE["width"] for box in boxes)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_light_or_dark_as_the_reader_likes(chromium: Browser, url: str, scheme: str) -> None:
    """Paper and ink change places."""
    page = visit(chromium, url, color_scheme=scheme)
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 24, 30)"}[scheme]


def test_a_reader_of_chinese_is_shown_chinese_and_may_choose(chromium: Browser, url: str) -> None:
    """The browser's language at first; the other one by a link, which stays."""
    page = chromium.new_context(locale="zh-CN").new_page()
    page.goto(url)
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    page.fill("#token", TOKEN)
    page.click(".sign-in button")
    assert "队列" in page.inner_text("#queue h2")
    page.click("text=English")
    assert page.inner_text("#queue h2") == "Queue"


def test_hostile_names_run_nothing_and_the_policy_is_never_broken(chromium: Browser, url: str, source: Shown) -> None:
    """No complaint, which a script that ran, an image that was asked for or a broken policy would be."""
    source.show(views.hostile())
    page = visit(chromium, url)
    page.wait_for_selector(".connected:visible")
    source.show(views.view())
    source.show(views.hostile())
    page.wait_for_timeout(1_500)
    assert page.complaints == []  # type: ignore[attr-defined]
    assert page.locator("main script, main img").count() == 0


def test_the_keyboard_reaches_everything_that_can_be_done(chromium: Browser, url: str) -> None:
    """Tab goes to the link past the head, languages, button, reload, fold and the frame that scrolls."""
    page = visit(chromium, url)
    reached = []
    for _ in range(9):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.className || document.activeElement.tagName"))
    assert reached[0] == "skip"
    assert {"A", "BUTTON", "SUMMARY", "frame"} <= set(reached)
