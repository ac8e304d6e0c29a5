"""The row counts of a load as metadata of its table, and as other programs read them."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from bizy_assets.core.common import RowCounts
from bizy_assets.metadata.glossary import OTHERS, PLOTTED

_ROWS, _LEFT_OUT = "dagster/row_count", "rows_left_out"


def counts_metadata(counts: RowCounts) -> dict[str, int | str]:
    """Return the metadata of a load; of the other counts, those that are not zero."""
    return {
        _ROWS: counts.in_target,
        **{name: getattr(counts, name) for name in PLOTTED},
        _LEFT_OUT: counts.rejected,
        **{name: str(rows) for name in OTHERS if (rows := getattr(counts, name))},
    }


def counts_document(counts: RowCounts) -> dict[str, int]:
    """Return all counts by name; ``rows`` is the number of rows in PostgreSQL."""
    return {"rows": counts.in_target, **asdict(counts)}


def recorded_counts(metadata: Mapping[str, Any]) -> dict[str, int]:
    """Return the counts that a table's metadata records, as ``counts_document`` does.

    After a rollback, only the number of rows is recorded.
    """
    if _LEFT_OUT not in metadata:
        return {"rows": metadata[_ROWS]}
    counts = RowCounts(
        rejected=metadata[_LEFT_OUT],
        **{name: metadata[name] for name in PLOTTED},
        **{name: int(metadata[name]) for name in OTHERS if name in metadata},
    )
    return counts_document(replace(counts, source_rows=counts.accounted))
