"""The client's verbs: what they ask a server, what they make of its answers, and one sentence for each mistake."""

from __future__ import annotations

import json
import os
import socket
from typing import TYPE_CHECKING

import pytest
from tests.cli.answering import Canned, answering, problem
from tests.serve.page import views
from typer.testing import CliRunner

from headrace.cli.app import app
from headrace.cli.client_address import TOKEN, URL, address, checked_url, file
from headrace.cli.client_length import length_ms
from headrace.cli.submit import CARRIED
from headrace.errors import CallError, HeadraceError, InputError, ServerError
from headrace.serve.shapes import Jobs, Usage
from headrace.units import HOUR_MS, MINUTE_MS, SECOND_MS

if TYPE_CHECKING:
    from pathlib import Path

JOB = views.job(17)
NO = Canned("", 0)
HTML = "<html><body>Bad gateway \x1b[31m</body></html>"


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A user without any configuration, and with a token."""
    for name in (URL, "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(TOKEN, "headrace_mine")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setattr("headrace.cli.client.PAUSE_S", 0)


def headrace(*words: str, url: str = "http://127.0.0.1:9") -> str:
    """What a verb prints; what it raises is raised here."""
    ended = CliRunner().invoke(app, words, env={URL: url}, catch_exceptions=False)
    assert ended.exit_code == 0, ended.output
    return ended.stdout


def refused(*words: str, url: str) -> str:
    """The sentence with which a verb ends, on one line and safe to print, and exit code 2."""
    with pytest.raises(HeadraceError) as caught:
        headrace(*words, url=url)
    said = str(caught.value)
    assert caught.value.exit_code == 2
    assert not {"\n", "\x1b"} & set(said)
    return said


def test_submit_sends_what_was_typed_and_no_secret() -> None:
    """Sizes per node, kinds, limit, command and folder; of the environment what finds programs, and never the token."""
    typed = ("--chips", "4", "--nodes", "2", "--share", "500", "--kinds", "H20, A800", "--limit", "2h", "--name", "x")
    more = ("--cpus", "1.5", "--memory", "2", "--env", "SEED=7", "--", "python", "train.py", "--limit", "3")
    with answering(Canned(JOB.model_dump(), 201)) as (url, asked):
        assert "Submitted as job 17." in headrace("submit", *typed, *more, url=url)
    [request] = asked
    assert request.line == "POST /api/v1/jobs"
    assert request.headers["authorization"] == "Bearer headrace_mine"
    assert request.body["command"] == ["python", "train.py", "--limit", "3"]
    assert request.body["kinds"] == ["H20", "A800"]
    assert (request.body["share_milli"], request.body["limit_ms"]) == (500, 2 * HOUR_MS)
    assert (request.body["cpu_millicores"], request.body["memory_mib"]) == (1_500, 2_048)
    assert request.body["directory"] == os.getcwd()
    assert request.body["environment"].keys() <= {*CARRIED, "SEED"}
    assert request.body["environment"]["SEED"] == "7"
    assert "headrace_mine" not in json.dumps(request.body)


def test_a_submission_that_broke_off_is_sent_again_as_the_same_one() -> None:
    """A connection that ends, and a server that is busy for a moment, make no second job."""
    with answering(NO, problem(503, "busy"), Canned(JOB.model_dump(), 201)) as (url, asked):
        headrace("submit", "true", url=url)
    assert len(asked) == 3
    assert len({request.headers["idempotency-key"] for request in asked}) == 1
    with answering(Canned(JOB.model_dump(), 201)) as (url, again):
        headrace("submit", "true", url=url)
    assert again[0].headers["idempotency-key"] != asked[0].headers["idempotency-key"]


def test_a_cancellation_is_not_sent_twice() -> None:
    """What has no key of its own is not repeated."""
    with answering(NO) as (url, asked):
        assert "broke off" in refused("cancel", "17", url=url)
    assert len(asked) == 1


def test_jobs_asks_page_after_page_until_it_has_enough() -> None:
    """A limit beyond one page is kept to, and that there are more is said."""
    first = Jobs(items=[views.job(3), views.job(2)], next="2")
    second = Jobs(items=[views.job(1), views.job(0)], next=None)
    with answering(Canned(first.model_dump()), Canned(second.model_dump())) as (url, asked):
        said = headrace("jobs", "--limit", "3", "--tenant", "search", "--state", "waiting", url=url)
    assert [request.line.partition("?")[0] for request in asked] == ["GET /api/v1/jobs"] * 2
    assert "tenant=search&status=waiting&size=4" in asked[0].line
    assert "after=2" in asked[1].line
    assert "These are the first 3" in said


def test_why_asks_for_the_reason_and_the_job() -> None:
    """Two questions, one answer in words; a job's number cannot become another path."""
    answers = [Canned(views.why(1, "chips").model_dump()), Canned(JOB.model_dump())]
    with answering(*answers) as (url, asked):
        assert "9 are missing" in headrace("why", "../nodes", url=url)
    assert [request.line for request in asked] == [f"GET /api/v1/jobs/..%2Fnodes{rest}" for rest in ("/why", "")]


def test_cancel_goes_on_after_one_that_is_refused() -> None:
    """Each is tried; what was done is printed, what was not is said at the end."""
    with answering(problem(404, "there is no job '1'"), Canned(JOB.model_dump())) as (url, asked):
        assert refused("cancel", "1", "17", url=url) == "there is no job '1'"
    assert len(asked) == 2


@pytest.mark.parametrize(
    ("verb", "answer", "printed"),
    [
        ("nodes", views.nodes().model_dump(), views.nodes().model_dump()),
        ("jobs", Jobs(items=[JOB], next=None).model_dump(), {"items": [JOB.model_dump()], "more": False}),
        ("why 17", views.why(1, "quota").model_dump(), views.why(1, "quota").model_dump()),
        ("submit true", JOB.model_dump(), JOB.model_dump()),
        ("cancel 17", JOB.model_dump(), [JOB.model_dump()]),
    ],
)
def test_every_verb_has_its_answer_as_json(verb: str, answer: object, printed: object) -> None:
    """`--json` prints what the server said, and nothing that a program would stumble over."""
    name, *rest = verb.split()
    with answering(Canned(answer)) as (url, _):
        assert json.loads(headrace(name, "--json", *rest, url=url)) == printed


def test_usage_asks_for_a_period_and_sums_it() -> None:
    """Dates are UTC unless they or --tz say else."""
    answer = Usage(since_ms=0, until_ms=HOUR_MS, items=[], chip_time=0, chip_hours=0, costs={})
    with answering(Canned(answer.model_dump())) as (url, asked):
        headrace("usage", "--from", "2026-01-05", "--to", "2026-01-06", "--tz", "Asia/Shanghai", url=url)
        headrace("usage", url=url)
    assert asked[0].line.endswith("?since_ms=1767542400000&until_ms=1767628800000")
    assert asked[1].line == "GET /api/v1/usage"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            problem(401, "the token is not known, or was revoked"),
            "the token is not known, or was revoked; check HEADRACE_TOKEN",
        ),
        (problem(404, "there is no job '17'"), "there is no job '17'"),
        (
            problem(409, "jobs are submitted to Slurm itself: use sbatch"),
            "jobs are submitted to Slurm itself: use sbatch",
        ),
        (problem(503, "a turn \x1b[31mlasts"), "a turn [31mlasts"),
        (Canned(HTML, 502, "text/html"), "not Headrace but something in between"),
        (Canned(HTML, 200, "text/html"), "is HEADRACE_URL a Headrace server?"),
        (
            Canned("", 302, "text/html", {"Location": "https://sign-in.example/"}),
            "sends us on to https://sign-in.example/",
        ),
        (Canned({"items": [], "more": 1}), "of another version?"),
        (Canned("[1, 2", 200), "of another version?"),
        (Canned("[1, 2", 500, "application/problem+json"), "not Headrace but something in between"),
        (NO, "broke off"),
    ],
)
def test_whatever_a_server_answers_ends_in_one_sentence(answer: Canned, said: str) -> None:
    """Refusals are quoted; what is not Headrace's is named; nothing of it reaches the terminal raw."""
    with answering(answer) as (url, _):
        assert said in refused("nodes", url=url)


def test_a_server_that_is_not_there_is_one_sentence() -> None:
    """With what to look at."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        said = refused("jobs", url=f"http://127.0.0.1:{taken.getsockname()[1]}")
    assert "cannot be reached" in said
    assert URL in said


def test_a_server_that_does_not_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the time that an answer may take."""
    monkeypatch.setattr("headrace.cli.client.SECONDS", 0.05)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        assert "did not answer within 0.05 s" in refused("nodes", url=f"http://127.0.0.1:{silent.getsockname()[1]}")


@pytest.mark.parametrize(
    "words",
    [
        ("jobs", "--state", "sleeping"),
        ("usage", "--by", "weather"),
        ("usage", "--from", "yesterday"),
        ("submit", "--limit", "soon", "true"),
        ("submit", "--class", "royal", "true"),
        ("submit", "--env", "NOT_SET_ANYWHERE", "true"),
        ("submit", "--env", TOKEN, "true"),
        ("submit", "--chips", "64", "true"),
    ],
)
def test_a_call_that_makes_no_sense_asks_no_server(words: tuple[str, ...]) -> None:
    """What can be told here is told here."""
    with answering(problem(500, "was asked")) as (url, asked):
        refused(*words, url=url)
    assert asked == []


@pytest.mark.parametrize("verb", [("jobs",), ("submit", "true"), ("nodes",), ("usage",), ("why", "1"), ("cancel", "1")])
def test_a_token_on_the_command_line_is_refused(verb: tuple[str, ...]) -> None:
    """Everybody on the machine could read it; and it is not used."""
    name, *rest = verb
    with answering(problem(500, "was asked")) as (url, asked):
        assert "seen by everybody" in refused(name, "--token", "headrace_x", *rest, url=url)
    assert asked == []


def test_the_file_is_read_where_the_environment_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of the two is taken from the environment first."""
    monkeypatch.delenv(TOKEN)
    write('url = "https://fleet.example/headrace/"\ntoken = "headrace_kept"\n')
    assert address().url == "https://fleet.example/headrace"
    assert address().token == "headrace_kept"
    monkeypatch.setenv(URL, "http://[::1]:1")
    assert (address().url, address().token) == ("http://[::1]:1", "headrace_kept")


def write(text: str, mode: int = 0o600) -> Path:
    """The user's client.toml."""
    file().parent.mkdir(exist_ok=True)
    file().write_text(text, encoding="utf-8")
    file().chmod(mode)
    return file()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o777])
def test_a_file_that_others_can_read_is_refused(monkeypatch: pytest.MonkeyPatch, mode: int) -> None:
    """With the command that mends it."""
    monkeypatch.delenv(TOKEN)
    path = write('token = "headrace_x"', mode)
    with pytest.raises(InputError, match=f"chmod 600 {path}"):
        address()


@pytest.mark.parametrize("text", ["token = ", "token = 5", 'tokn = "x"', "\udcff"])
def test_a_file_that_makes_no_sense_is_one_sentence(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Where, and what would be right."""
    monkeypatch.delenv(TOKEN)
    write("")
    file().write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(InputError, match=r"client\.toml"):
        address()


def test_without_a_token_the_user_is_told_where_one_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable and the file."""
    monkeypatch.delenv(TOKEN)
    with pytest.raises(CallError, match=r"HEADRACE_TOKEN.*client\.toml"):
        address()


@pytest.mark.parametrize(
    "url",
    [
        "fleet.example",
        "ftp://a",
        "http://",
        "http://fleet.example",
        "https://u:p@a",
        "http://a:x",
        "https://a/?q=1",
        "http://[::1",
    ],
)
def test_a_url_to_which_a_token_must_not_go_is_refused(url: str) -> None:
    """Plain HTTP is for this machine alone; names and questions do not belong into it."""
    with pytest.raises(CallError):
        checked_url(url)


@pytest.mark.parametrize(
    "url", ["http://localhost:8470", "http://127.0.0.1:1/", "http://[::1]:8470", "https://a.example"]
)
def test_this_machine_and_https_are_fine(url: str) -> None:
    """A slash at the end is dropped."""
    assert checked_url(url) == url.rstrip("/")


def test_a_proxy_is_not_asked_about_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy in the environment cannot reach our loopback, and must not see the token."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with answering(Canned(views.nodes().model_dump())) as (url, asked):
        headrace("nodes", url=url)
    assert len(asked) == 1


@pytest.mark.parametrize("token", ["a b", "ключ", "a\x1bb"])
def test_a_token_that_no_token_looks_like_is_not_sent(monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    """A copy that went wrong is told before a request is made of it."""
    monkeypatch.setenv(TOKEN, token)
    with pytest.raises(CallError, match="copy it anew"):
        address()


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("2h", 2 * HOUR_MS),
        ("90m", 90 * MINUTE_MS),
        ("1d12h", 36 * HOUR_MS),
        ("1.5 h", 90 * MINUTE_MS),
        ("45s", 45 * SECOND_MS),
    ],
)
def test_a_length_reads_as_people_write_it(text: str, length: int) -> None:
    """Days, hours, minutes and seconds, together and in parts."""
    assert length_ms("--limit", text) == length


@pytest.mark.parametrize("text", ["", "2", "h", "2x", "-2h", "0s", "2h and more", "1e9h"])
def test_what_is_no_length_is_refused_by_name(text: str) -> None:
    """The option is named."""
    with pytest.raises(CallError, match="--limit"):
        length_ms("--limit", text)


def test_an_error_of_a_server_is_an_error_of_headrace() -> None:
    """So that the command line ends with exit code 2 and a sentence."""
    assert issubclass(ServerError, HeadraceError)
    assert ServerError.exit_code == 2
