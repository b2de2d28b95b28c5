"""What Headrace uses of Numba, typed: a compiled function keeps the type of the function it was."""

from collections.abc import Callable
from typing import TypeVar

from numba import types as types

F = TypeVar("F", bound=Callable[..., object])

def njit(*, cache: bool = ..., inline: str = ..., nogil: bool = ...) -> Callable[[F], F]: ...
