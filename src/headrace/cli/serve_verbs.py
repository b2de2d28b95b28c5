"""The verbs of a server: serve, plan, shadow, token and audit. A verb's own file is imported when the verb is used."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from headrace.cli.facts_verbs import Json, Lang  # noqa: TC001 - read when a verb is made
from headrace.cli.help import PLAIN, Verbs

Config = Annotated[
    Path | None, typer.Option("--config", "-c", help="headrace.toml; ./headrace.toml if there is one, else defaults.")
]

token = typer.Typer(help="Who may ask the server.", cls=Verbs, **PLAIN)
audit = typer.Typer(help="Who did what.", cls=Verbs, **PLAIN)


def add_to(app: typer.Typer) -> None:
    """Make these verbs part of `app`."""
    app.command()(serve)
    app.command()(plan)
    app.command()(shadow)
    app.add_typer(token, name="token")
    app.add_typer(audit, name="audit")


def serve(
    config: Config = None,
    shadow: Annotated[bool, typer.Option("--shadow", help="Look and propose; never act.")] = False,
    behind_proxy: Annotated[
        bool, typer.Option("--behind-proxy", help="A proxy in front has TLS, and says where requests come from.")
    ] = False,
    listen: Annotated[str | None, typer.Option(help="HOST:PORT; 127.0.0.1:8470 unless the settings say else.")] = None,
    lang: Lang = None,
) -> None:
    """Keep a shared fleet busy, and answer for it over HTTP. Ctrl-C ends it; what runs, runs on."""
    from headrace.cli.serve import run

    run(config, shadow, behind_proxy, listen, lang)


def plan(config: Config = None, json: Json = False, lang: Lang = None) -> None:
    """What would the next round do, and why would the others wait? Nothing is done."""
    from headrace.cli.plan import run

    run(config, json, lang)


def shadow(
    begin: Annotated[
        str | None, typer.Option("--from", help="From then on, such as 2026-01-31; since it was watched if not given.")
    ] = None,
    end: Annotated[str | None, typer.Option("--to", help="Until then; as long as it was watched if not given.")] = None,
    zone: Annotated[
        str | None, typer.Option("--tz", help="Zone of --from and --to where these state none; UTC.")
    ] = None,
    policy: Annotated[
        str | None, typer.Option("--policy", "-p", help="Gain under this policy; that of the settings if not given.")
    ] = None,
    config: Config = None,
    json: Json = False,
    lang: Lang = None,
) -> None:
    """What did shadow mode propose, what did the engine do, and what would have been gained?"""
    from headrace.cli.shadow import Period, run

    run(config, Period(begin, end, zone), policy, json, lang)


@token.command()
def create(
    name: Annotated[str, typer.Argument(help="Who will use it; names are never used again.")],
    role: Annotated[str, typer.Option(help="viewer, tenant or operator.")] = "tenant",
    tenant: Annotated[str | None, typer.Option(help="The tenant that it is for, or is shown.")] = None,
    config: Config = None,
) -> None:
    """Make a token. It is shown once, on standard output, and kept nowhere."""
    from headrace.cli.token import create as make

    make(config, name, role, tenant)


@token.command("list")
def list_(config: Config = None, json: Json = False, lang: Lang = None) -> None:
    """Every token that was made: for whom, when last used, whether revoked."""
    from headrace.cli.token import listed

    listed(config, json, lang)


@token.command()
def revoke(
    name: Annotated[str, typer.Argument(help="The token's name.")], config: Config = None, lang: Lang = None
) -> None:
    """From now on the token is none. Exit 1 where no token of that name is in force."""
    from headrace.cli.token import revoked

    revoked(config, name, lang)


@audit.command()
def verify(config: Config = None, lang: Lang = None) -> None:
    """Is the audit log as it was written? Exit 1, with the first line that is not, where it is not."""
    from headrace.cli.audit import run

    run(config, lang)
