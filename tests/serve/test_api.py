"""The API of a real server: jobs run, are told of, and belong to their tenants."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.serve.servers import Server, eventually

from headrace.live.store.nouns import Role

if TYPE_CHECKING:
    import httpx

PROBLEM = "application/problem+json"
SLEEP = {"command": ["sleep", "0.1"], "tenant": "a"}


def submit(client: httpx.Client, key: str = "", **wanted: Any) -> dict[str, Any]:
    headers = {"Idempotency-Key": key} if key else {}
    answer = client.post("/api/v1/jobs", json=SLEEP | wanted, headers=headers)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def ended(client: httpx.Client, job: str) -> dict[str, Any]:
    def over() -> dict[str, Any] | None:
        found: dict[str, Any] = client.get(f"/api/v1/jobs/{job}").json()
        return found if found["status"] == "ended" else None

    answer: dict[str, Any] = eventually(over)
    return answer


def test_a_job_that_is_submitted_runs_on_its_chips_to_its_end(server: Server) -> None:
    """It shows at once, waits no longer than it must, and ends as its command did."""
    with server.operator() as client:
        job = submit(client, chips=2)
        assert client.get(f"/api/v1/jobs/{job['job']}").json()["status"] in ("waiting", "starting", "running", "ended")
        found = ended(client, job["job"])
        assert found["outcome"] == "completed"
        assert len(found["on"][0]["chips"]) == 2
        failed = submit(client, command=["false"])
        assert ended(client, failed["job"])["outcome"] == "failed"


def test_the_same_key_is_one_submission(server: Server) -> None:
    """Sent again it is answered word for word; with another request the key is refused."""
    with server.operator() as client:
        first = submit(client, key="once")
        again = client.post("/api/v1/jobs", json=SLEEP, headers={"Idempotency-Key": "once"})
        assert again.status_code == 201
        assert again.json() == first
        assert again.headers["Idempotent-Replayed"] == "true"
        other = client.post("/api/v1/jobs", json=SLEEP | {"chips": 2}, headers={"Idempotency-Key": "once"})
        assert other.status_code == 409


def test_why_says_what_is_missing(server: Server) -> None:
    """A tenant whose quota is used up is told so, with the numbers, in the language that is asked for."""
    with server.operator() as client:
        holding = [submit(client, command=["sleep", "60"], chips=3) for _ in range(2)]
        eventually(lambda: all(client.get(f"/api/v1/jobs/{j['job']}").json()["status"] == "running" for j in holding))
        job = submit(client, chips=1)["job"]
        why = eventually(lambda: _with_reason(client, job, "quota"))
        assert why["numbers"]["held_by_tenant_milli"] == 6000
        assert why["numbers"]["wanted_milli"] == 1000
        zh = client.get(f"/api/v1/jobs/{job}/why", headers={"Accept-Language": "zh-CN"}).json()
        assert zh["said"] != why["said"]
        plan = client.get("/api/v1/plan").json()
        assert [held["job"] for held in plan["holds"]] == [job]
        for one in [job, *(j["job"] for j in holding)]:
            assert client.post(f"/api/v1/jobs/{one}/cancel").status_code == 200
            assert ended(client, one)["outcome"] == "cancelled"
        assert client.post(f"/api/v1/jobs/{job}/cancel").status_code == 409


def _with_reason(client: httpx.Client, job: str, reason: str) -> dict[str, Any] | None:
    why: dict[str, Any] = client.get(f"/api/v1/jobs/{job}/why").json()
    return why if why["reason"] == reason else None


def test_pages_follow_each_other_without_gap_or_overlap(server: Server) -> None:
    """Every job is on exactly one page, those that came last first."""
    with server.operator() as client:
        made = [submit(client)["job"] for _ in range(5)]
        found: list[str] = []
        after: str | None = None
        while True:
            page = client.get("/api/v1/jobs", params={"size": 2} | ({"after": after} if after else {})).json()
            found += [job["job"] for job in page["items"]]
            after = page["next"]
            if after is None:
                break
        assert len(found) == len(set(found))
        assert found[:5] == made[::-1]


def test_usage_and_ledger_count_what_ran(server: Server) -> None:
    """Chip-time is the sum of the jobs' own, money follows from the fleet file's price, and the classes sum."""
    with server.operator() as client:
        ended(client, submit(client, chips=4, tenant="counted")["job"])
        line = [one for one in client.get("/api/v1/usage").json()["items"] if one["tenant"] == "counted"][-1]
        jobs = client.get("/api/v1/jobs", params={"tenant": "counted"}).json()["items"]
        assert line["kind"] == "H20"
        assert line["chip_time"] == sum((j["end_ms"] - j["start_ms"]) * j["chips"] * 1000 for j in jobs)
        assert line["currency"] == "CNY"
        assert line["cost"] == round(line["chip_hours"] * 670)
        ledger = client.get("/api/v1/ledger").json()
        assert sum(one["share_ppm"] for one in ledger["classes"]) == pytest.approx(1_000_000, abs=12)
        now = ledger["now"][0]
        assert now["chips_milli"] == 8000 == sum(now[f"{s}_milli"] for s in ("down", "starting", "running", "free"))


def test_events_come_as_they_happen_and_again_after_the_last_that_was_seen(server: Server) -> None:
    """The stream tells of a job's start and end; Last-Event-ID continues it; one that is too old is said to miss."""
    with server.operator() as client:
        before = _events(client, seconds=0, after="1")
        assert before[0]["what"] == "missed"
        job = submit(client)["job"]
        ended(client, job)
        told = _events(client, seconds=2, after=str(before[0]["id"]))
        assert {"submitted", "ended"} <= {one["what"] for one in told if one["job"] == job}
        assert [one["id"] for one in told] == sorted({one["id"] for one in told})


def _events(client: httpx.Client, seconds: int, after: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    with client.stream(
        "GET", "/api/v1/events", params={"seconds": max(1, seconds)}, headers={"Last-Event-ID": after}
    ) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        number = 0
        for line in stream.iter_lines():
            if line.startswith("id: "):
                number = int(line[4:])
            if line.startswith("data: "):
                found.append(json.loads(line[6:]) | {"id": number})
    return found


@pytest.mark.parametrize(
    "change",
    [
        {"command": []},
        {"chips": 63},
        {"chips": "1"},
        {"nodes": 3},
        {"kinds": ["H100"]},
        {"directory": "/nowhere"},
        {"strange": 1},
        {"tenant": None},
        {"name": "x" * 201},
        {"environment": {"A=": "1"}},
    ],
)
def test_what_cannot_run_is_refused_in_a_sentence(server: Server, change: dict[str, Any]) -> None:
    """A value out of bounds, or a job that the machine could never run, is a problem with its place."""
    with server.operator() as client:
        answer = client.post("/api/v1/jobs", json=SLEEP | change)
        assert answer.status_code == 422
        assert answer.headers["content-type"] == PROBLEM
        assert answer.json()["detail"]


def test_what_is_too_large_is_not_read(server: Server) -> None:
    """A body beyond the bound is refused, whether it says its length or not."""
    with server.operator() as client:
        big = b'{"command": ["' + b"x" * (3 << 20) + b'"]}'
        assert client.post("/api/v1/jobs", content=big).status_code == 413
        assert client.post("/api/v1/jobs", content=iter([big[:1000], big[1000:]])).status_code == 413


def test_another_host_is_refused_and_answers_carry_their_headers(server: Server) -> None:
    """A page that has its own name point here (DNS rebinding) gets nothing; nobody may frame or read answers."""
    with server.client() as client:
        assert client.get("/healthz", headers={"Host": "evil.example"}).status_code == 400
        answer = client.get("/healthz", headers={"Origin": "https://evil.example"})
        assert answer.status_code == 200
        assert "access-control-allow-origin" not in answer.headers
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"


def test_metrics_tell_the_queue_the_rounds_and_the_lease_and_no_job(server: Server) -> None:
    """Prometheus reads them; users and jobs are no labels."""
    with server.operator() as client:
        ended(client, submit(client, user="zelda", name="secret-name")["job"])
        text = client.get("/metrics").text
        for name in ("round_seconds_count", "starts_total", "chips", "lease_age_seconds", "observation_age_seconds"):
            assert f"headrace_{name}" in text
        assert "zelda" not in text
        assert "secret-name" not in text
        assert client.get("/metrics", headers={"Authorization": ""}).status_code == 401


def test_tokens_of_tenants_do_not_see_the_metrics_of_all(server: Server) -> None:
    """The queue of others is nobody's business."""
    with server.client(server.home.token("ta", Role.TENANT, "a")) as client:
        assert client.get("/metrics").status_code == 403
