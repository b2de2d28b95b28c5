"""The page of a real server in a real browser: a job starts, and the page shows it without being asked again."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from headrace.live.store.nouns import Role

playwright = pytest.importorskip("playwright.sync_api", reason="needs Playwright")

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page
    from tests.serve.servers import Server

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SOON_MS = 240_000
"""A round may have to compile its loops first."""

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium on the PATH")


@pytest.fixture
def browser() -> Iterator[Page]:
    with playwright.sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = chromium.new_page(locale="en-GB")
        page.set_default_timeout(SOON_MS)
        yield page
        chromium.close()


def sign_in(page: Page, server: Server, token: str) -> None:
    page.goto(server.url)
    page.fill("#token", token)
    page.click(".sign-in button")
    page.wait_for_selector(".connected:visible")


def submit(server: Server, name: str, chips: int, nodes: int = 1) -> str:
    """A job of tenant b that sleeps; its number."""
    body = {"command": ["sleep", "600"], "tenant": "b", "name": name, "chips": chips, "nodes": nodes, "limit_ms": 10**6}
    with server.operator() as client:
        return str(client.post("/api/v1/jobs", json=body).json()["job"])


def cancel(server: Server, job: str) -> None:
    with server.operator() as client:
        client.post(f"/api/v1/jobs/{job}/cancel")


def test_a_job_that_starts_is_seen_to_start(server: Server, browser: Page) -> None:
    """All chips are taken and a job waits; they are given back, and the page shows that it holds some of them."""
    page = browser
    holder = submit(server, "holder", 4, 2)
    sign_in(page, server, server.home.token("op", Role.OPERATOR))
    page.wait_for_selector("#state:has-text('8 of 8')")
    waiting = submit(server, "<b>eager</b>", 3)
    page.wait_for_selector(f"#queue tr:has-text('{waiting} <b>eager</b>')")
    page.wait_for_selector("#queue tr:has-text('It asks for 3 chips. Where it may run 0 are free')")
    cancel(server, holder)
    page.wait_for_selector("#state:has-text('3 of 8')")
    page.wait_for_selector("#queue:has-text('Nothing waits.')")
    assert "b" in page.inner_text("#tenants")
    cancel(server, waiting)
    page.wait_for_selector("#state:has-text('0 of 8')")


def test_a_tenant_sees_its_own_jobs_alone(server: Server, browser: Page) -> None:
    """Another tenant's job is not on its page, in no section."""
    job = submit(server, "secret-of-b", 1)
    sign_in(browser, server, server.home.token("page-a", Role.TENANT, "a"))
    assert "You see the jobs of a alone." in browser.inner_text("header")
    assert "secret-of-b" not in browser.content()
    assert browser.locator("#tenants tbody tr").count() == 1
    cancel(server, job)
