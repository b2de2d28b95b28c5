"""The tables, as this version of Headrace has them; migrations/ builds the same step by step, and a test compares.

jobs ─< runs        what was asked for, and each stay of it        nodes ─< node_events
intents             what was decided, and how far it is            rounds ─< proposals
usage               what tenants have used, for `fair`             submissions   idempotency keys
lease               which server may act
tokens              who may ask                                    audit, audit_head   who did what
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from headrace.live.engine import Status
from headrace.live.store.columns import SEQUENCE, Counts, Instant, Length, Member, Names, Places, Words
from headrace.live.store.nouns import IntentState, Order, Role
from headrace.world.record import Outcome, Service

VERSION_TABLE: Final = "headrace_store"
"""Holds the version of the tables; a name of its own, so that it is never taken for another program's."""

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

jobs: Final = Table(
    "jobs",
    metadata,
    Column("sequence", SEQUENCE, primary_key=True),
    Column("job", Words, nullable=False, unique=True),
    Column("tenant", Words, nullable=False),
    Column("user", Words, nullable=False),
    Column("name", Words, nullable=False),
    Column("workload", Words, nullable=False),
    Column("submit", BigInteger, nullable=False),
    Column("nodes", BigInteger, nullable=False),
    Column("chips", BigInteger, nullable=False),
    Column("share", BigInteger, nullable=False),
    Column("cpu", BigInteger, nullable=False),
    Column("memory", BigInteger, nullable=False),
    Column("kinds", Names, nullable=False),
    Column("pools", Names, nullable=False),
    Column("pinned", Names, nullable=False),
    Column("limit", Length),
    Column("checkpoint", Length),
    Column("service", Member(Service), nullable=False),
    Column("status", Member(Status), nullable=False),
    Column("run", BigInteger, nullable=False),
    Column("on", Places, nullable=False),
    Column("start", Instant),
    Column("end", Instant),
    Column("outcome", Member(Outcome), nullable=False),
    Column("ours", Boolean, nullable=False),
    Column("startable", Boolean, nullable=False),
    Column("seen", BigInteger, nullable=False),
    Column("attained", BigInteger, nullable=False, server_default="0"),
    Index(None, "tenant", "sequence"),
    Index(None, "status", "sequence"),
)

runs: Final = Table(
    "runs",
    metadata,
    Column("sequence", SEQUENCE, primary_key=True),
    Column("job", Words, ForeignKey("jobs.job"), nullable=False),
    Column("run", BigInteger, nullable=False),
    Column("queued", BigInteger, nullable=False),
    Column("on", Places, nullable=False),
    Column("kind", Words, nullable=False),
    Column("start", Instant),
    Column("end", Instant),
    Column("outcome", Member(Outcome), nullable=False),
    Column("ours", Boolean, nullable=False),
    UniqueConstraint("job", "run"),
    Index(None, "end"),
)

nodes: Final = Table(
    "nodes",
    metadata,
    Column("name", Words, primary_key=True),
    Column("kind", Words, nullable=False),
    Column("pool", Words, nullable=False),
    Column("chips", BigInteger, nullable=False),
    Column("cpu", BigInteger, nullable=False),
    Column("memory", BigInteger, nullable=False),
    Column("up", Boolean, nullable=False),
    Column("lost", Boolean, nullable=False),
    Column("reason", Words, nullable=False),
    Column("seen", BigInteger, nullable=False),
)

node_events: Final = Table(
    "node_events",
    metadata,
    Column("sequence", SEQUENCE, primary_key=True),
    Column("node", Words, ForeignKey("nodes.name"), nullable=False),
    Column("start", BigInteger, nullable=False),
    Column("end", Instant),
    Column("state", String(16), nullable=False),
    Column("reason", Words, nullable=False),
    Index(None, "node", "end"),
)

intents: Final = Table(
    "intents",
    metadata,
    Column("sequence", SEQUENCE, primary_key=True),
    Column("key", Words, nullable=False, unique=True),
    Column("order", Member(Order), nullable=False),
    Column("job", Words, nullable=False),
    Column("run", BigInteger, nullable=False),
    Column("on", Places, nullable=False),
    Column("made", BigInteger, nullable=False),
    Column("state", Member(IntentState), nullable=False),
    Column("said", Words, nullable=False),
    Column("changed", BigInteger, nullable=False),
    Index(None, "state", "sequence"),
    Index(None, "job", "sequence"),
)
"""Without a reference to `jobs`: an intent stands as what was decided, whatever the engine lists afterwards."""

rounds: Final = Table(
    "rounds",
    metadata,
    Column("sequence", SEQUENCE, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("took", BigInteger, nullable=False),
    Column("waiting", BigInteger, nullable=False),
    Column("started", BigInteger, nullable=False),
    Column("stopped", BigInteger, nullable=False),
    Column("rejected", Counts, nullable=False),
    Index(None, "at"),
)

proposals: Final = Table(
    "proposals",
    metadata,
    Column("sequence", SEQUENCE, primary_key=True),
    Column("round", BigInteger, ForeignKey("rounds.sequence", ondelete="CASCADE"), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("order", Member(Order), nullable=False),
    Column("job", Words, nullable=False),
    Column("run", BigInteger, nullable=False),
    Column("on", Places, nullable=False),
    Index(None, "round"),
)

usage: Final = Table(
    "usage",
    metadata,
    Column("tenant", Words, primary_key=True),
    Column("usage", BigInteger, nullable=False),
    Column("settled", BigInteger, nullable=False),
)
"""What tenants have used up to `settled`: milli-chip-ms, decayed. Written where what they hold changes."""

lease: Final = Table(
    "lease",
    metadata,
    Column("name", String(16), primary_key=True),
    Column("holder", Words, nullable=False),
    Column("term", BigInteger, nullable=False),
    Column("renewed", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
)

tokens: Final = Table(
    "tokens",
    metadata,
    Column("name", Words, primary_key=True),
    Column("tenant", Words, nullable=False),
    Column("role", Member(Role), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
    Column("made", BigInteger, nullable=False),
    Column("used", Instant),
    Column("revoked", Instant),
)

audit: Final = Table(
    "audit",
    metadata,
    Column("sequence", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("who", Words, nullable=False),
    Column("what", Words, nullable=False),
    Column("detail", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)

audit_head: Final = Table(
    "audit_head",
    metadata,
    Column("name", String(16), primary_key=True),
    Column("lines", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("seal", String(64), nullable=False),
)

submissions: Final = Table(
    "submissions",
    metadata,
    Column("tenant", Words, primary_key=True),
    Column("key", Words, primary_key=True),
    Column("asked", Words, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("job", Words, nullable=False),
    Column("answered", Words, nullable=False),
    Index(None, "at"),
)
