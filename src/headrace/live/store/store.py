"""The store: every method is one transaction, which happens wholly or not at all.

Any method raises StoreError where the database is locked, full, read-only, damaged or gone; nothing was changed then,
and the store can be used again as soon as the database can. Times are ms, UTC, and arguments: the store has no clock.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Final

from headrace.live.memory import NOTHING
from headrace.live.store import (
    audit,
    intents,
    jobs,
    lease,
    memory,
    nodes,
    retention,
    rounds,
    runs,
    submissions,
    tokens,
)
from headrace.live.store.database import PATIENCE_MS, Database, connect
from headrace.live.store.migrate import bring_up_to_date
from headrace.live.store.nouns import Page

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Self

    from headrace.live.engine import JobSeen, NodeSeen, Start, Status, Stop
    from headrace.live.memory import Memory
    from headrace.live.store.chain import Broken, Head, Line
    from headrace.live.store.nouns import (
        Intent,
        JobKept,
        Lease,
        NodeEvent,
        Proposal,
        RoundKept,
        Settled,
        Stay,
        Submission,
        Token,
    )

FIRST: Final = Page()


class Store:
    """What Headrace must not forget, in a SQLite file or a PostgreSQL database. May be used from several threads."""

    def __init__(self, database: Database, seal: bytes = b"") -> None:
        self.database, self._seal = database, seal

    @classmethod
    def open(cls, url: str, *, patience: int = PATIENCE_MS, seal: bytes = b"") -> Self:
        """The store at `url` (sqlite:///FILE, postgresql://...), made or migrated where that is needed.

        Writers wait `patience` ms for each other. `seal` is the key of the audit log's seal, kept outside the store.
        """
        with ExitStack() as otherwise:
            database = connect(url, patience)
            otherwise.callback(database.close)
            bring_up_to_date(database)
            otherwise.pop_all()
        return cls(database, seal)

    def close(self) -> None:
        """Give all connections back."""
        self.database.close()

    # What the engine said

    def record(
        self,
        at: int,
        jobs_seen: Sequence[JobSeen] = (),
        nodes_seen: Sequence[NodeSeen] = (),
        news: Memory = NOTHING,
    ) -> None:
        """Take over what the engine says at `at` of these jobs and nodes (those that changed are enough).

        Of several of one job the last is what it is now; a run that ended stands before the one that follows it.
        `news` is what the desk learnt by it.
        """
        with self.database.writing() as db:
            nodes.keep(db, at, nodes_seen)
            jobs.keep(db, at, jobs_seen)
            runs.keep(db, at, jobs_seen)
            memory.keep(db, news)

    def memory(self) -> Memory:
        """What a desk is to remember: where a restarted server begins."""
        with self.database.reading() as db:
            return memory.read(db)

    def job(self, job: str) -> JobKept | None:
        """The job of that id."""
        with self.database.reading() as db:
            return jobs.one(db, job)

    def jobs(
        self, page: Page = FIRST, *, tenant: str | None = None, status: Status | None = None
    ) -> tuple[JobKept, ...]:
        """A page of jobs: of one tenant, in one status, or all."""
        with self.database.reading() as db:
            return jobs.some(db, page, tenant, status)

    def jobs_alive(self) -> tuple[JobSeen, ...]:
        """All jobs that waited, started or ran when they were last seen: where a restarted server begins."""
        with self.database.reading() as db:
            return jobs.alive(db)

    def nodes(self) -> tuple[NodeSeen, ...]:
        """Every node that was ever seen, by name."""
        with self.database.reading() as db:
            return nodes.all_of_them(db)

    def log(self, since: int, page: Page = FIRST) -> tuple[Stay, ...]:
        """A page of the runs that last, or ended at `since` or after; `job_log` makes a job log of them."""
        with self.database.reading() as db:
            return runs.some(db, since, page)

    def node_events(self, since: int, page: Page = FIRST) -> tuple[NodeEvent, ...]:
        """A page of the node events that last, or ended at `since` or after."""
        with self.database.reading() as db:
            return nodes.events(db, since, page)

    # What was decided

    def intend(
        self, at: int, orders: Sequence[Start | Stop], held: Lease | None = None, news: Memory = NOTHING
    ) -> None:
        """Store `orders` before the engine is told; one key twice is one intent. A line of the audit log says which.

        With `held`, StoreError where that lease is somebody else's by now. `news` is what the desk learnt by deciding.
        """
        with self.database.writing() as db:
            if held:
                lease.guard(db, held)
            if fresh := intents.add(db, at, orders):
                who, said = held.holder if held else "headrace", [intents.in_short(order) for order in fresh]
                audit.append(db, self._seal, at, who, "intend", {"orders": said})
            memory.keep(db, news)

    def settle(self, at: int, settled: Sequence[Settled]) -> tuple[str, ...]:
        """Move intents onwards; the keys of those that stand further on, or ended otherwise, already."""
        with self.database.writing() as db:
            return intents.settle(db, at, settled)

    def open_intents(self) -> tuple[Intent, ...]:
        """All intents that have not ended, in the order in which they were made."""
        with self.database.reading() as db:
            return intents.unsettled(db)

    def intents(self, page: Page = FIRST, *, job: str | None = None) -> tuple[Intent, ...]:
        """A page of intents: of one job, or all."""
        with self.database.reading() as db:
            return intents.some(db, page, job)

    def note_round(self, done: RoundKept, proposed: Sequence[Start | Stop] = ()) -> int:
        """Note a round, with what it would have ordered if it is shadow mode's; its sequence."""
        with self.database.writing() as db:
            return rounds.add(db, done, proposed)

    def rounds(self, page: Page = FIRST) -> tuple[RoundKept, ...]:
        """A page of rounds."""
        with self.database.reading() as db:
            return rounds.some(db, page)

    def proposals(self, page: Page = FIRST) -> tuple[Proposal, ...]:
        """A page of what shadow mode would have ordered."""
        with self.database.reading() as db:
            return rounds.proposed(db, page)

    # Which server may act

    def lease(self) -> Lease | None:
        """The lease as it stands, whether it has run out or not; None where nobody ever held it."""
        with self.database.reading() as db:
            return lease.read(db)

    def take_lease(self, holder: str, at: int, length: int) -> Lease | None:
        """Renew the lease of `holder` or take one that has run out, for `length` ms; None where another holds it.

        A holder's name is one process's. A change of holder is a line of the audit log.
        """
        with self.database.writing() as db:
            before = lease.read(db)
            now = lease.take(db, holder, at, length)
            if now and (before is None or before.term != now.term):
                audit.append(db, self._seal, at, holder, "lease", {"term": now.term})
            return now

    def drop_lease(self, holder: str, at: int) -> bool:
        """End the lease of `holder` now, so that another need not wait; False where it does not hold it."""
        with self.database.writing() as db:
            return lease.drop(db, holder, at)

    # Who may ask, and who did what

    def make_token(self, token: Token, random: bytes, who: str) -> str:
        """Make `token` at `token.made`; its text is given here and never again. `random`: 32 bytes of `secrets`.

        InputError where it cannot be made. A line of the audit log says who made it.
        """
        with self.database.writing() as db:
            text = tokens.make(db, token, random)
            said = {"name": token.name, "tenant": token.tenant, "role": token.role.name.lower()}
            audit.append(db, self._seal, token.made, who, "token.make", said)
            return text

    def token(self, text: str) -> Token | None:
        """Who the token `text` stands for; None where it was never made, or was revoked."""
        with self.database.reading() as db:
            return tokens.find(db, text)

    def tokens(self) -> tuple[Token, ...]:
        """Every token ever made, by name."""
        with self.database.reading() as db:
            return tokens.all_of_them(db)

    def token_used(self, name: str, at: int) -> None:
        """Note that the token was used; once a minute is enough, since it is a write."""
        with self.database.writing() as db:
            tokens.used(db, name, at)

    def revoke_token(self, name: str, at: int, who: str) -> bool:
        """From now on the token is none; False where no token of that name is in force. Audited."""
        with self.database.writing() as db:
            done = tokens.revoke(db, name, at)
            if done:
                audit.append(db, self._seal, at, who, "token.revoke", {"name": name})
            return done

    def note(self, at: int, who: str, what: str, detail: Mapping[str, Any]) -> Line:
        """Add a line to the audit log; `detail` is what JSON can say. Secrets do not belong there."""
        with self.database.writing() as db:
            return audit.append(db, self._seal, at, who, what, detail)

    def audit(self, page: Page = FIRST) -> tuple[Line, ...]:
        """A page of the audit log."""
        with self.database.reading() as db:
            return audit.some(db, page)

    def audit_head(self) -> Head | None:
        """How many lines the audit log has, and the hash of the last: worth noting elsewhere."""
        with self.database.reading() as db:
            return audit.head(db)

    def verify(self) -> Broken | None:
        """The first line of the audit log that is not as it was written; None where all are."""
        with self.database.reading() as db:
            return audit.verify(db, self._seal)

    def begin_submission(self, tenant: str, key: str, asked: str, at: int) -> Submission | None:
        """Reserve an idempotency key (None), or what it stands for since less than 24 h ago.

        `asked` is a checksum of the request: compare it with the Submission's, the same key with another is a mistake.
        """
        with self.database.writing() as db:
            return submissions.begin(db, tenant, key, asked, at)

    def answer_submission(self, tenant: str, key: str, job: str, answered: str) -> None:
        """What the request that reserved the key was answered with, word for word."""
        with self.database.writing() as db:
            submissions.answer(db, tenant, key, job, answered)

    def submitted(self, at: int, seen: JobSeen, who: str, key: str | None, answered: str) -> None:
        """`who` submitted a job, with this idempotency key if any, and is answered this: all of it or nothing."""
        tenant, job = seen.asked.tenant, seen.asked.job
        with self.database.writing() as db:
            jobs.keep(db, at, [seen])
            runs.keep(db, at, [seen])
            audit.append(db, self._seal, at, who, "job.submit", {"job": job, "tenant": tenant})
            if key is not None:
                submissions.answer(db, tenant, key, job, answered)

    def unanswered_submissions(self) -> tuple[Submission, ...]:
        """Idempotency keys that are reserved and wait for an answer."""
        with self.database.reading() as db:
            return submissions.unanswered(db)

    def drop_submission(self, tenant: str, key: str) -> None:
        """Give a key free whose request was refused."""
        with self.database.writing() as db:
            submissions.drop(db, tenant, key)

    def forget(self, before: int) -> None:
        """Remove what only the present needs and is older than `before`: rounds, proposals, intents that ended.

        Jobs, runs, node events and the audit log are history, and stay.
        """
        with self.database.writing() as db:
            retention.forget(db, before)
