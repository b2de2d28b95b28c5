"""The verbs on the server's machine: each mistake is one sentence with its exit code; answers in both languages."""

from __future__ import annotations

import json
import signal
import sqlite3
from typing import TYPE_CHECKING

import pytest
from tests.serve.servers import FLEET, SETTINGS, Home, eventually
from tests.serve.test_api import submit

if TYPE_CHECKING:
    from pathlib import Path

    from tests.serve.servers import Server


@pytest.mark.parametrize(
    ("settings", "options", "said"),
    [
        ('listen = "0.0.0.0:0"', (), "in the clear"),
        ("strange = 1", (), "strange: is no key here"),
        (SETTINGS, ("--listen", "nowhere"), "write HOST:PORT"),
        ('store = "mysql://x"', (), "sqlite:///FILE and postgresql://"),
        ('policy = "oracle:srtf/best"', (), "no live fleet knows true run times"),
        ('fleet = "absent.toml"', (), "absent.toml: is not there"),
    ],
)
def test_what_cannot_be_served_is_refused_in_a_sentence(
    tmp_path: Path, settings: str, options: tuple[str, ...], said: str
) -> None:
    """Exit 2, no traceback, and nothing is left running."""
    done = Home(tmp_path, settings).run("serve", *options)
    assert done.returncode == 2, done.stderr
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_an_address_that_is_taken_is_refused_in_a_sentence(server: Server, tmp_path: Path) -> None:
    """Another server has it."""
    taken = server.url.partition("//")[2]
    done = Home(tmp_path, f'listen = "{taken}"').run("serve")
    assert done.returncode == 2
    assert "cannot be had: Address already in use" in done.stderr


def test_without_a_fleet_file_a_draft_is_shown_that_is_one(tmp_path: Path) -> None:
    """What is printed can be saved as it is."""
    home = Home(tmp_path)
    (tmp_path / "fleet.toml").unlink()
    done = home.run("serve")
    assert done.returncode == 2
    draft = done.stdout[done.stdout.index("name =") :]
    (tmp_path / "fleet.toml").write_text(draft, encoding="utf-8")
    assert home.run("plan", "--lang", "both").returncode == 0


def test_the_plan_is_told_with_and_without_a_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without, the engine is looked at; with, the server that holds it is asked. Nothing is done by either."""
    home = Home(tmp_path)
    running = home.start()
    with running.operator() as client:
        submit(client, command=["sleep", "60"], chips=4, nodes=2, tenant="b")
        job = submit(client, command=["sleep", "60"], chips=4, nodes=1, tenant="b")["job"]
        eventually(lambda: client.get(f"/api/v1/jobs/{job}/why").json()["reason"] not in (None, "unseen"))
        monkeypatch.setenv("HEADRACE_URL", running.url)
        monkeypatch.setenv("HEADRACE_TOKEN", home.tokens["op"])
        asked = json.loads(home.run("plan", "--json").stdout)
        assert [held["job"] for held in asked["holds"]] == [job]
        for one in client.get("/api/v1/jobs").json()["items"]:
            client.post(f"/api/v1/jobs/{one['job']}/cancel")
    assert running.stop() == 0
    told = home.run("plan", "--lang", "both")
    assert told.returncode == 0, told.stderr
    assert "Nothing is done" in told.stdout
    assert "什么也没有执行" in told.stdout


def test_tokens_are_made_listed_and_revoked(tmp_path: Path) -> None:
    """The text is shown once; the list has none; a name is never used again."""
    home = Home(tmp_path)
    made = home.run("token", "create", "me", "--role", "operator")
    assert made.stdout.startswith("headrace_")
    assert home.run("token", "create", "me").returncode == 2
    assert home.run("token", "create", "other", "--role", "king").returncode == 2
    assert home.run("token", "create", "other").returncode == 2  # a tenant's token needs the tenant
    listed = home.run("token", "list", "--json")
    assert [one["name"] for one in json.loads(listed.stdout)] == ["me"]
    assert made.stdout.strip() not in listed.stdout + home.run("token", "list", "--lang", "both").stdout
    assert home.run("token", "revoke", "me").returncode == 0
    assert home.run("token", "revoke", "me").returncode == 1


def test_a_changed_line_of_the_audit_log_is_found(tmp_path: Path) -> None:
    """Exit 1 and the first line that is wrong; exit 0 before."""
    home = Home(tmp_path)
    for name in ("one", "two", "three"):
        assert home.run("token", "create", name, "--role", "viewer").returncode == 0
    assert home.run("audit", "verify").returncode == 0
    file = tmp_path / "data" / "headrace" / "headrace.db"
    with sqlite3.connect(file) as db:
        triggers = [row[0] for row in db.execute("select name from sqlite_master where type = 'trigger'")]
        for trigger in triggers:
            db.execute(f'drop trigger "{trigger}"')
        db.execute("update audit set who = 'somebody else' where sequence = 2")
    db.close()
    found = home.run("audit", "verify")
    assert found.returncode == 1
    assert "line 2: it was changed" in found.stderr


def test_a_second_interrupt_ends_it_at_once(tmp_path: Path) -> None:
    """The first is asked for, and waits; the second does not."""
    running = Home(tmp_path, SETTINGS, FLEET).start()
    with running.operator() as client, client.stream("GET", "/api/v1/events") as stream:
        next(stream.iter_lines())
        running.process.send_signal(signal.SIGINT)
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(timeout=10) in (0, 130)
    assert running.process.stdout is not None
    running.process.stdout.close()
