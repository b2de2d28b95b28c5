"""Who may ask: tokens, of which only the hash is kept.

A token is 256 random bits, so one plain SHA-256 is enough: nobody can try them all, and there is no dictionary of them.
A slow hash (scrypt) protects words that people choose; here it would cost every request tens of milliseconds, and buy
nothing. Looking a hash up by an index tells no time that helps to guess the token behind it.
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Final

from sqlalchemy import insert, or_, select, update

from headrace.errors import InputError
from headrace.live.store.nouns import Role, Token
from headrace.live.store.tables import tokens

if TYPE_CHECKING:
    from sqlalchemy import Connection

PREFIX: Final = "headrace_"
"""So that a token which ends up in a repository or a log is found by tools that look for such."""
BYTES: Final = 32
PUBLIC: Final = tuple(c for c in tokens.c if c.name != "hash")


def make(db: Connection, token: Token, random: bytes) -> str:
    """Store `token`; its text, made of 32 `random` bytes, is given here and never again. InputError where it cannot."""
    _check(db, token, random)
    text = PREFIX + base64.urlsafe_b64encode(random).rstrip(b"=").decode()
    db.execute(insert(tokens), vars(token) | {"hash": _hash(text)})
    return text


def find(db: Connection, text: str) -> Token | None:
    """The token of that text, unless there is none or it was revoked."""
    query = select(*PUBLIC).where(tokens.c.hash == _hash(text), tokens.c.revoked.is_(None))
    row = db.execute(query).one_or_none()
    return Token(**row._mapping) if row else None


def used(db: Connection, name: str, at: int) -> None:
    """Note that the token was used; never an earlier time than is noted."""
    later = or_(tokens.c.used.is_(None), tokens.c.used < at)
    db.execute(update(tokens).where(tokens.c.name == name, later).values(used=at))


def revoke(db: Connection, name: str, at: int) -> bool:
    """From now on the token is none; False where no token of that name is in force."""
    query = update(tokens).where(tokens.c.name == name, tokens.c.revoked.is_(None))
    return db.execute(query.values(revoked=at)).rowcount == 1


def all_of_them(db: Connection) -> tuple[Token, ...]:
    """Every token ever made, by name."""
    return tuple(Token(**row._mapping) for row in db.execute(select(*PUBLIC).order_by(tokens.c.name)))


def _check(db: Connection, token: Token, random: bytes) -> None:
    where = f"token {token.name!r}"
    if len(random) != BYTES:
        raise InputError(where, f"is made of {len(random)} random bytes", f"{BYTES} are needed")
    if not token.name.strip():
        raise InputError(where, "has no name", "name it after who will use it")
    if token.role is Role.TENANT and not token.tenant:
        raise InputError(where, "is a tenant's and names no tenant", "say which tenant it is for")
    if db.execute(select(tokens.c.name).where(tokens.c.name == token.name)).first():
        raise InputError(where, "was made already", "choose another name; names are never used again")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
