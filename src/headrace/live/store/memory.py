"""What a desk must not forget: a tenant's usage in a row of its own, what a job has received beside the job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select, update

from headrace.live.memory import Memory
from headrace.live.store import jobs
from headrace.live.store.statements import adding
from headrace.live.store.tables import jobs as table
from headrace.live.store.tables import usage

if TYPE_CHECKING:
    from sqlalchemy import Connection


def keep(db: Connection, news: Memory) -> None:
    """Take over what is new; `news.jobs` is not looked at, for jobs are kept as the engine has them."""
    if news.usage:
        statement = adding(db, usage)
        new = {name: statement.excluded[name] for name in ("usage", "settled")}
        rows = [{"tenant": name, "usage": used, "settled": at} for name, (used, at) in news.usage.items()]
        db.execute(statement.on_conflict_do_update(index_elements=["tenant"], set_=new), rows)
    if news.attained:
        rows = [{"of": job, "attained": received} for job, received in news.attained.items()]
        db.execute(update(table).where(table.c.job == bindparam("of")), rows)


def read(db: Connection) -> Memory:
    """All that there is to remember of tenants, and of jobs that wait, start or run."""
    used = {row.tenant: (row.usage, row.settled) for row in db.execute(select(usage))}
    received = select(table.c.job, table.c.attained).where(table.c.status.in_(jobs.ALIVE), table.c.attained != 0)
    return Memory(used, {row.job: row.attained for row in db.execute(received)}, jobs.alive(db))
