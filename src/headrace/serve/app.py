"""The application: all routes, guarded, answering every error with a problem, described by /api/v1/openapi.json."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from fastapi import FastAPI

from headrace import __version__
from headrace.serve import fleet_api, jobs_api, operator_api, stream
from headrace.serve.guard import Guard
from headrace.serve.page.routes import router as page_over
from headrace.serve.problem import handle_in
from headrace.serve.shapes import Problem
from headrace.serve.source import Shown

if TYPE_CHECKING:
    from headrace.serve.serving import Serving

ROUTERS: Final = (jobs_api.router, fleet_api.router, stream.router, operator_api.router)
SAID: Final = "A mixed accelerator fleet, shared live: its jobs, its tenants, what is decided and why."


def make_app(serving: Serving, hosts: frozenset[str] = frozenset(), secure: bool = False) -> FastAPI:
    """The application over `serving`; `hosts` are the names under which it may be asked, empty: any."""
    app = FastAPI(
        title="Headrace",
        version=__version__,
        description=SAID,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.serving = serving
    for router in ROUTERS:
        app.include_router(router)
    app.include_router(page_over(Shown(serving)))
    handle_in(app)
    app.add_middleware(Guard, hosts=hosts, secure=secure)
    _describe_problems(app)
    return app


def _describe_problems(app: FastAPI) -> None:
    """Have the description hold the schema to which every operation's problems refer."""
    plain = app.openapi

    def described() -> dict[str, Any]:
        schema = plain()
        schema["components"]["schemas"].setdefault("Problem", Problem.model_json_schema())
        return schema

    app.openapi = described  # type: ignore[method-assign]  # as FastAPI's documentation has it
