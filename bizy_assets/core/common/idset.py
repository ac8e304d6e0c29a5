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

_PATTERNS = 2**32

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

    @classmethod
    def of_intervals(cls, bounds: Iterable[tuple[int, int]]) -> "IdSet":
        """Create a set of all ids from the first to the last of each interval."""
        bits = BitMap()
        for first, last in bounds:
            if first < 0:
                bits.add_range(first % _PATTERNS, min(last, -1) % _PATTERNS + 1)
            if last >= 0:
                bits.add_range(max(first, 0), last + 1)
        return cls(bits)

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

    def consecutive(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the first and the last ids of all stretches without a gap, ascending.

        They are few where ids are dense, so no array has a number for each id.
        """
        bits = self._bits
        # The bit patterns of the highest and the lowest id are neighbours.
        first = (bits - bits.shift(1)) | (bits & BitMap([_HIGHEST_ID + 1]))
        last = (bits - bits.shift(-1)) | (bits & BitMap([_HIGHEST_ID]))
        ascending = (np.sort(IdSet(each).array()).astype(np.int64) for each in (first, last))
        return next(ascending), next(ascending)

    def highest(self) -> int:
        """Return the highest id, or 0 if there is no positive one."""
        count = self._bits.rank(_HIGHEST_ID)
        return int(self._bits[count - 1]) if count else 0

    def __contains__(self, number: int) -> bool:
        return number % _PATTERNS in self._bits

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
