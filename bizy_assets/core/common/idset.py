"""Exact sets of ids, compact even for millions of ids.

Roaring bitmaps hold unsigned 32-bit numbers; PostgreSQL's ``integer`` is signed, so an id is
stored by its bit pattern.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from bizy_assets.core.common.text import and_more

IDS_SHOWN = 20
"""Number of ids that a message lists."""

_HIGHEST_ID = 2**31 - 1
"""Highest id; higher bit patterns belong to negative ids."""


class IdSet:
    """A set of ids in the range of PostgreSQL's ``integer``."""

    def __init__(self, bits: BitMap | None = None) -> None:
        self._bits = BitMap() if bits is None else bits

    @classmethod
    def of(cls, ids: Iterable[int]) -> "IdSet":
        """Create a set from a few ids."""
        result = cls()
        result.add(np.fromiter(ids, dtype=np.int64))
        return result

    def add(self, ids: NDArray[np.integer]) -> None:
        """Add an array of ids.

        Raises:
            ValueError: An id is outside the range of PostgreSQL's ``integer``.
        """
        narrow = ids.astype(np.int32)
        if not np.array_equal(narrow, ids):
            raise ValueError("an id is outside the range of PostgreSQL's integer")
        self._bits |= BitMap(np.ascontiguousarray(narrow).view(np.uint32))

    def first(self, count: int = IDS_SHOWN) -> list[int]:
        """Return the lowest ids in ascending order; negative ids only if few others exist."""
        return sorted(np.array(self._bits[:count], dtype=np.uint32).view(np.int32).tolist())

    def array(self) -> NDArray[np.int32]:
        """Return all ids in arbitrary order."""
        # numpy itself would create a Python number for each.
        return np.frombuffer(self._bits.to_array(), dtype=np.uint32).view(np.int32)

    def highest(self) -> int:
        """Return the highest id, or 0 if there is no positive one."""
        count = self._bits.rank(_HIGHEST_ID)
        return int(self._bits[count - 1]) if count else 0

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
        raise TypeError("an IdSet is mutable and has no hash")


def format_ids(ids: IdSet) -> str:
    """List the first ids and how many more there are."""
    return and_more(ids.first(), len(ids) - IDS_SHOWN)


def label_ids(ids: IdSet) -> str:
    """List the first ids with their noun, such as ``id 20`` or ``ids 20, 21``."""
    return f"{'id' if len(ids) == 1 else 'ids'} {format_ids(ids)}"
