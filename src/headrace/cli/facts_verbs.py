"""The verbs about facts: what chips are, what they cost, what may be had, and what is known and said of them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from headrace.cli.help import PLAIN, Verbs

Lang = Annotated[str | None, typer.Option(help="en, zh or both. By the environment's language if not given.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Names = Annotated[list[str] | None, typer.Argument(help="Chips, by any of their names; all in a list if none.")]
Documents = Annotated[list[Path], typer.Argument(help=".txt, .md or .html files, in UTF-8 or GB 18030.")]

catalog = typer.Typer(help="The facts that Headrace ships.", cls=Verbs, **PLAIN)
library = typer.Typer(help="Your own documents, which search looks through too.", cls=Verbs, **PLAIN)


def add_to(app: typer.Typer) -> None:
    """Make these verbs part of `app`."""
    for verb in (chips, search, brief, check):
        app.command()(verb)
    app.add_typer(catalog, name="catalog")
    app.add_typer(library, name="library")


def chips(
    names: Names = None,
    compare: Annotated[bool, typer.Option("--compare", help="Set the chips named side by side.")] = False,
    on: Annotated[str, typer.Option(help="May it be had on that day? Such as 2025-04-20.")] = "",
    since: Annotated[int | None, typer.Option(help="What has changed since that year.")] = None,
    destination: Annotated[str | None, typer.Option("--for", help="Where it would go: CN, HK or MO. CN.")] = None,
    sources: Annotated[bool, typer.Option("--sources", help="Number each figure and name the rows behind it.")] = False,
    json: Json = False,
    lang: Lang = None,
) -> None:
    """What can a chip do, what does it cost, may it be had on that day? Every figure with its source."""
    if on or since is not None or destination is not None:
        from headrace.cli.chip_status import run as of_the_day

        of_the_day(names or [], on, since, destination or "CN", json, lang)
        return
    from headrace.cli.chips import run

    run(names or [], compare, json, sources, lang)


def search(
    query: Annotated[list[str], typer.Argument(help="What to look for, in English or Chinese.")],
    most: Annotated[int, typer.Option("--most", min=1, max=60, help="How many hits at most.")] = 10,
    json: Json = False,
    lang: Lang = None,
) -> None:
    """What is known about this? Statements, facts, rules and your own documents, with date, verdict and source."""
    from headrace.cli.search import run

    run(" ".join(query), most, json, lang)


def brief(
    topic: Annotated[list[str], typer.Argument(help="A topic, such as H20 or idle-centres.")],
    form: Annotated[str, typer.Option(help="A: groups of sentences; B: summary and comment in both languages.")] = "A",
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write it to this file.")] = None,
    at: Annotated[str | None, typer.Option("--at", help="The time that it bears; now if not given.")] = None,
    lang: Lang = None,
) -> None:
    """A topic written up from the catalogue, every sentence with its source, date and verdict."""
    from headrace.cli.brief import run

    run(" ".join(topic), form, out, at, lang)


def check(
    file: Annotated[Path, typer.Argument(help="A .txt, .md or .html file.")], json: Json = False, lang: Lang = None
) -> None:
    """Which claims of this text are confirmed, contradicted or open? Exit code 1 if any is contradicted."""
    from headrace.cli.check_text import run

    run(file, json, lang)


@catalog.command("check")
def check_catalog(json: Json = False, lang: Lang = None) -> None:
    """Does every row of the catalogue hold? Sources, units, ranges, ratios, prices; and where sources differ."""
    from headrace.cli.catalog import check

    check(json, lang)


@library.command("add")
def add_documents(files: Documents, lang: Lang = None) -> None:
    """Keep these documents, so that search looks through them too."""
    from headrace.cli.documents import add

    add(files, lang)


@library.command("remove")
def remove_documents(
    files: Annotated[list[Path], typer.Argument(help="Documents, by the names that `list` prints.")], lang: Lang = None
) -> None:
    """Forget these documents."""
    from headrace.cli.documents import remove

    remove(files, lang)


@library.command("list")
def list_documents(lang: Lang = None) -> None:
    """The documents that are kept."""
    from headrace.cli.documents import show

    show(lang)
