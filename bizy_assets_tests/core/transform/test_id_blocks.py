"""New ranges of ids, for any history of kept and moved ids."""

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bizy_assets.core.common import IdSet
from bizy_assets.core.transform import IdMap, IdRange, keep_ids, move_ids


def ids(*numbers: int):
    return IdSet.of(numbers)


def array(*numbers: int):
    return np.array(numbers, dtype=np.int64)


def test_moved_ids_have_room_for_rows_to_come():
    moved, start = move_ids(IdMap(), ids(*range(1, 68)), 5000)
    assert moved.ranges == (IdRange(1, 256, 4999),)
    assert start == 5256
    moved, start = move_ids(moved, ids(257, 258), start)
    assert moved.ranges[1] == IdRange(257, 512, 4999)
    assert move_ids(IdMap(), ids(*range(1, 129)), 1)[1] == 513


def test_the_room_ends_where_the_next_stretch_begins():
    moved, start = move_ids(IdMap(), ids(1, 2, 300, 301), 1000)
    assert moved.ranges == (IdRange(1, 256, 999), IdRange(300, 555, 956))
    moved, start = move_ids(IdMap(), ids(*range(1, 201), *range(457, 460)), 1000)
    assert moved.ranges[0] == IdRange(1, 456, 999)
    assert start == 1000 + 456 + 256


def test_kept_ids_extend_a_range():
    kept = keep_ids(IdMap(), ids(*range(1, 101)))
    assert keep_ids(kept, ids(101, 102, 150)).ranges == (IdRange(1, 150),)
    assert keep_ids(kept, ids(1000)).ranges == (IdRange(1, 100), IdRange(1000, 1000))
    assert keep_ids(kept, ids(5)) == kept


def test_one_id_of_a_kept_range_moves_alone():
    moved, start = move_ids(IdMap([IdRange(1, 100)]), ids(50, 101), 200)
    assert moved.ranges == (
        IdRange(1, 49),
        IdRange(50, 50, 150),
        IdRange(51, 100),
        IdRange(101, 356, 100),
    )
    assert start == 457
    # What follows may neither span nor overlap the moved ranges.
    assert keep_ids(moved, ids(1000)).ranges[-1] == IdRange(1000, 1000)


STEPS = st.lists(
    st.tuples(st.booleans(), st.sets(st.integers(1, 3000), min_size=1, max_size=30)), max_size=8
)


@settings(max_examples=200)
@given(STEPS)
def test_ranges_never_overlap_and_map_back(steps: list[tuple[bool, set[int]]]):
    mapping, seen = IdMap(), {}
    for keeps, numbers in steps:
        new = array(*sorted(numbers - seen.keys()))
        # The id of another row, or one that a moved range has taken.
        targets, known = mapping.to_target(new)
        taken = np.array([mapping.to_source(array(n))[1][0] for n in new], dtype=bool) & ~known
        if keeps:
            mapping = keep_ids(mapping, ids(*new[~taken]))
        highest = max((each.last + each.shift for each in mapping.ranges), default=0)
        outside = new if not keeps else new[taken]
        _, known = mapping.to_target(outside)
        mapping, _ = move_ids(mapping, ids(*outside[~known]), max(highest, 4000) + 1)
        targets, known = mapping.to_target(array(*sorted(seen), *new.tolist()))
        assert known.all()
        assert targets[: len(seen)].tolist() == [seen[n] for n in sorted(seen)]
        seen |= dict(zip(new.tolist(), targets[len(seen) :].tolist(), strict=True))
        back, known = mapping.to_source(array(*seen.values()))
        assert known.all()
        assert back.tolist() == list(seen)
        bounds = sorted((r.first + r.shift, r.last + r.shift) for r in mapping.ranges)
        assert all(high < low for (_, high), (low, _) in itertools.pairwise(bounds))
        sources = [(r.first, r.last) for r in mapping.ranges]
        assert all(high < low for (_, high), (low, _) in itertools.pairwise(sources))
