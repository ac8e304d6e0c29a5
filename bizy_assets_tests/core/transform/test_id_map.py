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
    assert stretches(np.array([], dtype=np.int64)) == []
    assert stretches(np.array([7])) == [(7, 7)]
    assert stretches(np.array([1, 2, 258, 259, 516, 900])) == [(1, 259), (516, 516), (900, 900)]
    sparse = stretches(np.arange(100_000) * 20_000)
    assert len(sparse) == 1000
    assert sparse[0][0] == 0
    assert sparse[-1][1] == 99_999 * 20_000


def test_pieces_are_in_the_order_of_the_target():
    assert MAP.pieces() == [(1000, 1255), (1, 256)]
    split = IdMap([IdRange(1, 5), IdRange(6, 6, 10), IdRange(7, 9), IdRange(20, 30)])
    assert split.pieces() == [(1, 5), (7, 9), (6, 6), (20, 30)]
    assert IdMap([IdRange(1, 5), IdRange(7, 9, 3)]).pieces() == [(1, 9)]
