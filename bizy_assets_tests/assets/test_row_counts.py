"""Row counts of a load, as metadata of its table and as a document for other programs."""

import pytest

from bizy_assets.core.common.row_counts import RowCounts
from bizy_assets.metadata.counts import counts_document, counts_metadata, recorded_counts

EVERY = RowCounts(
    source_rows=21, inserted=1, updated=2, unchanged=3, preserved_edits=4, preserved_deletions=5,
    rejected=6, deleted=7, retained=8, adopted=9,
)  # fmt: skip


@pytest.mark.parametrize("counts", [EVERY, RowCounts(), RowCounts(source_rows=4, rejected=4)])
def test_counts_are_read_as_they_were_recorded_and_add_up(counts: RowCounts) -> None:
    found = recorded_counts(counts_metadata(counts))
    assert found == counts_document(counts)
    absent = found["rejected"] + found["preserved_deletions"]
    assert found["source_rows"] == found["rows"] - found["retained"] + absent


def test_after_a_rollback_only_the_rows_that_are_left_are_known() -> None:
    assert recorded_counts({"dagster/row_count": 2}) == {"rows": 2}


def test_a_count_that_is_not_recorded_is_no_zero() -> None:
    metadata = counts_metadata(EVERY)
    del metadata["updated"]
    with pytest.raises(KeyError, match="updated"):
        recorded_counts(metadata)
