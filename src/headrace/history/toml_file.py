"""TOML that a user writes: read within bounds, exact in its decimals, and refused with the place of what is wrong."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import BeforeValidator, ConfigDict, Field

from headrace.errors import InputError
from headrace.history.files import UTF8_MARK, opened

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic_core import ErrorDetails

MIB: Final = 2**20


def _exact(value: object) -> object:
    """TOML's whole numbers are numbers too; true and false are not."""
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


EXACT: Final = BeforeValidator(_exact)
Text = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
Number = Annotated[Decimal, EXACT, Field(ge=0, le=10**9, decimal_places=12)]


AS_WRITTEN: Final = ConfigDict(extra="forbid", strict=True, frozen=True)
"""Of the model of a table: no key that is not known, nothing taken for what it is not."""


def read_toml(path: Path, what: str, most_mib: int, right: str) -> dict[str, Any]:
    """The tables of `path`, which is `what` ("a fleet file"); InputError, with what is `right`, where it is none."""
    with opened(path) as file:
        text = file.read(most_mib * MIB + 1)
    if len(text) > most_mib * MIB:
        raise InputError(str(path), f"is larger than {most_mib} MiB", right)
    try:
        return tomllib.loads(text.removeprefix(UTF8_MARK).decode(), parse_float=Decimal)
    except UnicodeDecodeError as error:
        raise InputError(str(path), "is not UTF-8 text", f"{what} is TOML in UTF-8") from error
    except ValueError as error:
        raise InputError(str(path), f"is not TOML: {printable(error)}") from error
    except (ArithmeticError, RecursionError) as error:
        raise InputError(str(path), "has a number that is too large, or brackets nested too deeply") from error


def refused(where: str, error: ErrorDetails) -> InputError:
    """What `error` says of the value at `where`, in words that suit TOML."""
    wanted = error["msg"].replace("Decimal input", "Input").replace("Input should", "it should")
    wanted = wanted.replace("an instance of Decimal", "a number").replace("a valid integer", "a whole number")
    return InputError(where, f"is {shown(error['input'])}", printable(wanted.replace("a valid ", "a ")))


def shown(value: object) -> str:
    """A value about as TOML writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    return printable(value)[:60] if isinstance(value, int | Decimal) else repr(value)[:60]


def printable(text: object) -> str:
    """`text` without what a terminal would obey, and not too long."""
    return "".join(c for c in str(text) if c.isprintable())[:200]
