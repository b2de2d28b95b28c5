"""The certificate and the key under which the server speaks TLS, tried before anything is opened."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from headrace.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from headrace.serve.settings import Settings

FORM = "name PEM files: a certificate (with its chain), and its private key without a password"


def refuse_unusable_certificate(settings: Settings, folder: Path) -> None:
    """Raises InputError where the files of `[tls]` are absent, may not be read, or do not belong together."""
    if settings.tls is None:
        return
    cert, key = folder / settings.tls.cert, folder / settings.tls.key
    for file in (cert, key):
        if not file.is_file():
            raise InputError(f"[tls]: {file}", "is not there", FORM)
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key, password="")
    except OSError as error:  # ssl.SSLError is one
        raise InputError(f"[tls]: {cert} with {key}", f"cannot be used: {error.strerror or error}", FORM) from None
