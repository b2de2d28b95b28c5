"""Where to listen, and whether that is safe: what is not loopback needs TLS, or a proxy in front that has it."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from headrace.errors import InputError

if TYPE_CHECKING:
    from headrace.serve.settings import Settings

FORM: Final = "write HOST:PORT, such as 127.0.0.1:8470 or [::1]:8470"
LOOPBACK_NAMES: Final = ("localhost", "127.0.0.1", "[::1]")
MOST_PORT: Final = 65535


@dataclass(frozen=True)
class Address:
    """A host and a port; port 0 is whichever is free."""

    host: str
    port: int

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach it."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def address(settings: Settings) -> Address:
    """Where to listen. Raises InputError where that is no address, or would show tokens to a network."""
    found = parse_address(settings.listen)
    if not (found.loopback or settings.tls or settings.behind_proxy):
        raise InputError(
            "listen",
            f"is {settings.listen}, which others can reach, and tokens would pass in the clear",
            "give [tls] a cert and a key, or say --behind-proxy if a proxy in front has TLS",
        )
    return found


def parse_address(text: str) -> Address:
    """`HOST:PORT` as its parts. Raises InputError for anything else."""
    host, colon, port = text.rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    plain = bare == host and ":" in host
    if not (colon and bare and port.isascii() and port.isdigit()) or plain or int(port) > MOST_PORT:
        raise InputError("listen", f"is {text!r}", FORM)
    return Address(bare, int(port))


def allowed_hosts(settings: Settings, listening: Address) -> frozenset[str]:
    """The names under which this server may be asked; empty: any.

    On loopback a page from elsewhere could have its own name point here (DNS rebinding), so the names are known ones.
    """
    named = frozenset(name.lower() for name in settings.hosts)
    return named | frozenset(LOOPBACK_NAMES) if listening.loopback and not settings.behind_proxy else named


def host_of(header: str) -> str:
    """The host in a Host header, without its port."""
    name = header.strip().lower()
    host, colon, port = name.rpartition(":")
    return host if colon and port.isdigit() and host.startswith("[") == host.endswith("]") else name
