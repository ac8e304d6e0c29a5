"""Ids of a source in the target."""

import numpy as np

from bizy_assets.core.common import IdSet
from bizy_assets.core.transform import IdMap, IdRange
from bizy_assets.core.transform.id_map import stretches

MAP = IdMap([IdRange(1000, 1255, -488), IdRange(1, 256, 10_000)])


def test_maps_both_ways_and_knows_what_it_does_not_know():
    ids = np.array([1, 256, 257, 1000, 1255, 1256, 0, -5])
    targets, known = MAP.to_target(ids)
    assert targets.tolist() == [10_001, 10_256, 257, 512, 767, 1256, 0, -5]
    assert known.tolist() == [True, True, False, True, True, False, False, False]
    back, known = MAP.to_source(targets)
    assert back.tolist() == ids.tolist()
    assert known.tolist() == [True, True, False, True, True, False, False, False]
    assert MAP.targets(IdSet.of([2])) == IdSet.of([10_002])
    assert MAP.sources(IdSet.of([10_002, 512])) == IdSet.of([2, 1000])


def test_shows_both_ids_where_they_differ():
    assert MAP.label(IdSet.of([10_002, 512])) == "ids 512, 10002; in Bizy 1000, 2"
    assert IdMap([IdRange(1, 9)]).label(IdSet.of([2])) == "id 2"


def test_few_intervals_cover_all_ranges():
    assert MAP.intervals() == [(512, 767), (10_001, 10_256)]
    many = IdMap(IdRange(n * 1000, n * 1000 + 1 + n % 7) for n in range(500))
    intervals = many.intervals()
    assert len(intervals) == 16
    assert intervals[0][0] == 0
    assert intervals[-1][1] == 499_003
    adjacent = IdMap([IdRange(1, 10), IdRange(11, 20, 300), IdRange(21, 30)])
    assert adjacent.intervals() == [(1, 10), (21, 30), (311, 320)]
    assert IdMap().intervals() == []


def test_cuts_ids_into_stretches():
    assert stretches(IdSet()) == []
    assert stretches(IdSet.of([7])) == [(7, 7)]
    ids = IdSet.of([1, 2, 258, 259, 516, 900])
    assert stretches(ids) == [(1, 259), (516, 516), (900, 900)]
    between = IdMap([IdRange(100, 110), IdRange(517, 600)])
    assert stretches(ids, between) == [(1, 2), (258, 259), (516, 516), (900, 900)]
    lowest, highest = -(2**31), 2**31 - 1
    ends = IdSet.of([lowest, lowest + 1, -1, 0, highest])
    assert stretches(ends) == [(lowest, lowest + 1), (-1, 0), (highest, highest)]
    sparse = IdSet.of(range(0, 2_000_000_000, 20_000))
    assert len(stretches(sparse)) == 1000
    assert stretches(sparse)[0][0] == 0
    assert stretches(sparse)[-1][1] == 99_999 * 20_000
    # A range between is never spanned, however many there are.
    many = IdMap(IdRange(n * 20_000 + 1, n * 20_000 + 9) for n in range(0, 99_999, 50))
    assert len(stretches(sparse, many)) == 2001


def test_intervals_and_consecutive_ids():
    lowest, highest = -(2**31), 2**31 - 1
    ids = IdSet.of_intervals([(-3, 2), (5, 5), (highest - 1, highest), (lowest, lowest)])
    assert len(ids) == 10
    first, last = ids.consecutive()
    # Where negative ids end is always a border, which stretches ignores.
    assert first.tolist() == [lowest, -3, 0, 5, highest - 1]
    assert last.tolist() == [lowest, -1, 2, 5, highest]
    assert len(IdSet.of_intervals([(lowest, highest)])) == 2**32


def test_pieces_are_in_the_order_of_the_target():
    assert MAP.pieces() == [(1000, 1255), (1, 256)]
    split = IdMap([IdRange(1, 5), IdRange(6, 6, 10), IdRange(7, 9), IdRange(20, 30)])
    assert split.pieces() == [(1, 5), (7, 9), (6, 6), (20, 30)]
    assert IdMap([IdRange(1, 5), IdRange(7, 9, 3)]).pieces() == [(1, 9)]
