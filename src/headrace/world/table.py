"""Tables: NumPy structured arrays, one row a thing, its fields by name: `jobs[j].left` in the compiled loops.

From Python a column is `table["left"]`. What the compiled loops take is a few named tuples of tables, each behind one
pointer (`Reference`): functions that pass a hundred columns to each other take minutes to compile, these seconds.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numba import types
from numba.experimental import structref
from numpy.typing import NDArray

Table: TypeAlias = NDArray[Any]
Row: TypeAlias = Any
"""One row of a table, as the compiled loops see it: `row.left` reads and writes."""


def table(rows: int, *fields: str, **columns: object) -> Table:
    """`rows` rows of 64-bit integer fields, zero but for the `columns` given (arrays, or one value for all)."""
    names = [*fields, *(name for name in columns if name not in fields)]
    made: Table = np.zeros(rows, np.dtype([(name, np.int64) for name in names], align=True))
    for name, values in columns.items():
        made[name] = values
    return made


def alike(*columns: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The distinct rows of `columns`, sorted, one a line; and for each row, its place among them.

    As `np.unique` over rows, but column by column, each by its codes: ten times faster for a million rows.
    """
    rows = np.stack(columns, axis=1)
    first = place = np.zeros(len(rows), np.int64)
    for column in columns:
        distinct, code = np.unique(column, return_inverse=True)
        _, first, place = np.unique(place * len(distinct) + code, return_index=True, return_inverse=True)
    return rows[first], place.astype(np.int64)


class ReferenceType(types.StructRef):
    """The compiled type of a named tuple of tables that is passed by reference."""

    def preprocess_fields(self, fields: list[tuple[str, Any]]) -> tuple[tuple[str, Any], ...]:
        return tuple((name, types.unliteral(kind)) for name, kind in fields)


class Reference(structref.StructRefProxy):
    """What Python holds of one: the tables themselves are shared with the tuple that it was made from."""
