"""JSON lists of ids, such as a task's dependencies, whose elements become ids of the target."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bizy_assets.core.transform import timestamps
from bizy_assets.core.transform.id_map import IdMap
from bizy_assets.core.transform.timezone import Mask

UNKNOWN_ID = "unknown_id"
NO_ID_LIST = "no_id_list"

_SPACE = r"[ \t\r\n]*"
_INTEGER = r"-?[0-9]{1,18}"
ID_LIST = rf"^{_SPACE}\[{_SPACE}({_INTEGER}{_SPACE}(,{_SPACE}{_INTEGER}{_SPACE})*)?\]{_SPACE}$"
"""Pattern of a JSON list of integers, for Arrow and PostgreSQL."""
_AROUND_INTEGERS = r"[\[\] \t\r\n]"


@dataclass(frozen=True)
class MappedLists:
    """Lists with the ids of the target.

    ``with_unknown`` is the mask of lists that lost an id without a row in the source. Values that
    are ``not_lists`` of integers are unchanged.
    """

    values: pa.Array
    with_unknown: Mask
    not_lists: Mask


def map_id_lists(values: pa.Array, ids: IdMap, *, drop_unknown: bool) -> MappedLists:
    """Map the ids in JSON texts; a list that does not change keeps its text.

    Unknown ids are dropped, or else stay as they are.
    """
    is_list = pc.match_substring_regex(values, ID_LIST)
    lists = values.filter(pc.fill_null(is_list, False))
    texts, dropped = _map(lists, ids, drop_unknown=drop_unknown)
    found = timestamps.to_mask(pc.fill_null(is_list, False))
    with_unknown = np.zeros(len(values), dtype=bool)
    with_unknown[np.flatnonzero(found)[dropped]] = True
    return MappedLists(
        values=pc.replace_with_mask(values, pa.array(found), texts),
        with_unknown=with_unknown,
        not_lists=~found & timestamps.to_mask(values.is_valid()),
    )


def _map(lists: pa.Array, ids: IdMap, *, drop_unknown: bool) -> tuple[pa.Array, Mask]:
    """Return the mapped lists, and the mask of those that lost an id."""
    inner = pc.replace_substring_regex(lists, _AROUND_INTEGERS, "")
    parts = pc.split_pattern(inner, ",")
    texts = parts.flatten()
    # An empty list is one empty text.
    present = timestamps.to_mask(pc.not_equal(texts, ""))
    row = pc.list_parent_indices(parts).to_numpy()[present]
    numbers = texts.filter(pa.array(present)).cast(pa.int64()).to_numpy()
    targets, known = ids.to_target(numbers)
    kept = known if drop_unknown else np.ones(len(numbers), dtype=bool)
    changed, dropped = np.zeros(len(lists), dtype=bool), np.zeros(len(lists), dtype=bool)
    dropped[row[~kept]] = True
    changed[row[(targets != numbers) | ~kept]] = True
    offsets = np.r_[0, np.cumsum(np.bincount(row[kept], minlength=len(lists)))].astype(np.int32)
    elements = pa.array(targets[kept]).cast(pa.string())
    joined = pc.binary_join(pa.ListArray.from_arrays(pa.array(offsets), elements), ", ")
    mapped = pc.binary_join_element_wise("[", joined, "]", "")
    return pc.if_else(pa.array(changed), mapped, lists), dropped
