"""A view as HTML: the whole page, or its parts one by one, each with a mark that changes when it does.

Every text goes through Jinja2's escaping; what is HTML already is made here and in the templates, and nowhere else.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from headrace import __version__
from headrace.report.markup import with_code
from headrace.report.names import short
from headrace.report.quantities import duration
from headrace.report.words import LANGUAGES, TAGS, Words, load
from headrace.serve.page import chips, nodes, queue, rounds, state, tenants
from headrace.serve.page.sessions import LENGTH_MS
from headrace.serve.page.static import addresses

if TYPE_CHECKING:
    from collections.abc import Callable

    from headrace.serve.page.view import View

CHANGES: Final = "/page/changes"
RELOAD_S: Final = 30
"""Between two reloads where there is no JavaScript."""
NAME: Final = 60
MOST_MADE: Final = 256
_MADE: Final[dict[tuple[int, str], tuple[Part, ...]]] = {}
"""Sections by their view's stamp and their language."""
PARTS: Final[dict[str, Callable[[View, Words], object]]] = {
    "state": state.part,
    "chips": lambda view, words: chips.part(view.ledger, words),
    "queue": queue.part,
    "tenants": lambda view, words: tenants.part(view.tenants, view.ledger, words),
    "nodes": lambda view, words: nodes.part(view.nodes, words),
    "rounds": lambda view, words: rounds.part(view.rounds, words),
}
"""In the order of the page; each has a template of its name."""


@dataclass(frozen=True)
class Part:
    """A section of the page; `mark` is a checksum of it."""

    name: str
    mark: str
    html: Markup


def parts(view: View, words: Words) -> tuple[Part, ...]:
    """The page's sections, which are the same for views of one stamp."""
    made = _MADE.get((view.stamp, words.lang)) if view.stamp else None
    if made is None:
        made = tuple(_part(name, make(view, words), words) for name, make in PARTS.items())
        if len(_MADE) >= MOST_MADE:
            _MADE.clear()
        _MADE[view.stamp, words.lang] = made
    return made


def page(view: View, words: Words) -> str:
    """The whole page."""
    own = view.me.role == "tenant"
    return _render(
        "page.html",
        words,
        parts=parts(view, words),
        name=short(view.me.name, NAME),
        only_own=words("page_live.only_own", tenant=short(view.me.tenant or "", NAME)) if own else "",
        seconds=RELOAD_S,
        changes=f"{CHANGES}?lang={words.lang}",
    )


def sign_in(words: Words, wrong: str = "") -> str:
    """The form in which a token is pasted; `wrong` says what was wrong with the last one."""
    note = words("page_live.sign_in_note", span=duration(LENGTH_MS, words))
    return _render("sign_in.html", words, wrong=wrong, note=note)


def trouble(words: Words, said: str) -> str:
    """A page that says why there is none."""
    return _render("trouble.html", words, said=said, seconds=RELOAD_S)


def _part(name: str, shown: object, words: Words) -> Part:
    html = _render(f"parts/{name}.html", words, part=shown)
    return Part(name, hashlib.sha256(html.encode()).hexdigest()[:16], Markup(html))


def _render(template: str, words: Words, **values: Any) -> str:
    known = {"words": words, "tag": TAGS[words.lang], "version": __version__, "static": addresses()}
    return _environment().get_template(template).render(languages=_languages(), **known, **values)


def _languages() -> list[dict[str, str]]:
    return [{"lang": lang, "tag": TAGS[lang], "name": load(lang)("language")} for lang in LANGUAGES]


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("headrace.serve"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["code"] = lambda text: Markup(with_code(text))
    return environment
