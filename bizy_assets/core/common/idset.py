"""Exact sets of ids that take little memory however many there are.

Roaring bitmaps hold unsigned 32-bit numbers; PostgreSQL's ``integer`` is signed, so an id is
stored by its bit pattern.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from bizy_assets.core.common.text import and_more

IDS_SHOWN = 20
"""How many ids a message lists before it says how many more there are."""


_HIGHEST = 2**31 - 1
"""Of the ids; bit patterns above it are those of negative ones."""


class IdSet:
    """A set of ids within PostgreSQL's ``integer``."""

    def __init__(self, bits: BitMap | None = None) -> None:
        self._bits = BitMap() if bits is None else bits

    @classmethod
    def of(cls, ids: Iterable[int]) -> "IdSet":
        """Makes a set of a few ids."""
        result = cls()
        result.add(np.fromiter(ids, dtype=np.int64))
        return result

    def add(self, ids: NDArray[np.integer]) -> None:
        """Adds a column of ids.

        Raises:
            ValueError: An id is beyond PostgreSQL's ``integer``.
        """
        narrow = ids.astype(np.int32)
        if not np.array_equal(narrow, ids):
            raise ValueError("an id is beyond PostgreSQL's integer")
        self._bits |= BitMap(np.ascontiguousarray(narrow).view(np.uint32))

    def first(self, count: int = IDS_SHOWN) -> list[int]:
        """Returns the lowest ids, ascending; negative ones only where there are few others."""
        return sorted(np.array(self._bits[:count], dtype=np.uint32).view(np.int32).tolist())

    def array(self) -> NDArray[np.int32]:
        """Returns all ids, in no order that means anything."""
        # numpy itself would go through a Python number for each.
        return np.frombuffer(self._bits.to_array(), dtype=np.uint32).view(np.int32)

    def highest(self) -> int:
        """Returns the highest id, 0 where there is none above."""
        above = self._bits.rank(_HIGHEST)
        return int(self._bits[above - 1]) if above else 0

    def __contains__(self, number: int) -> bool:
        return number % 2**32 in self._bits

    def __len__(self) -> int:
        return len(self._bits)

    def __and__(self, other: "IdSet") -> "IdSet":
        return IdSet(self._bits & other._bits)

    def __or__(self, other: "IdSet") -> "IdSet":
        return IdSet(self._bits | other._bits)

    def __sub__(self, other: "IdSet") -> "IdSet":
        return IdSet(self._bits - other._bits)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, IdSet) and self._bits == other._bits

    def __hash__(self) -> int:
        raise TypeError("an IdSet changes, so it has no hash")


def format_ids(ids: IdSet) -> str:
    """List the first ids and how many more there are."""
    return and_more(ids.first(), len(ids) - IDS_SHOWN)


def label_ids(ids: IdSet) -> str:
    """List the first ids with their noun, such as ``id 20`` or ``ids 20, 21``."""
    return f"{'id' if len(ids) == 1 else 'ids'} {format_ids(ids)}"
