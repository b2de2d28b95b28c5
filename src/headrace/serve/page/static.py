"""The stylesheet, the script and the icon: files of their own, since the page runs and styles nothing else."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from headrace.report import colours

KINDS: Final = {"page.css": "text/css", "page.js": "text/javascript", "icon.svg": "image/svg+xml"}


@dataclass(frozen=True)
class File:
    """A file as it is sent; `mark` is a checksum, and part of its address, so that a browser may keep it for good."""

    kind: str
    content: bytes
    mark: str


@cache
def file(name: str) -> File | None:
    """The file of that name; None where there is none."""
    if name not in KINDS:
        return None
    content = (files("headrace.serve") / "static" / name).read_bytes()
    if name == "page.css":
        content = colours.css().encode() + content
    return File(KINDS[name], content, hashlib.sha256(content).hexdigest()[:16])


@cache
def addresses() -> dict[str, str]:
    """Name -> where it is."""
    found = {name: file(name) for name in KINDS}
    return {name: f"/static/{name}?v={known.mark}" for name, known in found.items() if known}
