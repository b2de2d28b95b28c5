"""When the answer is no: application/problem+json (RFC 9457), with a sentence that a person can act on."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from headrace.errors import EngineError, HeadraceError, InputError, StoreError
from headrace.history.toml_file import printable
from headrace.serve.serving import BusyError
from headrace.serve.shapes import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import FastAPI, Request

MEDIA: Final = "application/problem+json"
LOG: Final = logging.getLogger("headrace.serve.api")
MEANT: Final = {
    400: "The request is not one that can be understood, or names a host that this server does not have.",
    401: "No token, or one that is none (any more).",
    403: "The token does not allow this.",
    404: "There is no such thing, or it is somebody else's.",
    405: "This method is not possible here.",
    409: "It conflicts with what was asked before, or with how things are.",
    413: "The request is too large.",
    422: "A value is missing, or cannot be used.",
    503: "The engine or the store cannot be used at the moment.",
}


class Answer(JSONResponse):
    """A problem as a response."""

    media_type = MEDIA


def refuse(status: int, detail: str, headers: Mapping[str, str] | None = None) -> HTTPException:
    """To be raised: the answer is no."""
    return HTTPException(status, detail, dict(headers) if headers else None)


def answer(status: int, detail: str, headers: Mapping[str, str] | None = None) -> Answer:
    """The problem as it is sent."""
    body = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail)
    return Answer(body.model_dump(), status, dict(headers) if headers else None)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For OpenAPI: the problems that an operation may answer with."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {"description": MEANT[status], "content": {MEDIA: {"schema": schema}}} for status in sorted(statuses)
    }


def handle_in(app: FastAPI) -> None:
    """Have `app` answer every error with a problem."""
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HeadraceError, _headrace)
    app.add_exception_handler(Exception, _fault)


async def _http(_: Request, error: Exception) -> Answer:
    assert isinstance(error, HTTPException)
    return answer(error.status_code, str(error.detail), error.headers)


async def _invalid(_: Request, error: Exception) -> Answer:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = ", ".join(str(part) for part in first["loc"][1:]) or str(first["loc"][0])
    return answer(422, f"{printable(where)}: {printable(first['msg'])}")


async def _headrace(_: Request, error: Exception) -> Answer:
    status = 422 if isinstance(error, InputError) else 503
    if not isinstance(error, InputError | StoreError | EngineError | BusyError):
        status = 409
    return answer(status, printable_sentence(error), {"Retry-After": "1"} if status == 503 else None)


def printable_sentence(error: Exception) -> str:
    """What an error says, in one line without what a terminal would obey."""
    return "".join(c for c in " ".join(str(error).split()) if c.isprintable())[:1000]


async def _fault(_: Request, error: Exception) -> Answer:
    LOG.error("a fault in Headrace: %s", type(error).__name__, exc_info=error, extra={"facts": {"what": "fault"}})
    return answer(500, "a fault in Headrace; its log says where")
