"""Asks a Headrace server over HTTP; whatever goes wrong is one sentence."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from headrace import __version__
from headrace.cli.client_address import TOKEN, URL, Address, address
from headrace.errors import ServerError
from headrace.report.names import short

if TYPE_CHECKING:
    import httpx

API: Final = "/api/v1"
SECONDS: Final = 20.0
"""How long an answer may take."""
TRIES: Final = 3
"""How often a request that may be repeated is sent."""
PAUSE_S: Final = 0.5
BUSY: Final = 503
RUNS: Final = f"does it run, and is {URL} right?"
SAID: Final = 300
"""How many characters of a server's own words are shown."""
Shape = TypeVar("Shape", bound=BaseModel)


class AbsentError(ServerError):
    """A server that is not there, or cannot answer now: it may soon."""


@dataclass(frozen=True)
class Server:
    """A server that is asked with one token. Each answer is read as a shape; ServerError for all that is none."""

    address: Address
    http: httpx.Client = field(repr=False)

    def get(self, shape: type[Shape], path: str, **asked: object) -> Shape:
        """The answer to GET `path`; what is None is not asked for."""
        params = {name: str(value) for name, value in asked.items() if value is not None}
        return self._shaped(shape, self._answered("GET", path, params=params))

    def post(self, shape: type[Shape], path: str, body: BaseModel | None = None, key: str = "") -> Shape:
        """The answer to POST `path`; sent twice with the same `key` it is done once."""
        headers = {"Content-Type": "application/json"} | ({"Idempotency-Key": key} if key else {})
        content = body.model_dump_json(exclude_unset=True) if body else None
        return self._shaped(shape, self._answered("POST", path, key, headers=headers, content=content))

    def _answered(self, method: str, path: str, key: str = "", **more: Any) -> httpx.Response:
        """The answer, unless it is a refusal. What may be repeated (it only looks, or it has a `key`) is sent again
        where no answer came, or where the server is busy for a moment."""
        for left in reversed(range(TRIES if key or method == "GET" else 1)):
            answer = self._sent(method, path, not left, more)
            if answer is not None and not (left and answer.status_code == BUSY):
                return _accepted(answer, self.address.url)
            time.sleep(PAUSE_S)
        raise AssertionError("the last one is an answer, or raises")

    def _sent(self, method: str, path: str, last: bool, more: dict[str, Any]) -> httpx.Response | None:
        """One request; None where the connection broke off and it is not the `last`."""
        import httpx

        url = self.address.url
        try:
            return self.http.request(method, API + path, **more)
        except httpx.ConnectError as error:
            raise AbsentError(f"{url} cannot be reached: {_short(str(error))}; {RUNS}") from error
        except httpx.HTTPError as error:
            if not last:
                return None
            late = isinstance(error, httpx.TimeoutException)
            said = f"did not answer within {SECONDS:g} s" if late else f"broke off: {_short(str(error))}; {RUNS}"
            raise AbsentError(f"{url} {said}") from error

    def _shaped(self, shape: type[Shape], answer: httpx.Response) -> Shape:
        try:
            return shape.model_validate_json(answer.content)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"]))
            raise ServerError(
                f"{self.address.url} answered what this Headrace ({__version__}) does not understand "
                f"({place}: {_short(first['msg'])}); is the server of another version?"
            ) from error


def server(lang: str = "en") -> Server:
    """The server that this user's environment or configuration names; its sentences are in `lang`."""
    import httpx

    where = address()
    headers = {
        "Accept": "application/json",
        "Accept-Language": lang,
        "Authorization": f"Bearer {where.token}",
        "User-Agent": f"headrace/{__version__}",
    }
    trusted = httpx.create_ssl_context()  # SSL_CERT_FILE is obeyed on this machine too; proxies have no place there
    http = httpx.Client(base_url=where.url, headers=headers, timeout=SECONDS, verify=trusted, trust_env=not where.here)
    return Server(where, http)


def wall_ms() -> int:
    """The time in ms."""
    return time.time_ns() // 1_000_000


def _accepted(answer: httpx.Response, url: str) -> httpx.Response:
    """`answer`, if it is a server's of ours and it is not a refusal."""
    kind = answer.headers.get("content-type", "").partition(";")[0].strip()
    if answer.is_success and kind == "application/json":
        return answer
    said = _problem(answer) if kind == "application/problem+json" else None
    raise (AbsentError if answer.is_server_error else ServerError)(said or _unexpected(answer, kind, url))


def _problem(answer: httpx.Response) -> str | None:
    """The sentence of a problem (RFC 9457); None where it has none."""
    try:
        told: Any = json.loads(answer.content)
    except ValueError:
        return None
    said = told.get("detail") or told.get("title") if isinstance(told, dict) else None
    return _short(f"{said}{_advice(answer.status_code)}") if isinstance(said, str) and said else None


def _advice(status: int) -> str:
    return f"; check {TOKEN}" if status == 401 else ""


def _unexpected(answer: httpx.Response, kind: str, url: str) -> str:
    if answer.is_redirect:
        return f"{url} sends us on to {_short(answer.headers.get('location', ''))}; set {URL} to where the server is"
    if kind == "application/json" or answer.is_success:
        return f"{url} answered {answer.status_code} with {kind or 'nothing'}; is {URL} a Headrace server?"
    return (
        f"{url} answered {answer.status_code} {_short(answer.reason_phrase)} with {kind or 'nothing'}: "
        f"not Headrace but something in between, such as a proxy; is {URL} right?"
    )


def _short(text: str) -> str:
    """Somebody else's words, made safe to print."""
    return short(" ".join(text.split()), SAID)
