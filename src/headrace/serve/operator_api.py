"""For operators and their tools: the audit log, /metrics, and /healthz, which needs no token and tells no secret."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST

from headrace.serve.access import Caller, caller, operator, serving_of
from headrace.serve.answers import health
from headrace.serve.asks import Paged, following
from headrace.serve.problem import documented, refuse
from headrace.serve.shapes import AuditLines, Health
from headrace.serve.views import audit_view

SICK: Final[dict[int | str, dict[str, Any]]] = {503: {"model": Health, "description": "The loop does not run."}}
PLAIN: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "As Prometheus reads it.", "content": {"text/plain": {"schema": {"type": "string"}}}}
}

router = APIRouter(tags=["operator"])


@router.get("/api/v1/audit", responses=documented(400, 401, 403, 422, 503))
def audit(request: Request, _: Annotated[Caller, Depends(operator)], page: Paged) -> AuditLines:
    """The audit log, newest first. `headrace audit verify` says whether it is as it was written."""
    lines = serving_of(request).store.audit(page)
    last = lines[-1].sequence if lines else 0
    return AuditLines(items=[audit_view(line) for line in lines], next=following(len(lines), page.size, last))


@router.get("/metrics", response_class=PlainTextResponse, responses={**documented(400, 401, 403, 503), **PLAIN})
def metrics(request: Request, who: Annotated[Caller, Depends(caller)]) -> Response:
    """Figures for Prometheus; of all tenants, so not for a token that is one tenant's."""
    if who.tenant is not None:
        raise refuse(403, f"the token {who.name!r} is one tenant's; make one with --role viewer and without --tenant")
    serving = serving_of(request)
    return Response(serving.metrics.text(serving), media_type=CONTENT_TYPE_LATEST)


@router.get("/healthz", response_model=Health, responses={**documented(400), **SICK})
def healthz(request: Request) -> Response:
    """Whether the last turn that went well is recent."""
    found = health(serving_of(request))
    return JSONResponse(found.model_dump(), 200 if found.ok else 503)
