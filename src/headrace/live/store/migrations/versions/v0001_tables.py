"""The first tables. What stands here is never changed again; a change is a new file."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

NUMBER: Final = sa.BigInteger()
TEXT: Final = sa.Text()
WORD: Final = sa.String(16)
HASH: Final = sa.String(64)
COUNTED: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """From an empty database."""
    _jobs()
    _nodes()
    _decisions()
    _servers()
    _people()
    _audit()


def _key() -> sa.Column[int]:
    return sa.Column("sequence", COUNTED, primary_key=True)


def _numbers(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, NUMBER, nullable=False) for name in names]


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, TEXT, nullable=False) for name in names]


def _words(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, WORD, nullable=False) for name in names]


def _flags(*names: str) -> list[sa.Column[bool]]:
    return [sa.Column(name, sa.Boolean(), nullable=False) for name in names]


def _perhaps(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, NUMBER) for name in names]


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))


def _jobs() -> None:
    op.create_table(
        "jobs",
        _key(),
        sa.Column("job", TEXT, nullable=False, unique=True),
        *_texts("tenant", "user", "name", "workload"),
        *_numbers("submit", "nodes", "chips", "share", "cpu", "memory"),
        *_texts("kinds", "pools", "pinned"),
        *_perhaps("limit", "checkpoint"),
        *_words("service", "status"),
        *_numbers("run"),
        *_texts("on"),
        *_perhaps("start", "end"),
        *_words("outcome"),
        *_flags("ours", "startable"),
        *_numbers("seen"),
    )
    _index("jobs", "tenant", "sequence")
    _index("jobs", "status", "sequence")
    op.create_table(
        "runs",
        _key(),
        sa.Column("job", TEXT, sa.ForeignKey("jobs.job"), nullable=False),
        *_numbers("run", "queued"),
        *_texts("on", "kind"),
        *_perhaps("start", "end"),
        *_words("outcome"),
        *_flags("ours"),
        sa.UniqueConstraint("job", "run"),
    )
    _index("runs", "end")


def _nodes() -> None:
    op.create_table(
        "nodes",
        sa.Column("name", TEXT, primary_key=True),
        *_texts("kind", "pool"),
        *_numbers("chips", "cpu", "memory"),
        *_flags("up", "lost"),
        *_texts("reason"),
        *_numbers("seen"),
    )
    op.create_table(
        "node_events",
        _key(),
        sa.Column("node", TEXT, sa.ForeignKey("nodes.name"), nullable=False),
        *_numbers("start"),
        *_perhaps("end"),
        *_words("state"),
        *_texts("reason"),
    )
    _index("node_events", "node", "end")


def _decisions() -> None:
    op.create_table(
        "intents",
        _key(),
        sa.Column("key", TEXT, nullable=False, unique=True),
        *_words("order"),
        *_texts("job"),
        *_numbers("run"),
        *_texts("on"),
        *_numbers("made"),
        *_words("state"),
        *_texts("said"),
        *_numbers("changed"),
    )
    _index("intents", "state", "sequence")
    _index("intents", "job", "sequence")
    op.create_table("rounds", _key(), *_numbers("at", "took", "waiting", "started", "stopped"), *_texts("rejected"))
    _index("rounds", "at")
    op.create_table(
        "proposals",
        _key(),
        sa.Column("round", NUMBER, sa.ForeignKey("rounds.sequence", ondelete="CASCADE"), nullable=False),
        *_numbers("at"),
        *_words("order"),
        *_texts("job"),
        *_numbers("run"),
        *_texts("on"),
    )
    _index("proposals", "round")


def _servers() -> None:
    op.create_table(
        "lease",
        sa.Column("name", WORD, primary_key=True),
        *_texts("holder"),
        *_numbers("term", "renewed", "until"),
    )


def _people() -> None:
    op.create_table(
        "tokens",
        sa.Column("name", TEXT, primary_key=True),
        *_texts("tenant"),
        *_words("role"),
        sa.Column("hash", HASH, nullable=False, unique=True),
        *_numbers("made"),
        *_perhaps("used", "revoked"),
    )
    op.create_table(
        "submissions",
        sa.Column("tenant", TEXT, primary_key=True),
        sa.Column("key", TEXT, primary_key=True),
        *_texts("asked"),
        *_numbers("at"),
        *_texts("job", "answered"),
    )
    _index("submissions", "at")


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("sequence", COUNTED, primary_key=True, autoincrement=False),
        *_numbers("at"),
        *_texts("who", "what", "detail"),
        sa.Column("previous", HASH, nullable=False),
        sa.Column("hash", HASH, nullable=False),
    )
    op.create_table(
        "audit_head",
        sa.Column("name", WORD, primary_key=True),
        *_numbers("lines"),
        sa.Column("hash", HASH, nullable=False),
        sa.Column("seal", HASH, nullable=False),
    )
