"""The ids of a source's rows in the target: ranges of ids, each with a shift.

A range costs a few bytes however many rows it has, and is found by binary search.
"""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bizy_assets.core.common import IDS_SHOWN, IdSet, and_more, label_ids

Ids = np.ndarray[tuple[int], np.dtype[np.int64]]

MAX_GAP = 256
"""Largest distance between neighbouring ids of one range."""

_STRETCHES = 1000

_INTERVALS = 16
"""Number of intervals up to which a query with all of them is faster than one over their hull."""


@dataclass(frozen=True)
class IdRange:
    """The ids ``first`` to ``last`` of a source, which become ``first + shift`` and so on."""

    first: int
    last: int
    shift: int = 0


class IdMap:
    """The id ranges of one table of a source, which overlap neither in the source nor the target.

    An id outside all ranges is unknown. ``retired`` are ids of the target whose row had an id of
    the source that another row has by now. They are the source's, but no row of it has them.
    """

    def __init__(self, ranges: Iterable[IdRange] = (), retired: IdSet | None = None) -> None:
        self.ranges = tuple(sorted(ranges, key=lambda each: each.first))
        self.retired = retired or IdSet()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, IdMap):
            return NotImplemented
        return self.ranges == other.ranges and self.retired == other.retired

    def __hash__(self) -> int:
        return hash(self.ranges)

    @cached_property
    def covered(self) -> IdSet:
        """The ids of the source that are in a range."""
        return IdSet.of_intervals((each.first, each.last) for each in self.ranges)

    @cached_property
    def is_identity(self) -> bool:
        """Whether no id changes."""
        return not any(each.shift for each in self.ranges)

    def to_target(self, ids: Ids) -> tuple[Ids, NDArray[np.bool_]]:
        """Return the ids in the target, unknown ones unchanged, and the mask of the known ones."""
        return _map(ids, self._table)

    def to_source(self, ids: Ids) -> tuple[Ids, NDArray[np.bool_]]:
        """Return the ids in the source, unknown ones unchanged, and the mask of the known ones."""
        return _map(ids, self._reversed)

    def targets(self, ids: IdSet) -> IdSet:
        """Return the ids in the target of rows of the source; unknown ones stay."""
        return ids if self.is_identity else _mapped(ids, self._table)

    def sources(self, ids: IdSet) -> IdSet:
        """Return the ids in the source of rows of the target, without retired ones.

        Unknown ids stay.
        """
        return ids if self.is_identity else _mapped(ids - self.retired, self._reversed)

    def intervals(self) -> list[tuple[int, int]]:
        """Return the first and the last id of intervals that cover the target's ids, ascending.

        They are few, so they may cover ids of others too.
        """
        first, last = self.retired.consecutive()
        bounds = sorted(
            [(each.first + each.shift, each.last + each.shift) for each in self.ranges]
            + list(zip(first.tolist(), last.tolist(), strict=True))
        )
        gaps = [low - high for (_, high), (low, _) in itertools.pairwise(bounds)]
        kept = set(sorted(range(len(gaps)), key=gaps.__getitem__)[-(_INTERVALS - 1) :])
        result: list[tuple[int, int]] = []
        for number, (low, high) in enumerate(bounds):
            if number and (number - 1 not in kept or gaps[number - 1] == 1):
                result[-1] = (result[-1][0], high)
            else:
                result.append((low, high))
        return result

    def pieces(self) -> list[tuple[int, int]]:
        """Return intervals of the source's ids whose rows follow each other in the target.

        In their order, and by id within each, all rows are in the order of the target's ids.
        """
        order = sorted(self.ranges, key=lambda each: each.first + each.shift)
        place = {each: number for number, each in enumerate(self.ranges)}
        result: list[tuple[int, int]] = []
        for last, each in zip([None, *order], order, strict=False):
            if last is not None and place[each] == place[last] + 1:
                result[-1] = (result[-1][0], each.last)
            else:
                result.append((each.first, each.last))
        return result

    def label(self, ids: IdSet) -> str:
        """List the first ids of the target, followed by those in the source if they differ."""
        sources = self.sources(ids)
        if sources == ids:
            return label_ids(ids)
        first, known = self.to_source(np.array(ids.first(), dtype=np.int64))
        shown = [str(number) if found else "-" for number, found in zip(first, known, strict=True)]
        return f"{label_ids(ids)}; in Bizy {and_more(shown, len(ids) - IDS_SHOWN)}"

    @cached_property
    def _table(self) -> NDArray[np.int64]:
        rows = [(each.first, each.last, each.shift) for each in self.ranges]
        return np.array(rows, dtype=np.int64).reshape(-1, 3)

    @cached_property
    def _reversed(self) -> NDArray[np.int64]:
        first, last, shift = self._table.T
        rows = np.stack([first + shift, last + shift, -shift], axis=1)
        return rows[np.argsort(rows[:, 0])]


def stretches(ids: IdSet, known: IdMap | None = None) -> list[tuple[int, int]]:
    """Return the first and last of each stretch of ids, ascending, which has no large gap.

    There are at most a thousand, so those of a table with very sparse ids have larger gaps. None
    spans one of the known ranges, outside which the ids are.
    """
    first, last = ids.consecutive()
    if not len(first):
        return []
    ranges = [] if known is None else [each.first for each in known.ranges]
    is_split = np.diff(np.searchsorted(np.array(ranges, dtype=np.int64), first)) > 0
    gaps = np.where(is_split, np.iinfo(np.int64).max, first[1:] - last[:-1])
    cuts = np.flatnonzero(gaps > MAX_GAP)
    if len(cuts) >= _STRETCHES:
        most = max(_STRETCHES - 1, int(np.count_nonzero(is_split)))
        cuts = np.sort(cuts[np.argsort(gaps[cuts])[-most:]])
    return list(
        zip(first[np.r_[0, cuts + 1]].tolist(), last[np.r_[cuts, -1]].tolist(), strict=True)
    )


def _map(ids: Ids, table: NDArray[np.int64]) -> tuple[Ids, NDArray[np.bool_]]:
    if not len(table):
        return ids, np.zeros(len(ids), dtype=bool)
    first, last, shift = table.T
    position = np.searchsorted(first, ids, side="right") - 1
    known = (position >= 0) & (ids <= last[position])
    return np.where(known, ids + shift[position], ids), known


def _mapped(ids: IdSet, table: NDArray[np.int64]) -> IdSet:
    result = IdSet()
    result.add(_map(ids.array().astype(np.int64), table)[0])
    return result
