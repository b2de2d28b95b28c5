"""Submission: once for each idempotency key, however often it is sent; written down with who asked."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from headrace.errors import InputError
from headrace.live.engine import Asked, JobSeen, Status
from headrace.live.store.nouns import JobKept, Role
from headrace.serve.problem import refuse
from headrace.serve.shapes import Job
from headrace.serve.views import job_view
from headrace.units import UNKNOWN
from headrace.world.record import Service

if TYPE_CHECKING:
    from collections.abc import Callable

    from headrace.serve.access import Caller
    from headrace.serve.serving import Serving
    from headrace.serve.shapes import Submit

ELSEWHERE = "jobs are submitted to Slurm itself: use sbatch with the front partition"


class Submitting:
    """One request at `at` (ms). Turns wait for it: else one could tell of a job's end before its beginning is noted."""

    def __init__(self, serving: Serving, who: Caller, at: int) -> None:
        self._serving, self._store, self._who, self._at = serving, serving.store, who, at

    def submit(self, wanted: Submit, key: str | None) -> tuple[Job, bool]:
        """The new job; or the one that was submitted with this key before, and True."""
        if self._serving.opened.name != "local":
            raise refuse(409, ELSEWHERE)
        tenant = self._tenant(wanted)
        with self._serving.still():
            if key is not None and (before := self._begin(wanted, tenant, key)):
                return before, True
            seen = self._do(wanted, tenant, key)
            done = job_view(JobKept(0, self._at, seen))
            self._store.submitted(self._at, seen, self._who.name, key, done.model_dump_json())
        self._serving.opened.wake()
        return done, False

    def _tenant(self, wanted: Submit) -> str:
        if self._who.role is not Role.OPERATOR:
            own = self._who.tenant or ""
            if wanted.tenant not in (None, own):
                raise refuse(403, f"the token {self._who.name!r} submits for {own!r} alone")
            return own
        if wanted.tenant is None:
            raise refuse(422, "tenant: is missing; an operator says for whom the job is")
        return wanted.tenant

    def _begin(self, wanted: Submit, tenant: str, key: str) -> Job | None:
        """Reserve the key; or what was answered to it. Where nothing was, a request died on the way: it goes on."""
        checksum = hashlib.sha256(wanted.model_dump_json().encode()).hexdigest()
        before = self._store.begin_submission(tenant, key, checksum, self._at)
        if before is not None and before.asked != checksum:
            raise refuse(409, "this idempotency key was used for another submission; choose a new one")
        return Job.model_validate_json(before.answered) if before and before.answered else None

    def _do(self, wanted: Submit, tenant: str, key: str | None) -> JobSeen:
        """Have the engine take it, which knows by the key a job that it took before. A key of a job that it refuses is
        free again; where it is not known whether it took it, the key stays reserved, and finds the job."""
        asked, named = asked_of(wanted, tenant, wanted.user or self._who.name, self._at), named_for_engine(tenant, key)
        engine = self._serving.engine
        try:
            number = engine.submit(asked, wanted.command, wanted.directory, wanted.environment, named)
        except InputError:
            if key is not None:
                self._store.drop_submission(tenant, key)
            raise
        return self._serving.book.recall(number) or JobSeen(replace(asked, job=number), Status.WAITING)


def named_for_engine(tenant: str, key: str | None) -> str:
    """A tenant's idempotency key as the engine is told it: keys of two tenants are two."""
    return "" if key is None else f"{tenant}/{key}"


def finish_submissions(serving: Serving, at: int) -> None:
    """Answer what was submitted, and not answered, before this server began: sent again, it is answered so."""
    submitted: Callable[[str], JobSeen | None] = getattr(serving.engine, "submitted", lambda _: None)
    for one in serving.store.unanswered_submissions():
        seen = submitted(named_for_engine(one.tenant, one.key))
        if seen is not None:
            answer = job_view(JobKept(0, at, seen)).model_dump_json()
            serving.store.submitted(at, seen, seen.asked.user, one.key, answer)


def asked_of(wanted: Submit, tenant: str, user: str, at: int) -> Asked:
    """What is asked of the engine. The environment and the command are for the engine alone, and not kept here."""
    return Asked(
        job="",
        tenant=tenant,
        user=user,
        submit=at,
        nodes=wanted.nodes,
        chips=wanted.chips,
        share=wanted.share_milli,
        cpu=wanted.cpu_millicores,
        memory=wanted.memory_mib,
        kinds=tuple(wanted.kinds),
        pools=tuple(wanted.pools),
        pinned=tuple(wanted.pinned),
        limit=UNKNOWN if wanted.limit_ms is None else wanted.limit_ms,
        checkpoint=UNKNOWN if wanted.checkpoint_ms is None else wanted.checkpoint_ms,
        service=Service[wanted.service.upper()],
        name=wanted.name,
        workload=wanted.workload,
    )
