"""What a browser is told about the page, and what a browser tells of who asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from headrace.report.words import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Mapping

POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "connect-src 'self'",
        "img-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""Nothing but this server's own files; no style and no script that stands in the page; nobody may frame it."""
SAFE: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
PRIVATE: Final = SAFE | {"Cache-Control": "no-store", "Vary": "Accept-Language, Cookie"}
KEPT: Final = SAFE | {"Cache-Control": "public, max-age=31536000, immutable"}
SAME: Final = "same-origin"


def is_own(headers: Mapping[str, str]) -> bool:
    """Whether a form was sent from this very page, and not by another site in the reader's name.

    Browsers say so themselves in Sec-Fetch-Site; older ones, and those that speak HTTP to another machine, name the
    page's origin instead. Who tells neither is no browser, and has the API.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == SAME
    try:
        origin = urlsplit(headers.get("origin", "")).netloc
    except ValueError:
        return False
    return bool(origin) and origin.lower() == headers.get("host", "").lower()


def language(asked: str | None, accepted: str) -> str:
    """en or zh: the one asked for by `?lang=`, or the one that the browser likes best (Accept-Language)."""
    if asked in LANGUAGES:
        return asked
    liked = (_liking(number, each) for number, each in enumerate(accepted.split(",")))
    known = sorted(like for like in liked if like[2] in LANGUAGES and like[0] < 0)
    return known[0][2] if known else LANGUAGES[0]


def _liking(number: int, text: str) -> tuple[float, int, str]:
    """(minus the weight, place in the list, language): the smallest is liked best."""
    tag, _, rest = text.strip().partition(";")
    weight = rest.strip().removeprefix("q=") or "1"
    try:
        return -float(weight), number, tag.split("-")[0].strip().lower()
    except ValueError:
        return 0.0, number, ""
