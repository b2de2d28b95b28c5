"""The API as it describes itself, asked at random: no fault, and no answer that is not described."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from headrace.live.store.nouns import Role

if TYPE_CHECKING:
    from schemathesis import Case
    from tests.serve.servers import Server

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
TOKENS = {"nobody": None, "viewer": (Role.VIEWER, ""), "tenant_a": (Role.TENANT, "a"), "op": (Role.OPERATOR, "")}
EXAMPLES = 10
BOUNDED = settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    database=None,
)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["valid", "invalid"])
@pytest.mark.parametrize("who", TOKENS)
def test_no_fault_and_no_answer_that_is_not_described(server: Server, who: str, mode: GenerationMode) -> None:
    """Whatever is asked, valid or not, by whichever role."""
    role = TOKENS[who]
    headers = {"Authorization": f"Bearer {server.home.token(who, *role)}"} if role else {}
    described = schemathesis.openapi.from_url(f"{server.url}/api/v1/openapi.json")
    for operation in described.get_all_operations():
        _ask(operation.ok(), mode, headers)


def _ask(operation: Any, mode: GenerationMode, headers: dict[str, str]) -> None:
    @BOUNDED
    @given(case=operation.as_strategy(generation_mode=mode))
    def asked(case: Case) -> None:
        if case.path == "/api/v1/events" and str(case.query.get("seconds", 1)).isdigit():
            case.query["seconds"] = 0
        case.call_and_validate(headers=headers, checks=CHECKS, timeout=30)

    with suppress(Unsatisfiable):  # nothing about an operation without parameters can be invalid
        asked()
