"""Slurm's short way of writing many node names, both ways.

    h20-[1-3,07],x[1-2]y   <->   h20-1 h20-2 h20-3 h20-07 x1y x2y

A short text can stand for very many names, so that `expand` counts before it makes any.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby, product
from typing import TYPE_CHECKING, Final

from headrace.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MOST: Final = 100_000
"""Names that one list may stand for, unless the caller allows another number."""

_ITEM: Final = re.compile(r"(?:[^\[\],\s]|\[[^\[\]\s]*\])+")
_PIECE: Final = re.compile(r"\[([^\[\]]*)\]|([^\[\]]+)")
_RANGE: Final = re.compile(r"([0-9]{1,15})(?:-([0-9]{1,15}))?")
_PLAIN: Final = re.compile(r"[^\[\],\s]+")
_NUMBERED: Final = re.compile(r"(.*?)([0-9]{1,15})([^0-9]*)")


@dataclass(frozen=True)
class _Range:
    """`first` to `last`, written with at least `width` digits."""

    first: int
    last: int
    width: int

    def count(self) -> int:
        return self.last - self.first + 1

    def names(self) -> Iterator[str]:
        return (f"{number:0{self.width}d}" for number in range(self.first, self.last + 1))


@dataclass(frozen=True)
class _Alternatives:
    """One part of an item: the texts and ranges of which each name has one."""

    parts: tuple[str | _Range, ...]

    def count(self) -> int:
        return sum(1 if isinstance(part, str) else part.count() for part in self.parts)

    def names(self) -> Iterator[str]:
        for part in self.parts:
            yield from (part,) if isinstance(part, str) else part.names()


def expand(text: str, most: int = MOST) -> tuple[str, ...]:
    """The names that a hostlist stands for, in its order; "" stands for none.

    `07` keeps its width (`[08-10]` is 08, 09, 10). InputError where it is no hostlist, or stands for over `most` names.
    """
    items = [_pieces(item, text) for item in _items(text.strip())]
    if sum(_count(pieces, most) for pieces in items) > most:
        raise _unread(text, f"stands for more than {most} nodes", "write a shorter list")
    return tuple("".join(parts) for pieces in items for parts in product(*(piece.names() for piece in pieces)))


def _count(pieces: list[_Alternatives], most: int) -> int:
    """How many names the pieces make; beyond `most` only that it is more, so that the number stays small."""
    count = 1
    for piece in pieces:
        count = min(count * piece.count(), most + 1)
    return count


def _items(text: str) -> Iterator[str]:
    """The parts between commas that stand outside brackets."""
    at = 0
    while at < len(text):
        item = _ITEM.match(text, at)
        end = at if item is None else item.end()
        if item is None or text[end : end + 1] not in ("", ",") or end == len(text) - 1:
            raise _unread(text, f"is no list of nodes from its character {end + 1} on", "write it as in h20-[1-16]")
        yield item.group()
        at = end + 1


def _pieces(item: str, text: str) -> list[_Alternatives]:
    return [
        _Alternatives((literal,) if inside is None else tuple(_range(part, text) for part in inside.split(",")))
        for inside, literal in (match.groups() for match in _PIECE.finditer(item))
    ]


def _range(part: str, text: str) -> _Range:
    ends = _RANGE.fullmatch(part)
    if ends is None:
        raise _unread(text, f"has {part[:40]!r} in brackets", "numbers and ranges are possible, such as [1-3,07]")
    first, last = int(ends[1]), int(ends[2] or ends[1])
    if last < first:
        raise _unread(text, f"has a range that goes down, {part}", "the smaller number comes first")
    return _Range(first, last, len(ends[1]))


def _unread(text: str, what: str, right: str) -> InputError:
    return InputError(f"hostlist {text[:60]!r}", what, right)


def compress(names: Iterable[str]) -> str:
    """The hostlist of `names`, such that `expand` gives them back in the same order."""
    split = [_split(name) for name in names]
    groups = groupby(split, key=lambda parts: (parts[0], parts[2], bool(parts[1])))
    return ",".join(_joined(prefix, [digits for _, digits, _ in same], suffix) for (prefix, suffix, _), same in groups)


def _split(name: str) -> tuple[str, str, str]:
    """A name around its last number: "h20-07b" -> "h20-", "07", "b"."""
    if not _PLAIN.fullmatch(name):
        raise InputError(f"node {name[:60]!r}", "cannot be written in a hostlist", "no spaces, commas or brackets")
    numbered = _NUMBERED.fullmatch(name)
    return (numbered[1], numbered[2], numbered[3]) if numbered else (name, "", "")


def _joined(prefix: str, numbers: list[str], suffix: str) -> str:
    if not numbers[0]:
        return ",".join([prefix] * len(numbers))
    if len(numbers) == 1:
        return prefix + numbers[0] + suffix
    runs: list[list[str]] = []
    for digits in numbers:
        if runs and digits == f"{int(runs[-1][-1]) + 1:0{len(runs[-1][0])}d}":
            runs[-1].append(digits)
        else:
            runs.append([digits])
    inside = ",".join(run[0] if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)
    return f"{prefix}[{inside}]{suffix}"
