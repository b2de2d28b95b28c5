"""What all cells of a fleet replay, as columns that lie on the disk once and are mapped by every worker.

    Material  <->  columns (name -> array)  <->  folder of .npy files

The columns are those of Workload, Outages and the log's period; texts are one array of UTF-8 and one of their ends.
A worker parses nothing: it maps the numbers, and makes the names that Python needs. Arrays that come from columns
cannot be written to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, get_type_hints

import numpy as np
from numpy.typing import NDArray

from headrace.world.record import Outages, Shapes, Workload

if TYPE_CHECKING:
    from pathlib import Path

Columns: TypeAlias = Mapping[str, NDArray[Any]]
T = TypeVar("T")

TEXTS = tuple[str, ...]
UTF8, ENDS = ".utf8", ".ends"


@dataclass(frozen=True)
class Material:
    """What is replayed: a workload, the outages of the whole fleet, and the period that the log speaks of (ms)."""

    workload: Workload
    outages: Outages
    begin: int
    end: int


def columns_of(thing: object, prefix: str = "") -> dict[str, NDArray[Any]]:
    """The columns of a dataclass of arrays, numbers, texts and other such dataclasses."""
    columns: dict[str, NDArray[Any]] = {}
    for field in fields(thing):  # type: ignore[arg-type]
        name, value = prefix + field.name, getattr(thing, field.name)
        if is_dataclass(value):
            columns |= columns_of(value, name + ".")
        elif isinstance(value, tuple):
            columns |= _of_texts(name, value)
        else:
            columns[name] = np.asarray(value)
    return columns


def material_of(columns: Columns) -> Material:
    """The material whose columns these are."""
    return _thing(Material, columns, "")


def _thing(cls: type[T], columns: Columns, prefix: str) -> T:
    return cls(**{name: _value(hint, columns, prefix + name) for name, hint in get_type_hints(cls).items()})


def _value(hint: Any, columns: Columns, name: str) -> Any:
    if hint is Shapes:  # few, and handed as they are to compiled code, which knows only arrays that can be written to
        return _thing(Shapes, {key: np.array(columns[key]) for key in columns if key.startswith(name)}, name + ".")
    if is_dataclass(hint):
        return _thing(hint, columns, name + ".")  # type: ignore[arg-type]
    if hint == TEXTS:
        return _texts(columns[name + UTF8], columns[name + ENDS])
    return columns[name].item() if hint in (int, float) else columns[name]


def _of_texts(name: str, texts: tuple[str, ...]) -> dict[str, NDArray[Any]]:
    encoded = [text.encode() for text in texts]
    ends = np.cumsum([len(text) for text in encoded], dtype=np.int64)
    return {name + UTF8: np.frombuffer(b"".join(encoded), np.uint8), name + ENDS: ends}


def _texts(utf8: NDArray[Any], ends: NDArray[Any]) -> tuple[str, ...]:
    whole, last = utf8.tobytes(), ends.tolist()
    return tuple(whole[begin:end].decode() for begin, end in zip([0, *last], last, strict=False))


def write_columns(columns: Columns, folder: Path) -> None:
    """One .npy file a column, in a folder that exists."""
    for name, column in columns.items():
        np.save(folder / f"{name}.npy", column, allow_pickle=False)


def map_columns(folder: Path) -> dict[str, NDArray[Any]]:
    """The columns in `folder`, mapped: read when they are used, and once for all processes of the machine."""
    return {path.stem: _mapped(path) for path in sorted(folder.glob("*.npy"))}


def _mapped(path: Path) -> NDArray[Any]:
    return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
