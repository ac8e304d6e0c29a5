"""Lists of ids, which become those of the target."""

import numpy as np
import pyarrow as pa

from bizy_assets.core.transform import IdMap, IdRange
from bizy_assets.core.transform.id_lists import map_id_lists

IDS = IdMap([IdRange(1, 10, 100), IdRange(50, 60, -30)])


def mapped(*values: str | None, drop_unknown: bool = True):
    lists = map_id_lists(pa.array(values, pa.string()), IDS, drop_unknown=drop_unknown)
    return lists.values.to_pylist(), lists.with_unknown.tolist(), lists.not_lists.tolist()


def test_maps_every_element_of_every_list():
    values, unknown, others = mapped("[1]", None, "[ 2 ,\n50]", "[]", " [ ] ", "[3,3,1]")
    assert values == ["[101]", None, "[102, 20]", "[]", " [ ] ", "[103, 103, 101]"]
    assert not any(unknown)
    assert not any(others)


def test_drops_an_unknown_id_or_lets_it_stay():
    values, unknown, _ = mapped("[1, 11, 2]", "[-1]", "[4]")
    assert values == ["[101, 102]", "[]", "[104]"]
    assert unknown == [True, True, False]
    values, unknown, _ = mapped("[1, 11, 2]", "[-1]", "[4]", drop_unknown=False)
    assert values == ["[101, 11, 102]", "[-1]", "[104]"]
    assert not any(unknown)


def test_copies_what_is_no_list_of_integers():
    texts = ["{}", '["1"]', "[1.0]", "[1e2]", "1", "[[1]]", "[1, null]", f"[{2**70}]", "[true]"]
    values, unknown, others = mapped(*texts, None)
    assert values == [*texts, None]
    assert not any(unknown)
    assert others == [True] * len(texts) + [False]


def test_maps_an_empty_batch_and_a_slice():
    assert mapped()[0] == []
    array = pa.array(["[9]", "[8]", None, "[7, 50]"]).slice(1)
    lists = map_id_lists(array, IDS, drop_unknown=True)
    assert lists.values.to_pylist() == ["[108]", None, "[107, 20]"]


def test_maps_many_ids_as_one_by_one():
    rng = np.random.default_rng(1)
    rows = [rng.integers(0, 70, size=rng.integers(0, 5)).tolist() for _ in range(2000)]
    expected = [
        [n + 100 if 1 <= n <= 10 else n - 30 for n in row if 1 <= n <= 10 or 50 <= n <= 60]
        for row in rows
    ]
    values, _, _ = mapped(*map(str, rows))
    assert values == [str(row) for row in expected]
