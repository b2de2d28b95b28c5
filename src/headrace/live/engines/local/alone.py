"""One call at a time: the rounds and the API are different threads."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, Protocol, TypeVar

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable


class HasMutex(Protocol):
    """Anything with a lock of its own."""

    @property
    def mutex(self) -> threading.Lock: ...


M = TypeVar("M", bound=HasMutex)
P = ParamSpec("P")
R = TypeVar("R")


def alone(method: Callable[Concatenate[M, P], R]) -> Callable[Concatenate[M, P], R]:
    """The method, which waits until no other of its object is at work."""

    @wraps(method)
    def waits(self: M, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with self.mutex:
            return method(self, *args, **kwargs)

    return waits
