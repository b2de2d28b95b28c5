"""Who may do what: one table over all operations and all kinds of token."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.serve.test_api import SLEEP, submit

from headrace.live.store.nouns import Role

if TYPE_CHECKING:
    from tests.serve.servers import Server

CALLERS = {
    "nobody": None,
    "stranger": None,
    "viewer": (Role.VIEWER, ""),
    "watcher_of_a": (Role.VIEWER, "a"),
    "tenant_a": (Role.TENANT, "a"),
    "tenant_b": (Role.TENANT, "b"),
    "op": (Role.OPERATOR, ""),
}
SEEN = {"nobody": 401, "stranger": 401}
ALL = dict.fromkeys(("viewer", "watcher_of_a", "tenant_a", "tenant_b", "op"), 200)
OF_A = ALL | {"tenant_b": 404}
TABLE = {
    ("GET", "/api/v1/me"): ALL,
    ("GET", "/api/v1/jobs"): ALL,
    ("GET", "/api/v1/jobs/{job}"): OF_A,
    ("GET", "/api/v1/jobs/{job}/why"): OF_A,
    ("GET", "/api/v1/nodes"): ALL,
    ("GET", "/api/v1/tenants"): ALL,
    ("GET", "/api/v1/plan"): ALL,
    ("GET", "/api/v1/ledger"): ALL,
    ("GET", "/api/v1/usage"): ALL,
    ("GET", "/api/v1/rounds"): ALL,
    ("GET", "/api/v1/events?seconds=0"): ALL,
    ("GET", "/api/v1/audit"): dict.fromkeys(ALL, 403) | {"op": 200},
    ("GET", "/metrics"): dict.fromkeys(ALL, 403) | {"op": 200, "viewer": 200},
    ("POST", "/api/v1/jobs"): {"viewer": 403, "watcher_of_a": 403, "tenant_a": 201, "tenant_b": 403, "op": 201},
    ("POST", "/api/v1/jobs/{job}/cancel"): {
        "viewer": 403,
        "watcher_of_a": 403,
        "tenant_b": 404,
        "tenant_a": 200,
        "op": 200,
    },
}


@pytest.mark.parametrize("who", CALLERS)
@pytest.mark.parametrize(("method", "path"), TABLE, ids=[f"{method} {path}" for method, path in TABLE])
def test_each_role_may_do_what_the_table_says(server: Server, method: str, path: str, who: str) -> None:
    """Nobody without a token gets past 401; a job of others is not there; who looks does not touch."""
    expected = (SEEN | TABLE[method, path])[who]
    with server.operator() as operator:
        job = submit(operator, command=["sleep", "30"], tenant="a")["job"] if "{job}" in path else ""
        token = server.home.token(who, *CALLERS[who]) if CALLERS[who] else "headrace_wrong" if who == "stranger" else ""
        with server.client(token) as client:
            body = {"json": SLEEP} if path.endswith("/jobs") and method == "POST" else {}
            answer = client.request(method, path.format(job=job), **body)
        assert answer.status_code == expected, answer.text
        if expected == 401:
            assert answer.headers["www-authenticate"] == "Bearer"
        if job:
            operator.post(f"/api/v1/jobs/{job}/cancel")


def test_the_table_knows_every_operation(server: Server) -> None:
    """A new operation that nobody thought of is not let through unseen; /healthz alone needs no token."""
    with server.client() as client:
        paths = client.get("/api/v1/openapi.json").json()["paths"]
    described = {(method.upper(), path) for path, methods in paths.items() for method in methods}
    assert described == {(method, path.partition("?")[0]) for method, path in TABLE} | {("GET", "/healthz")}


def test_a_tenant_sees_its_own_alone(server: Server) -> None:
    """In lists, sums, tenants and plans, whatever it asks for."""
    with server.operator() as operator:
        submit(operator, tenant="a")
        submit(operator, tenant="b")
    with server.client(server.home.token("tenant_b", Role.TENANT, "b")) as client:
        assert {job["tenant"] for job in client.get("/api/v1/jobs").json()["items"]} == {"b"}
        assert client.get("/api/v1/jobs", params={"tenant": "a"}).json()["items"] == []
        assert [one["name"] for one in client.get("/api/v1/tenants").json()["items"]] == ["b"]
        assert {line["tenant"] for line in client.get("/api/v1/usage").json()["items"]} <= {"b"}
        plan = client.get("/api/v1/plan").json()
        assert {step["tenant"] for step in plan["starts"] + plan["holds"]} <= {"b"}


def test_a_revoked_token_is_none_at_once(server: Server) -> None:
    """Nothing is remembered of it."""
    token = server.home.token("gone", Role.OPERATOR)
    with server.client(token) as client:
        assert client.get("/api/v1/me").status_code == 200
        assert server.home.run("token", "revoke", "gone").returncode == 0
        assert client.get("/api/v1/me").status_code == 401
