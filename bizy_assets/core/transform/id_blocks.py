"""New id ranges for rows that have none yet: kept as they are, or moved to free ids."""

from dataclasses import replace

import numpy as np

from bizy_assets.core.common import IdSet
from bizy_assets.core.transform.id_map import MAX_GAP, IdMap, IdRange, stretches

_LEAST_ROOM = 256
"""Smallest number of ids of a moved range, so that rows to come have their place."""


def keep_ids(known: IdMap, ids: IdSet) -> IdMap:
    """Add ids that stay the same; those in a range already have their place."""
    new = [IdRange(*bounds) for bounds in stretches(ids - known.covered, known)]
    return _joined(IdMap([*known.ranges, *new]))


def move_ids(known: IdMap, ids: IdSet, start: int) -> tuple[IdMap, int]:
    """Add ids that get the ids from ``start`` on, in their order, and return the next free one.

    An id that a range covers is taken out of it.
    """
    covered = ids & known.covered
    ranges = _without(known, covered)
    stretches_ = [(first, last, last) for first, last in _consecutive(covered)]
    for first, last in stretches(ids - covered, known):
        room = max(_LEAST_ROOM, 1 << (2 * (last - first + 1)).bit_length())
        stretches_.append((first, last, first + room - 1))
    stretches_.sort()
    obstacles = np.array(
        sorted([each.first for each in ranges] + [first for first, *_ in stretches_]),
        dtype=np.int64,
    )
    for first, last, end in stretches_:
        later = obstacles[np.searchsorted(obstacles, last, side="right") :]
        end = min(end, int(later[0]) - 1) if len(later) else end
        ranges.append(IdRange(first, end, start - first))
        start += end - first + 1
    return IdMap(ranges), start


def _consecutive(ids: IdSet) -> list[tuple[int, int]]:
    first, last = ids.consecutive()
    return list(zip(first.tolist(), last.tolist(), strict=True))


def _without(known: IdMap, ids: IdSet) -> list[IdRange]:
    """Return the ranges without some ids that they cover."""
    result = list(known.ranges)
    for first, last in _consecutive(ids):
        place = next(n for n, each in enumerate(result) if each.first <= first <= each.last)
        whole = result[place]
        pieces = [replace(whole, last=first - 1), replace(whole, first=last + 1)]
        result[place : place + 1] = [each for each in pieces if each.first <= each.last]
    return result


def _joined(ids: IdMap) -> IdMap:
    """Join neighbours with the same shift that are close and have no other range between them."""
    ranges = ids.ranges
    if len(ranges) < 2:
        return ids
    targets = np.array([each.first + each.shift for each in ranges])
    rank = np.argsort(np.argsort(targets))
    result = [ranges[0]]
    for number, each in enumerate(ranges[1:], start=1):
        last = result[-1]
        near = each.first - last.last <= MAX_GAP and each.shift == last.shift
        if near and rank[number] == rank[number - 1] + 1:
            result[-1] = replace(last, last=each.last)
        else:
            result.append(each)
    return IdMap(result)
