"""Opens the page in a real browser without a network: every chart is drawn, nothing is complained of or asked for."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
import studies

from headrace.report import page

if TYPE_CHECKING:
    from pathlib import Path

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--virtual-time-budget=10000",
    "--enable-logging=stderr",
    "--dump-dom",
)
CHARTS = ("ledger", "curve", "waits")
BROWSERS_OWN = "not an origin"
"""Who asks, in Chromium's network log, where the browser itself does and no page."""

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium on the PATH")


@dataclass(frozen=True)
class Visit:
    """What a browser made of a page: the document after scripts ran, its complaints, and what the page asked for."""

    document: str
    complaints: list[str]
    requests: list[str]

    @property
    def drawn(self) -> set[str]:
        """The places that hold a drawing."""
        return set(re.findall(r'<div id="chart-([a-z-]+)"[^>]*class="js-plotly-plot"', self.document))


def visit(folder: Path, text: str, *flags: str) -> Visit:
    (folder / "page.html").write_text(text, encoding="utf-8")
    log = folder / "network.json"
    own = (f"--user-data-dir={folder / 'profile'}", f"--log-net-log={log}", *flags)
    address = (folder / "page.html").as_uri()
    ran = subprocess.run(
        [str(CHROMIUM), *FLAGS, *own, address], capture_output=True, text=True, check=True, timeout=300
    )
    complaints = [line for line in ran.stderr.splitlines() if ":CONSOLE" in line]
    return Visit(ran.stdout, complaints, requested(log))


def requested(log: Path) -> list[str]:
    """The addresses that the page asked for, the browser's own wishes left out."""
    asked = (event.get("params") or {} for event in json.loads(log.read_text("utf-8"))["events"])
    return [a["url"] for a in asked if "url" in a and a.get("initiator", BROWSERS_OWN) != BROWSERS_OWN]


def without_its_own_ban(text: str) -> str:
    """The page without the policy by which it forbids itself the network, so that a request would be seen."""
    return re.sub(r"<meta http-equiv[^>]*>\n", "", text)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_draws_every_chart_and_complains_of_nothing(tmp_path: Path, lang: str) -> None:
    seen = visit(tmp_path, page.render(studies.study(), lang))
    assert seen.drawn == {f"{chart}-{lang}" for chart in CHARTS}
    assert seen.complaints == []
    assert seen.requests == []


def test_the_page_would_ask_the_network_for_nothing_if_it_were_allowed_to(tmp_path: Path) -> None:
    seen = visit(tmp_path, without_its_own_ban(page.render(studies.study(), "both")))
    assert len(seen.drawn) == len(CHARTS)
    assert seen.complaints == []
    assert seen.requests == []


def test_a_reader_of_chinese_is_shown_the_chinese_half(tmp_path: Path) -> None:
    seen = visit(tmp_path, page.render(studies.study(), "both"), "--lang=zh-CN", "--accept-lang=zh-CN")
    assert seen.drawn == {f"{chart}-zh" for chart in CHARTS}
    assert '<html lang="zh-CN"' in seen.document


def test_hostile_names_run_nothing(tmp_path: Path) -> None:
    seen = visit(tmp_path, page.render(studies.hostile(), "en"))
    assert len(seen.drawn) == len(CHARTS)
    assert seen.complaints == []


def test_a_page_that_errs_or_asks_is_noticed(tmp_path: Path) -> None:
    seen = visit(tmp_path, '<!doctype html><img src="http://example.invalid/a.png"><script>nothing.there</script>')
    assert len(seen.complaints) == 1
    assert seen.requests == ["http://example.invalid/a.png"]
    assert seen.drawn == set()
