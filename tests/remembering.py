"""Messages that a page is made of, watched."""

from __future__ import annotations


class Remembering(dict[str, str]):
    """Messages that remember which of them were asked for."""

    def __init__(self, messages: dict[str, str]) -> None:
        super().__init__(messages)
        self.asked: set[str] = set()

    def __getitem__(self, key: str) -> str:
        self.asked.add(key)
        return super().__getitem__(key)
