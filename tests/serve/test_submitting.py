"""A submission that died half-way is sent again with its key, and is one job, wherever it died."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import httpx
import pytest
from tests.serve.servers import SETTINGS, Home, Server, _address, eventually
from tests.serve.test_api import ended, submit

from headrace.errors import InputError, StoreError
from headrace.live.engines.local.engine import LocalEngine
from headrace.live.store.nouns import Page, Role
from headrace.live.store.store import Store
from headrace.serve.access import Caller
from headrace.serve.engines import open_engine
from headrace.serve.serving import Serving
from headrace.serve.settings import read_settings
from headrace.serve.shapes import Submit
from headrace.serve.submitting import Submitting, finish_submissions

if TYPE_CHECKING:
    from pathlib import Path

DIES = """
import os, signal, sys
from headrace.live.store.store import Store
Store.submitted = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
from headrace.cli import main
sys.argv = ["headrace", "serve"]
main()
"""
"""A server that is killed when the engine has taken a job, and nobody else knows of it."""
WANTED = Submit(command=["true"], tenant="a", directory="/")
WHO = Caller("op", Role.OPERATOR, None)


class Killed(BaseException):
    """The process ends here."""


def opened(folder: Path) -> Serving:
    """A server of a folder, that does not listen."""
    settings, where = read_settings(folder / "headrace.toml")
    serving = Serving(settings, open_engine(settings, where), Store.open(f"sqlite:///{folder / 'store.db'}"))
    finish_submissions(serving, 1)
    return serving


def dying(home: Home) -> Server:
    """A server that dies at its first submission."""
    with (home.folder / "log.jsonl").open("a", encoding="utf-8") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", DIES],
            cwd=home.folder,
            env=home.environment,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    return Server(process, _address(process, home.folder / "log.jsonl"), home)


def test_a_server_killed_between_the_engine_and_the_answer_makes_one_job(tmp_path: Path) -> None:
    """Sent again, after the job has ended and the server was started twice: the same job, which ran once."""
    home = Home(tmp_path)
    running = dying(home)
    with running.operator() as client, pytest.raises(httpx.TransportError):
        submit(client, key="once", command=["sh", "-c", "echo ran >> runs"], directory=str(tmp_path))
    running.kill()
    running = home.start()
    eventually((tmp_path / "runs").exists)
    running.kill()
    running = home.start()
    with running.operator() as client:
        again = submit(client, key="once", command=["sh", "-c", "echo ran >> runs"], directory=str(tmp_path))
        assert ended(client, again["job"])["outcome"] == "completed"
        assert [one["job"] for one in client.get("/api/v1/jobs").json()["items"]] == [again["job"]]
        assert submit(client, key="once", command=["sh", "-c", "echo ran >> runs"], directory=str(tmp_path)) == again
    assert running.stop() == 0
    assert (tmp_path / "runs").read_text() == "ran\n"


@pytest.mark.parametrize("where", [(LocalEngine, "submit"), (Store, "submitted")])
@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize("restarted", [False, True])
def test_wherever_a_submission_dies_its_key_finds_one_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: tuple[type, str], done: bool, restarted: bool
) -> None:
    """Before or after the engine took it, before or after it was written down; by a new server or the same."""
    Home(tmp_path)
    serving = opened(tmp_path)
    real = getattr(*where)

    def dies(*told: object, **more: object) -> None:
        if done:
            real(*told, **more)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(*where, dies)
        with pytest.raises(Killed):
            Submitting(serving, WHO, 5).submit(WANTED, "key")
    if restarted:
        serving.close()
        serving = opened(tmp_path)
    first, _ = Submitting(serving, WHO, 6).submit(WANTED, "key")
    again, replayed = Submitting(serving, WHO, 7).submit(WANTED, "key")
    assert replayed
    assert again == first
    assert [seen.asked.job for seen in serving.engine.observe().jobs] == [first.job]
    assert [line.what for line in serving.store.audit(Page())].count("job.submit") == 1
    serving.close()


def test_a_job_that_could_not_be_written_down_is_found_by_its_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store is locked after the engine took the job: an error, and the next try is answered with that job."""
    Home(tmp_path)
    serving = opened(tmp_path)

    def locked(*_: object) -> None:
        raise StoreError("locked")

    with monkeypatch.context() as patched:
        patched.setattr(Store, "submitted", locked)
        with pytest.raises(StoreError):
            Submitting(serving, WHO, 5).submit(WANTED, "key")
    Submitting(serving, WHO, 6).submit(WANTED, "key")
    assert len(serving.engine.observe().jobs) == 1
    serving.close()


def test_the_key_of_a_job_that_was_refused_is_free_again(tmp_path: Path) -> None:
    """What was wrong is put right, and sent with the same key. Keys of two tenants are two."""
    Home(tmp_path, SETTINGS)
    serving = opened(tmp_path)
    with pytest.raises(InputError):
        Submitting(serving, WHO, 5).submit(WANTED.model_copy(update={"chips": 99}), "key")
    Submitting(serving, WHO, 6).submit(WANTED, "key")
    Submitting(serving, WHO, 7).submit(WANTED.model_copy(update={"tenant": "b"}), "key")
    assert [seen.asked.tenant for seen in serving.engine.observe().jobs] == ["a", "b"]
    serving.close()
