"""The store of the settings, opened by itself, for what is done on the server's machine beside the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headrace.live.store.store import Store
from headrace.serve.seal import seal
from headrace.serve.settings import read_settings, store_url

if TYPE_CHECKING:
    from pathlib import Path


def open_store(config: Path | None) -> Store:
    """The store that `config`, or ./headrace.toml, names. Raises StoreError where it cannot be opened."""
    settings, folder = read_settings(config)
    return Store.open(store_url(settings), seal=seal(settings, folder))
