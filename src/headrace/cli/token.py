"""`headrace token`: made, listed and revoked in the store itself, by who may open it."""

from __future__ import annotations

import getpass
import secrets
import time
from contextlib import closing
from typing import TYPE_CHECKING

from headrace.cli.inputs import console, language
from headrace.cli.printed import print_json
from headrace.errors import CallError, CheckFailedError
from headrace.live.store.nouns import Role, Token
from headrace.live.store.tokens import BYTES
from headrace.report.instants import minute
from headrace.report.screen import Screen
from headrace.report.tables.table import Column, Row, Table
from headrace.report.words import languages, load
from headrace.serve.opening import open_store
from headrace.units import NEVER, SECOND_MS

if TYPE_CHECKING:
    from pathlib import Path

    from headrace.report.words import Words


def create(config: Path | None, name: str, role: str, tenant: str | None) -> None:
    """Make a token and print it. Raises InputError where it cannot be made."""
    token = Token(name, tenant or "", _role(role), _now())
    with closing(open_store(config)) as store:
        print(store.make_token(token, secrets.token_bytes(BYTES), _who()))  # noqa: T201


def listed(config: Path | None, json: bool, lang: str | None) -> None:
    """Print every token ever made, without its text, which is kept nowhere."""
    spoken = languages(language(lang))
    with closing(open_store(config)) as store:
        tokens = store.tokens()
    if json:
        print_json([_row(token) for token in tokens])
        return
    for words in map(load, spoken):
        Screen(console()).table(_table(tokens, words))


def revoked(config: Path | None, name: str, lang: str | None) -> None:
    """Revoke a token. Raises CheckFailedError where none of that name is in force."""
    spoken = languages(language(lang))
    with closing(open_store(config)) as store:
        done = store.revoke_token(name, _now(), _who())
    if not done:
        raise CheckFailedError(f"no token named {name!r} is in force; `headrace token list` shows all")
    for words in map(load, spoken):
        Screen(console()).say(words("serve.token.revoked", name=name))


def _role(role: str) -> Role:
    if role.upper() not in Role.__members__:
        raise CallError(f"there is no role {role!r}; viewer, tenant and operator are possible")
    return Role[role.upper()]


def _table(tokens: tuple[Token, ...], words: Words) -> Table:
    names = ("name", "role", "tenant", "made", "used", "revoked")
    columns = tuple(Column(words(f"serve.token.{name}_column"), numeric=False) for name in names)
    return Table(columns, tuple(Row(_cells(token, words)) for token in tokens))


def _cells(token: Token, words: Words) -> tuple[str, ...]:
    instants = (token.made, token.used, token.revoked)
    shown = tuple(words("none") if at == NEVER else minute(at) for at in instants)
    return (token.name, token.role.name.lower(), token.tenant or words("none"), *shown)


def _row(token: Token) -> dict[str, object]:
    times = {name: getattr(token, name) for name in ("made", "used", "revoked")}
    plain = {"name": token.name, "role": token.role.name.lower(), "tenant": token.tenant or None}
    return plain | {f"{name}_ms": None if at == NEVER else at for name, at in times.items()}


def _now() -> int:
    return time.time_ns() // (1_000_000_000 // SECOND_MS)


def _who() -> str:
    return f"{getpass.getuser()} on the server's machine"
