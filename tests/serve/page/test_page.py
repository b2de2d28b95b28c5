"""The page as HTML: what it shows, in both languages, and that nothing a user typed becomes a part of it."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from tests.remembering import Remembering
from tests.serve.page import views

from headrace.report import colours
from headrace.report.words import LANGUAGES, Words, load, messages
from headrace.serve.page import render, static
from headrace.serve.page.bar import LENGTH, pieces
from headrace.serve.page.view import FIRST
from headrace.serve.shapes import Nodes, Rounds, Tenant, Tenants


class Tags(HTMLParser):
    """The tags of a page and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def of(self, name: str) -> list[dict[str, str | None]]:
        """The attributes of each element of that name."""
        return [attributes for tag, attributes in self.tags if tag == name]


def page(view: object = None, lang: str = "en") -> str:
    """The page of a view."""
    return render.page(view or views.view(), load(lang))  # type: ignore[arg-type]


def test_the_page_shows_each_part() -> None:
    """Chips by state, a reason with its numbers, a quota, a node's reason, rounds, lease and mode."""
    text = " ".join(Tags(page()).text.split())
    for said in (
        "Running 190 79.2%",
        "It asks for 32 chips. Where it may run 23 are free: 9 are missing.",
        "56 of 64",
        "not responding since 07:41",
        "07:59:57 7 ms 38",
        "Live, on the engine “slurm” · Lease renewed 3 s ago",
        "Signed in as lin",
    ):
        assert said in text


def test_shadow_mode_and_trouble_are_said_first() -> None:
    """Nobody mistakes a fleet that is only watched, or a loop that stands, for one that is served."""
    wrong = replace(views.view(), health=views.health(shadow=True, ok=False, said="the store is full"), lease_ms=None)
    text = Tags(page(wrong)).text
    assert "Something is wrong: the store is full" in text
    assert "starts and stops nothing" in text
    assert "Nobody holds the lease" in text
    assert text.index("Something is wrong") < text.index("Chips held")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_hostile_names_stay_text(lang: str) -> None:
    """A name that holds tags, a template or control characters adds no element, no attribute and no script."""
    nasty = Tags(page(views.hostile(), lang))
    assert [attributes.get("src") for attributes in nasty.of("script")] == [static.addresses()["page.js"]]
    assert nasty.of("img") == []
    assert not any(name.startswith("on") for _, attributes in nasty.tags for name in attributes)
    assert "<script>nothing.there</script>" in nasty.text
    assert "{{7*7}}" in nasty.text
    assert not {"\u202e", "\x1b"} & set(nasty.text)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("view", [views.view(), views.hostile()])
def test_nothing_stands_in_the_page_that_its_policy_forbids(view: object, lang: str) -> None:
    """No style and no script in an element, and no address of anybody else."""
    shown = Tags(page(view, lang))
    assert shown.of("style") == []
    for _, attributes in shown.tags:
        assert "style" not in attributes
        assert all(
            (attributes.get(name) or "/").startswith(("/", "#")) for name in ("href", "src", "action", "data-changes")
        )


def test_a_long_queue_is_shown_in_part_and_the_rest_counted() -> None:
    """The page of a fleet in which ten thousand jobs wait is as long as that of one in which fifty do."""
    text = Tags(page(views.view(FIRST, 10_000))).text
    assert "The first 50 are shown; 9,950 more wait." in text
    assert len(page(views.view(FIRST, 10_000))) < 200_000


def test_many_nodes_and_tenants_are_shown_in_part() -> None:
    """A thousand nodes and as many tenants do not make a page of a megabyte."""
    crowd = [Tenant(name=f"t{i}", weight=1, quota=None, held_milli={}, waiting=0, running=0) for i in range(1_000)]
    some = [views.node(i, "H20", up=i % 2 == 0) for i in range(1_000)]
    whole = page(replace(views.view(), nodes=Nodes(items=some), tenants=Tenants(items=crowd)))
    assert whole.count("And 450 more.") == 2
    assert "And 950 more." in whole
    assert len(whole) < 300_000


def test_an_empty_fleet_has_a_page() -> None:
    """Before the first node, job and round there is something to read, and nothing is divided by zero."""
    empty = replace(
        views.view(0, 0),
        ledger=views.ledger().model_copy(update={"now": [], "since_ms": None, "classes": None}),
        nodes=Nodes(items=[]),
        tenants=Tenants(items=[]),
        rounds=Rounds(items=[], next=None),
    )
    text = Tags(page(empty)).text
    assert "Nothing waits." in text
    assert "No round has been played yet." in text


def test_a_tenant_is_told_that_it_sees_itself_alone() -> None:
    """Who sees few jobs knows why."""
    own = replace(views.view(), me=views.me(role="tenant", tenant="search"))
    assert "You see the jobs of search alone." in page(own)


def test_a_part_has_another_mark_only_when_it_changed() -> None:
    """Parts are compared by their marks: only the queue's is another when only the queue is."""
    before, after = views.view(10, 38), views.view(9, 37)
    words = load("en")
    changed = {
        part.name
        for part, then in zip(render.parts(after, words), render.parts(before, words), strict=True)
        if part.mark != then.mark
    }
    assert changed == {"state", "queue"}
    assert render.parts(before, words) == render.parts(before, words)


def test_a_page_has_landmarks_headings_and_headed_tables() -> None:
    """Who hears the page finds its way: one main, named sections, a scope for each header, a name for each field."""
    shown = Tags(page())
    titles = {attributes.get("id") for attributes in shown.of("h2")}
    assert len(shown.of("main")) == len(shown.of("h1")) == 1
    assert {section["aria-labelledby"] for section in shown.of("section")} == titles
    assert all(header.get("scope") in ("row", "col") for header in shown.of("th"))
    assert all(drawing.get("aria-hidden") == "true" for drawing in shown.of("svg"))
    assert shown.of("html") == [{"lang": "en"}]
    form = Tags(render.sign_in(load("zh")))
    assert form.of("html") == [{"lang": "zh-CN"}]
    assert form.of("label") == [{"for": form.of("input")[0]["id"]}]


def test_pieces_of_a_bar_touch_and_end_where_the_bar_ends() -> None:
    """Thirds of an odd whole leave no gap and no overlap."""
    drawn = pieces([("a", 1), ("b", 0), ("c", 1), ("d", 1)], 3)
    assert [piece.mark for piece in drawn] == ["a", "c", "d"]
    assert [piece.begin for piece in drawn] == [0, *(piece.begin + piece.length for piece in drawn[:-1])]
    assert drawn[-1].begin + drawn[-1].length == LENGTH
    assert pieces([("a", 0)], 0) == ()


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb` (WCAG 2.2)."""
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, 1 to 21 (WCAG 2.2)."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("dark", [0, 1])
@pytest.mark.parametrize(
    ("text", "behind"), [("ink", "paper"), ("ink", "wash"), ("quiet", "paper"), ("quiet", "wash"), ("ink", "grid")]
)
def test_text_stands_out_from_what_is_behind_it(text: str, behind: str, dark: int) -> None:
    """AA: 4.5 to 1 for text, in the light and in the dark."""
    pairs = colours.pairs()
    assert contrast(pairs[text][dark], pairs[behind][dark]) >= 4.5


@pytest.mark.parametrize("dark", [0, 1])
@pytest.mark.parametrize("mark", ["quiet", "order", "ink"])
def test_what_has_to_be_seen_stands_out_from_the_paper(mark: str, dark: int) -> None:
    """AA: 3 to 1 for the edges of marks and fields, for focus, and for what a tenant holds."""
    pairs = colours.pairs()
    assert contrast(pairs[mark][dark], pairs["paper"][dark]) >= 3


def test_every_word_of_the_page_is_shown_somewhere() -> None:
    """No message is kept that nobody sees."""
    known = Remembering(messages("en"))
    words = Words("en", known)
    busy = replace(views.view(FIRST, 99), me=views.me(role="tenant", tenant="search"))
    crowd = [Tenant(name=f"t{i}", weight=1, quota=None, held_milli={}, waiting=0, running=0) for i in range(60)]
    up = Nodes(items=[views.node(i, "H20", reason="") for i in range(60)])
    for view in (
        busy,
        views.hostile(),
        views.view(0, 0),
        replace(busy, nodes=up, tenants=Tenants(items=crowd), lease_ms=None, rounds=Rounds(items=[], next=None)),
        replace(busy, tenants=Tenants(items=[]), health=views.health(ok=False, shadow=True)),
        replace(busy, nodes=Nodes(items=[views.node(1, "H20", up=False)]), now_ms=views.NOW + 10**9),
    ):
        render.page(view, words)
    render.sign_in(words)
    asked = known.asked | {f"page_live.{name}" for name in ("sign_in_wrong", "sign_in_foreign")}
    assert {key for key in known if key.startswith("page_live.")} - asked == set()


def test_the_style_sheet_names_no_other_place() -> None:
    """It loads nothing: no import, no address."""
    found = static.file("page.css")
    assert found is not None
    assert not re.search(rb"@import|url\(", found.content)
