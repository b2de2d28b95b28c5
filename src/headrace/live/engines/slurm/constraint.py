"""What `--constraint` allows: names of features joined by & and |, from left to right, with brackets.

    h20|a800      nvidia&(h20|a800)      h20,nvidia  (as h20&nvidia)

Slurm gives & and | no precedence. What counts nodes or wants them alike (`[a|b]`, `a*2`) is left to Slurm.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Set

_TOKENS: Final = re.compile(r"[A-Za-z0-9_.=/+-]+|[&|,()]")
_DEEPEST: Final = 50


class TooRichError(ValueError):
    """A constraint that says more than which features a node must have."""


def satisfies(constraint: str, features: Set[str]) -> bool:
    """Whether a node with `features` may be used. TooRichError where that alone does not decide."""
    tokens = _TOKENS.findall(constraint)
    if "".join(tokens) != constraint or not tokens or tokens.count("(") > _DEEPEST:
        raise TooRichError(constraint)
    value, rest = _expression(tokens, features)
    if rest:
        raise TooRichError(constraint)
    return value


def _expression(tokens: list[str], features: Set[str]) -> tuple[bool, list[str]]:
    value, rest = _term(tokens, features)
    while rest and rest[0] in "&|,":
        joint = rest[0]
        right, rest = _term(rest[1:], features)
        value = (value or right) if joint == "|" else (value and right)
    return value, rest


def _term(tokens: list[str], features: Set[str]) -> tuple[bool, list[str]]:
    if tokens and tokens[0] == "(":
        value, rest = _expression(tokens[1:], features)
        if rest and rest[0] == ")":
            return value, rest[1:]
    elif tokens and tokens[0] not in "&|,)":
        return tokens[0] in features, tokens[1:]
    raise TooRichError
