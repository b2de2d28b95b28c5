"""The few ways in which Headrace refuses: each says what was wrong, where, and what would be right."""

from __future__ import annotations


class HeadraceError(Exception):
    """Anything a user can be told in one sentence; `exit_code` is what the command line ends with."""

    exit_code = 2


class InputError(HeadraceError):
    """A file or a value that cannot be used.

    `where` is a file, a file and line, or a field; `what` is what was wrong; `right` is what would be right.
    """

    def __init__(self, where: str, what: str, right: str = "") -> None:
        self.where, self.what, self.right = where, what, right
        super().__init__(f"{where}: {what}" + (f"; {right}" if right else ""))


class CallError(HeadraceError):
    """A call that names something which does not exist, such as an unknown policy."""


class EngineError(HeadraceError):
    """An engine that cannot be asked or told: which one, what it said, and what to look at, in one sentence."""


class CheckFailedError(HeadraceError):
    """The question was understood and the answer is no, such as a check that failed."""

    exit_code = 1


class StoppedError(HeadraceError):
    """Work that its user interrupted, and of which what is finished is kept."""

    exit_code = 130


class ServerError(HeadraceError):
    """A Headrace server that did not answer, or whose answer is no: which one, what it said, and what to look at."""


class StoreError(HeadraceError):
    """A store that cannot be opened, read or written: which one, why, and what to do; nothing was changed."""
