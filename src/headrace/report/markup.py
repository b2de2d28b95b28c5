"""HTML, built from elements that escape whatever is not HTML already: there is no other way to put text on the page."""

from __future__ import annotations

import html
import json
import re
from typing import Any, Final

CODE: Final = re.compile(r"`([^`]*)`")
VOID: Final = frozenset({"input", "meta", "br"})


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


def element(name: str, /, *children: str, **attributes: str) -> Html:
    """`<name attributes>children</name>`; in an attribute's name `_` stands for `-`, and one at its end for nothing."""
    written = "".join(f' {key.rstrip("_").replace("_", "-")}="{html.escape(v)}"' for key, v in attributes.items())
    start = f"<{name}{written}>"
    return Html(start) if name in VOID else Html(f"{start}{joined(*children)}</{name}>")


def joined(*children: str) -> Html:
    """The children one after the other, each escaped unless it is HTML."""
    return Html("".join(child if isinstance(child, Html) else html.escape(child, quote=False) for child in children))


def with_code(text: str) -> Html:
    """A message of Headrace's own in which `backticks` mark code. Never for text that holds a user's."""
    return Html(CODE.sub(r"<code>\1</code>", html.escape(text, quote=False)))


def data(value: Any, **attributes: str) -> Html:
    """`value` as JSON in a script element that runs nothing, and that no text inside can close."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
    return element("script", Html(text), type="application/json", **attributes)
