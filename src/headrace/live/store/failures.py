"""What went wrong in a database, as one sentence that says what to do."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionError

from headrace.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

LOCKED: Final = "another process keeps it locked; nothing was changed; see what holds it, then try again"
FULL: Final = "its disk is full; nothing was changed; make room, then try again"
READ_ONLY: Final = "it may not be written; let the user that runs headrace write it"
DAMAGED: Final = "it is damaged; put a backup in its place"
FOREIGN: Final = "it is not a database that Headrace made; name another one"
UNOPENED: Final = (
    "it cannot be opened; its folder must exist, and the user that runs headrace must be allowed to write it"
)
UNREAD: Final = "its disk cannot be read or written"
SILENT: Final = "its server does not answer; see that it runs, and where"
UNKNOWN_USER: Final = "its server does not take this user or password; correct them in the URL"
ABSENT: Final = "there is no such database; make it with createdb, or name another one"
TOO_LARGE: Final = "a number is beyond 64 bits; nothing was changed"
BUSY: Final = "all its connections are in use; try again"

SQLITE: Final = {
    5: LOCKED,
    6: LOCKED,
    8: READ_ONLY,
    10: UNREAD,
    11: DAMAGED,
    13: FULL,
    14: UNOPENED,
    26: FOREIGN,
}
"""By SQLite's primary result code (https://www.sqlite.org/rescode.html)."""

POSTGRESQL: Final = {
    "08": SILENT,
    "22003": TOO_LARGE,
    "25006": READ_ONLY,
    "28": UNKNOWN_USER,
    "3D000": ABSENT,
    "42501": READ_ONLY,
    "53100": FULL,
    "53300": BUSY,
    "55P03": LOCKED,
    "57P": SILENT,
    "58030": UNREAD,
    "XX001": DAMAGED,
    "XX002": DAMAGED,
}
"""By SQLSTATE or its beginning (PostgreSQL documentation, appendix A)."""

CONNECTING: Final = (("does not exist", ABSENT), ("authentication failed", UNKNOWN_USER), ("no password", UNKNOWN_USER))
"""What libpq says while it connects; it gives no SQLSTATE then."""


@contextmanager
def told(where: str) -> Iterator[None]:
    """Turns whatever the database `where` refuses inside into a StoreError."""
    try:
        yield
    except OverflowError as error:  # SQLite's driver; PostgreSQL's says it with a number
        raise StoreError(f"store {where}: {TOO_LARGE}") from error
    except NoConnectionError as error:
        raise StoreError(f"store {where}: {BUSY}") from error
    except DBAPIError as error:
        raise StoreError(f"store {where}: {reason(error.orig, error.connection_invalidated)}") from error


def reason(error: BaseException | None, lost: bool = False) -> str:
    """What `error`, a database driver's, means; its own first line where that is not known."""
    said = str(error).splitlines()[0] if error and str(error) else "it gave no reason"
    return _sqlite(error) or _postgresql(error) or _connecting(said) or (SILENT if lost else said)


def _sqlite(error: object) -> str:
    return SQLITE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF, "")


def _postgresql(error: object) -> str:
    state = getattr(error, "sqlstate", None) or ""
    return next((why for start, why in POSTGRESQL.items() if state.startswith(start)), "")


def _connecting(said: str) -> str:
    if not said.startswith("connection"):
        return ""
    return next((why for mark, why in CONNECTING if mark in said), f"{SILENT} ({said})")
