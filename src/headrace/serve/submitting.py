"""Submission: once for each idempotency key, however often it is sent; written down with who asked."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from headrace.errors import HeadraceError
from headrace.live.engine import Asked, JobSeen, Status
from headrace.live.store.nouns import JobKept, Role
from headrace.serve.problem import refuse
from headrace.serve.shapes import Job
from headrace.serve.views import job_view
from headrace.units import UNKNOWN
from headrace.world.record import Service

if TYPE_CHECKING:
    from headrace.serve.access import Caller
    from headrace.serve.serving import Serving
    from headrace.serve.shapes import Submit

ELSEWHERE = "jobs are submitted to Slurm itself: use sbatch with the front partition"


class Submitting:
    """One request at `at` (ms)."""

    def __init__(self, serving: Serving, who: Caller, at: int) -> None:
        self._serving, self._store, self._who, self._at = serving, serving.store, who, at

    def submit(self, wanted: Submit, key: str | None) -> tuple[Job, bool]:
        """The new job; or the one that was submitted with this key before, and True."""
        if self._serving.opened.name != "local":
            raise refuse(409, ELSEWHERE)
        tenant = self._tenant(wanted)
        if key is None:
            return self._do(wanted, tenant), False
        if before := self._begin(wanted, tenant, key):
            return before, True
        try:
            done = self._do(wanted, tenant)
        except HeadraceError:
            self._store.drop_submission(tenant, key)
            raise
        self._store.answer_submission(tenant, key, done.job, done.model_dump_json())
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
        """Reserve the key; or what was answered to it."""
        checksum = hashlib.sha256(wanted.model_dump_json().encode()).hexdigest()
        before = self._store.begin_submission(tenant, key, checksum, self._at)
        if before is None:
            return None
        if before.asked != checksum:
            raise refuse(409, "this idempotency key was used for another submission; choose a new one")
        if not before.answered:
            raise refuse(
                409, "the submission with this idempotency key has not been answered yet; see the list of jobs"
            )
        return Job.model_validate_json(before.answered)

    def _do(self, wanted: Submit, tenant: str) -> Job:
        """Submit. The next turn waits for it: else it could tell of the job's end before its beginning is noted."""
        asked = asked_of(wanted, tenant, wanted.user or self._who.name, self._at)
        with self._serving.still():
            number = self._serving.engine.submit(asked, wanted.command, wanted.directory, wanted.environment)
            seen = JobSeen(replace(asked, job=number), Status.WAITING)
            self._store.record(self._at, [seen])
        self._store.note(self._at, self._who.name, "job.submit", {"job": number, "tenant": tenant})
        self._serving.opened.wake()
        return job_view(JobKept(0, self._at, seen))


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
