"""Items by name: `Ascend 910B`, `ascend-910b` and `昇腾910B` find one and the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Final, TypeVar

from headrace.errors import CallError

T = TypeVar("T")
MOST_NEAR: Final = 4
IGNORED: Final = str.maketrans(dict.fromkeys(" \t-_/()（）·.,"))


def bare(name: str) -> str:
    """A name without case, blanks and marks, as it is looked up."""
    return name.casefold().translate(IGNORED)


class Named(Mapping[str, T]):
    """Items by their own names, in order; a look-up also knows their other names, however they are spelled."""

    def __init__(self, what: str, items: Mapping[str, T], aliases: Mapping[str, str]) -> None:
        """`aliases` leads from another name to an item's own; `what` is what the items are, such as "chip"."""
        self.what, self._items = what, dict(items)
        self._spelled = {bare(alias): name for alias, name in aliases.items() if name in self._items}
        self._spelled |= {bare(name): name for name in self._items}

    def __getitem__(self, name: str) -> T:
        return self._items[self._spelled[bare(name)]]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and bare(name) in self._spelled

    def own(self, name: str) -> str | None:
        """The item's own name, or None where there is no such item."""
        return self._spelled.get(bare(name))

    def find(self, name: str) -> T:
        """The item. Raises CallError with the names that come near."""
        if name in self:
            return self[name]
        near = self.near(name)
        meant = f"; near are {', '.join(near)}" if near else ""
        raise CallError(f"the catalogue has no {self.what} {name!r}{meant}")

    def near(self, name: str) -> list[str]:
        """Names that look or begin like this one, the nearest first."""
        asked = bare(name)
        alike = get_close_matches(asked, self._spelled, n=3 * MOST_NEAR, cutoff=0.6)
        holding = [spelled for spelled in self._spelled if asked and (asked in spelled or spelled in asked)]
        return list(dict.fromkeys(self._spelled[spelled] for spelled in [*alike, *sorted(holding)]))[:MOST_NEAR]
