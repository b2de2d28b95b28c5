"""Which server the client's verbs ask, and with which token.

    HEADRACE_URL, HEADRACE_TOKEN       or, where one of these is not set,
    $XDG_CONFIG_HOME/headrace/client.toml    url = "...", token = "...": readable by its owner alone

A token is never taken from the command line: everybody on a machine sees the command lines of all others.
"""

from __future__ import annotations

import os
import stat
import tomllib
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

from headrace.errors import CallError, InputError

URL: Final = "HEADRACE_URL"
TOKEN: Final = "HEADRACE_TOKEN"
DEFAULT_URL: Final = "http://127.0.0.1:8470"
"""Where `headrace serve` listens unless it is told otherwise."""
KEYS: Final = ("url", "token")
OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True)
class Address:
    """A server's URL, without a slash at its end, and the token that is shown to it."""

    url: str
    token: str

    @property
    def here(self) -> bool:
        """Whether it is this machine, which no proxy can reach for us."""
        return is_loopback(urlsplit(self.url))


def address() -> Address:
    """Where to ask. CallError or InputError, with what to do, where that is not known or not safe."""
    kept = {} if {URL, TOKEN} <= _set() else read_file(file())
    url = os.environ.get(URL) or kept.get("url") or DEFAULT_URL
    token = os.environ.get(TOKEN) or kept.get("token") or ""
    if not token:
        raise CallError(f"no token is known: set {TOKEN}, or write it into {file()} (mode 0600); an operator makes one")
    return Address(checked_url(url), checked_token(token))


def file() -> Path:
    """The client's configuration: client.toml in the user's configuration directory."""
    home = os.environ.get("XDG_CONFIG_HOME", "")
    base = Path(home) if home and Path(home).is_absolute() else Path.home() / ".config"
    return base / "headrace" / "client.toml"


def read_file(path: Path) -> dict[str, str]:
    """What the file says; nothing where there is none. InputError where others can read it, or it makes no sense."""
    try:
        with path.open("rb") as opened:
            _check_mode(path, os.fstat(opened.fileno()).st_mode)
            return _checked_table(path, tomllib.load(opened))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(str(path), f"is no TOML: {error}", 'write url = "https://..." and token = "..."') from error
    except OSError as error:
        raise InputError(str(path), f"cannot be read: {error.strerror}") from error


def checked_url(url: str) -> str:
    """`url` without a slash at its end. CallError where a token must not go there."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise CallError(f"{url!r} is no URL: {error}") from error
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise CallError(f"{url!r} is no URL of a server; write {URL} as in {DEFAULT_URL} or https://headrace.example")
    if parts.username or parts.query or parts.fragment:
        raise CallError("the server's URL may hold a host, a port and a path alone; names and tokens go elsewhere")
    if parts.scheme == "http" and not is_loopback(parts):
        raise CallError(f"{url} would show the token to the whole network; use https, or a tunnel to 127.0.0.1")
    return url.rstrip("/")


def checked_token(token: str) -> str:
    """`token` without blanks around it. CallError where it cannot be one."""
    token = token.strip()
    if not token.isascii() or not token.isprintable() or " " in token:
        raise CallError("the token holds characters that no token has; copy it anew")
    return token


def is_loopback(parts: SplitResult) -> bool:
    """Whether a URL leads to this machine and nowhere else."""
    host = parts.hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _set() -> set[str]:
    return {name for name in (URL, TOKEN) if os.environ.get(name)}


def _check_mode(path: Path, mode: int) -> None:
    if mode & OTHERS:
        raise InputError(str(path), f"can be read by others (mode {stat.S_IMODE(mode):04o})", f"chmod 600 {path}")


def _checked_table(path: Path, table: dict[str, Any]) -> dict[str, str]:
    for key, value in table.items():
        if key not in KEYS:
            raise InputError(str(path), f"has a key {key!r}", f"{' and '.join(KEYS)} are possible")
        if not isinstance(value, str):
            raise InputError(f"{path}, {key}", "is no text", f'write {key} = "..."')
    return dict(table)
