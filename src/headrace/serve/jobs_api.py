"""/api/v1/jobs: list, one, submit, cancel, and why one waits. Others' jobs are not there for who may not see them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from headrace.live.engines.local.watch import wall_ms
from headrace.serve.access import Caller, serving_of, submitter
from headrace.serve.answers import Answers
from headrace.serve.asking import Question
from headrace.serve.asks import JobId, Key, Name, Paged, Spoken
from headrace.serve.problem import documented, refuse
from headrace.serve.shapes import Job, Jobs, StatusName, Submit, Why
from headrace.serve.submitting import Submitting
from headrace.serve.views import job_view

router = APIRouter(prefix="/api/v1/jobs", tags=["jobs"], responses=documented(400, 401, 422, 503))


@router.get("")
def jobs(asking: Question, page: Paged, tenant: Name = None, status: StatusName | None = None) -> Jobs:
    """Jobs, those that came last first; of one tenant, in one status, or all that the token may see."""
    return asking.jobs(page, tenant, status)


@router.get("/{job}", responses=documented(404))
def job(asking: Question, job: JobId) -> Job:
    """A job as the engine last had it."""
    return job_view(asking.job(job))


@router.get("/{job}/why", responses=documented(404))
def why(asking: Question, job: JobId, words: Spoken) -> Why:
    """Why a job waits: the reason, its numbers, and a sentence of them."""
    return asking.why(asking.job(job), words)


@router.post("", status_code=201, responses=documented(403, 409, 413))
def submit(
    request: Request,
    response: Response,
    who: Annotated[Caller, Depends(submitter)],
    asked: Submit,
    key: Key = None,
) -> Job:
    """Have a job run. It is run as the user who runs Headrace; with Slurm, users submit with sbatch."""
    done, again = Submitting(serving_of(request), who, wall_ms()).submit(asked, key)
    response.headers["Location"] = f"/api/v1/jobs/{done.job}"
    if again:
        response.headers["Idempotent-Replayed"] = "true"
    return done


@router.post("/{job}/cancel", responses=documented(403, 404, 409))
def cancel(request: Request, who: Annotated[Caller, Depends(submitter)], job: JobId) -> Job:
    """End a job for good. The answer is the job as it was; it ends within its grace."""
    serving, at = serving_of(request), wall_ms()
    kept = Answers(serving, who).job(job)
    answer = serving.engine.cancel(job, who.name)
    if not answer.taken:
        raise refuse(409, answer.said)
    serving.store.note(at, who.name, "job.cancel", {"job": job, "tenant": kept.job.asked.tenant})
    serving.opened.wake()
    return job_view(kept)
