"""Tokens: shown once, kept as a hash, in force until they are revoked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select
from tests.live.store.made import token

from headrace.errors import InputError
from headrace.live.store.nouns import Role
from headrace.live.store.tables import metadata

if TYPE_CHECKING:
    from headrace.live.store.store import Store

RANDOM = bytes(range(32))


def test_a_token_stands_for_whom_it_was_made_until_it_is_revoked(store: Store) -> None:
    """Another text stands for nobody, and so does a revoked one; revoking again changes nothing."""
    text = store.make_token(token(), RANDOM, "root")
    assert store.token(text) == token()
    assert store.token(text + "x") is None
    assert store.token("\udcff") is None
    assert store.revoke_token("ann", 9, "root")
    assert store.token(text) is None
    assert not store.revoke_token("ann", 10, "root")
    assert store.tokens() == (replace(token(), revoked=9),)


def test_two_tokens_are_not_mistaken_for_each_other(store: Store) -> None:
    """Each of its own random bytes; the text can be pasted anywhere."""
    ann = store.make_token(token("ann"), RANDOM, "root")
    bob = store.make_token(token("bob", role=Role.OPERATOR, tenant=""), RANDOM[::-1], "root")
    found = store.token(bob)
    assert found is not None
    assert (found.name, found.role) == ("bob", Role.OPERATOR)
    assert ann.startswith("headrace_")
    assert ann.replace("_", "").replace("-", "").isalnum()


def test_the_token_itself_is_kept_nowhere(store: Store) -> None:
    """Neither its text nor its random bytes stand in any column of any table."""
    text = store.make_token(token(), RANDOM, "root")
    secret = text.removeprefix("headrace_")
    with store.database.reading() as db:
        kept = [str(value) for table in metadata.sorted_tables for row in db.execute(select(table)) for value in row]
    assert kept
    assert not [value for value in kept if secret in value or RANDOM.hex() in value]


def test_use_is_noted_and_never_put_back(store: Store) -> None:
    """Two requests may tell in the wrong order."""
    store.make_token(token(), RANDOM, "root")
    for at in (100, 300, 200):
        store.token_used("ann", at)
    assert store.tokens()[0].used == 300


def test_who_made_and_revoked_a_token_is_audited(store: Store) -> None:
    """With what it may do; refusals leave no line."""
    store.make_token(token(), RANDOM, "root")
    store.revoke_token("ann", 9, "eve")
    store.revoke_token("ann", 9, "eve")
    assert [(line.at, line.who, line.what, line.detail) for line in store.audit()] == [
        (5, "root", "token.make", '{"name":"ann","role":"tenant","tenant":"search"}'),
        (9, "eve", "token.revoke", '{"name":"ann"}'),
    ]


@pytest.mark.parametrize(
    ("of", "random", "why"),
    [
        ({"name": "ann"}, RANDOM, "token 'ann': was made already; choose another name"),
        ({"name": "bob"}, RANDOM[:16], "token 'bob': is made of 16 random bytes; 32 are needed"),
        ({"name": " "}, RANDOM, "token ' ': has no name"),
        ({"name": "bob", "tenant": ""}, RANDOM, "token 'bob': is a tenant's and names no tenant"),
    ],
)
def test_a_token_that_cannot_be_made_is_refused(store: Store, of: dict[str, Any], random: bytes, why: str) -> None:
    """One sentence says what would be right; a revoked name is not free either, for the audit log tells of it."""
    store.make_token(token(), bytes(32), "root")
    store.revoke_token("ann", 9, "root")
    with pytest.raises(InputError, match=why):
        store.make_token(token(**of), random, "root")
    assert len(store.tokens()) == 1
