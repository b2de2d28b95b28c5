"""Who asks, and what they may: a token stands for a role, and often for one tenant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final, cast

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from headrace.live.engines.local.watch import wall_ms
from headrace.live.store.nouns import Role
from headrace.serve.problem import refuse
from headrace.serve.shapes import Me, RoleName

if TYPE_CHECKING:
    from headrace.live.store.nouns import Token
    from headrace.serve.serving import Serving

CHALLENGE: Final = {"WWW-Authenticate": "Bearer"}
NO_TOKEN: Final = "no token was sent: send `Authorization: Bearer TOKEN`"
FIRST: Final = (
    "there is no token yet: make one on the server's machine with `headrace token create NAME --role operator`"
)
UNKNOWN_TOKEN: Final = "the token is not known, or was revoked"
LONGEST: Final = 200

BEARER: Final = HTTPBearer(auto_error=False, description="A token made by `headrace token create`.")


@dataclass(frozen=True)
class Caller:
    """Who asks. `tenant` is the only one whose jobs are shown; None: all are."""

    name: str
    role: Role
    tenant: str | None

    def may_see(self, tenant: str) -> bool:
        """Whether what belongs to `tenant` is shown."""
        return self.tenant is None or self.tenant == tenant


def serving_of(request: Request) -> Serving:
    """The fleet that this server serves."""
    return cast("Serving", request.app.state.serving)


def caller(request: Request, sent: Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)]) -> Caller:
    """Who sent the request. Refused with 401 where no valid token came with it."""
    serving = serving_of(request)
    found = serving.store.token(sent.credentials) if sent and len(sent.credentials) <= LONGEST else None
    if found is None:
        raise refuse(401, _why_not(serving, sent is not None), CHALLENGE)
    serving.note_use(found.name, wall_ms())
    return as_caller(found)


def _why_not(serving: Serving, sent: bool) -> str:
    if not serving.store.tokens():
        return FIRST
    return UNKNOWN_TOKEN if sent else NO_TOKEN


def as_caller(token: Token) -> Caller:
    """Whom a token stands for: an operator for all; others for their tenant, where they have one."""
    return Caller(token.name, token.role, None if token.role is Role.OPERATOR else token.tenant or None)


def me_view(who: Caller) -> Me:
    """The caller as it is answered."""
    role: RoleName = who.role.name.lower()  # type: ignore[assignment]  # the names are these
    return Me(name=who.name, role=role, tenant=who.tenant)


def caller_of(me: Me) -> Caller:
    """The caller that was answered so."""
    return Caller(me.name, Role[me.role.upper()], me.tenant)


async def submitter(who: Annotated[Caller, Depends(caller)]) -> Caller:
    """Who may submit and cancel. Refused with 403 for who may only look."""
    if who.role is Role.VIEWER:
        raise refuse(403, f"the token {who.name!r} may only look")
    return who


async def operator(who: Annotated[Caller, Depends(caller)]) -> Caller:
    """Who may see everything. Refused with 403 for others."""
    if who.role is not Role.OPERATOR:
        raise refuse(403, f"the token {who.name!r} is not an operator's")
    return who
