"""A question as a route takes it: who asks, and what may be answered to whom."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from headrace.serve.access import Caller, caller, serving_of
from headrace.serve.answers import Answers

Asking = Annotated[Caller, Depends(caller)]


async def question(request: Request, who: Asking) -> Answers:
    """The answers that the token allows."""
    return Answers(serving_of(request), who)


Question = Annotated[Answers, Depends(question)]
