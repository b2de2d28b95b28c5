"""Over TLS a server may listen where others can reach it; nothing passes in the clear, and clients check who it is."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from typing import TYPE_CHECKING

import httpx
import pytest
from tests.serve.servers import SETTINGS, Home

from headrace.errors import InputError
from headrace.live.store.nouns import Role
from headrace.serve.certificate import refuse_unusable_certificate
from headrace.serve.settings import Settings, checked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.serve.servers import Server

OPEN = SETTINGS.replace("127.0.0.1:0", "0.0.0.0:0")
TLS = OPEN + '[tls]\ncert = "cert.pem"\nkey = "key.pem"\n'


def certify(folder: Path) -> None:
    """A certificate for this machine, which vouches for itself."""
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl to make a certificate: apt-get install openssl")
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=headrace"
    files = ["-keyout", "key.pem", "-out", "cert.pem", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"]
    subprocess.run([*command.split(), *files], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with TLS on all addresses of this machine."""
    folder = tmp_path_factory.mktemp("tls")
    certify(folder)
    running = Home(folder, TLS).start()
    assert running.url.startswith("https://0.0.0.0:")
    running.url = running.url.replace("0.0.0.0", "127.0.0.1")
    yield running
    assert running.stop() == 0


def ask_as(
    server: Server, monkeypatch: pytest.MonkeyPatch, url: str, trusted: str = ""
) -> subprocess.CompletedProcess[str]:
    """`headrace jobs` as an operator, at `url`, trusting the certificates of a file."""
    monkeypatch.setenv("HEADRACE_URL", url)
    monkeypatch.setenv("HEADRACE_TOKEN", server.home.token("op", Role.OPERATOR))
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", trusted)
    return server.home.run("jobs", "--json")


def test_a_server_with_a_certificate_answers_over_https(secure: Server) -> None:
    """To whoever trusts the certificate; who does not breaks off."""
    trusting = ssl.create_default_context(cafile=str(secure.home.folder / "cert.pem"))
    with secure.client(verify=trusting) as client:
        assert client.get("/healthz").status_code in (200, 503)
    with secure.client() as client, pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        client.get("/healthz")


def test_a_server_with_a_certificate_does_not_answer_in_the_clear(secure: Server) -> None:
    """Plain HTTP gets nothing, not even a refusal that a token would have been sent for."""
    with pytest.raises(httpx.TransportError):
        httpx.get(secure.url.replace("https", "http") + "/healthz", trust_env=False)


def test_the_client_asks_over_tls_and_checks_whom_it_asks(secure: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the certificate in SSL_CERT_FILE it is answered; without it, and in the clear, it is one sentence."""
    done = ask_as(secure, monkeypatch, secure.url, str(secure.home.folder / "cert.pem"))
    assert (done.returncode, done.stderr) == (0, "")
    for url, said in ((secure.url, "certificate"), (secure.url.replace("https", "http"), "broke off")):
        done = ask_as(secure, monkeypatch, url)
        assert done.returncode == 2
        assert said in done.stderr
        assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("wrong", ["cert", "key"])
def test_a_certificate_that_cannot_be_used_is_refused_in_a_sentence(tmp_path: Path, wrong: str) -> None:
    """The file is absent, holds something else, or the two do not belong together."""
    certify(tmp_path)
    file = tmp_path / f"{wrong}.pem"
    (other := tmp_path / "other").mkdir()
    certify(other)
    settings = checked(Settings, {"tls": {"cert": "cert.pem", "key": "key.pem"}}, "headrace.toml")
    refuse_unusable_certificate(settings, tmp_path)
    for wrongly in ((other / file.name).read_text(), "nothing of the kind"):
        file.write_text(wrongly)
        with pytest.raises(InputError, match=f"{file.name}.* cannot be used: .*; name PEM files"):
            refuse_unusable_certificate(settings, tmp_path)
    file.unlink()
    done = Home(tmp_path, TLS).run("serve")
    assert done.returncode == 2, done.stderr
    assert f"{file}: is not there" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_behind_a_proxy_a_server_listens_where_others_can_reach_it(tmp_path: Path) -> None:
    """In the clear, because it was told that what is in front has TLS."""
    running = Home(tmp_path, OPEN).start("--behind-proxy")
    url = running.url.replace("0.0.0.0", "127.0.0.1")
    headers = {"Host": "headrace.example", "X-Forwarded-Proto": "https"}
    assert httpx.get(f"{url}/healthz", headers=headers, trust_env=False).status_code in (200, 503)
    assert running.stop() == 0
