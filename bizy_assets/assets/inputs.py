"""What several assets share: the snapshot to load, and the summary of a load."""

from collections.abc import Iterator

import dagster as dg
import sqlalchemy as sa

from bizy_assets.core import pipeline
from bizy_assets.core.common import quantity, row_counts
from bizy_assets.core.load import LoadResult
from bizy_assets.core.settings import SourceSettings, bizy_home
from bizy_assets.core.source import Snapshot
from bizy_assets.metadata import Scope
from bizy_assets.runtime import snapshot_history


def valid_snapshot(
    context: dg.AssetExecutionContext,
    scope: Scope,
    connection: sa.Connection,
    settings: SourceSettings,
) -> Snapshot:
    """Return the snapshot to load after validating it.

    Raises:
        SnapshotError: There is no snapshot, or it is missing or was altered.
        SourceError: It has unknown columns that may not be ignored.
        ValidationError: It has violations, and the policy is to fail.
    """
    snapshot = snapshot_history.snapshot_to_load(context, scope, settings.path)
    pipeline.validate(connection, snapshot, settings, bizy_home())
    return snapshot


def load_warnings(result: LoadResult) -> Iterator[str]:
    """Yield sentences about rows that PostgreSQL had before the load."""
    table = result.load.table
    if result.adopted is not None:
        count = quantity(result.load.counts.adopted, f"row of {table} was", f"rows of {table} were")
        yield (
            f"{count} adopted: where their values differed, they now have those of Bizy. All old "
            f"and new values are listed in {result.adopted.file}."
        )
    if result.renumbered:
        yield (
            f"New rows of {table} have other ids than in Bizy, since rows that were made in "
            f"PostgreSQL have these ids ({result.renumbered}). Those rows are unchanged."
        )


def load_summary(result: LoadResult) -> str:
    """Summarise a load on one line."""
    counts = result.load.counts
    others = ((row_counts.TITLES[name], getattr(counts, name)) for name in row_counts.COUNTS[4:])
    parts = [
        f"{quantity(counts.source_rows, 'row')}: {counts.inserted:,} inserted, "
        f"{counts.updated:,} updated, {counts.unchanged:,} unchanged ({result.seconds:.1f} s)",
        *(f"{title}: {number:,}" for title, number in others if number),
    ]
    parts += [", ".join(result.triggers)] if result.triggers else []
    if result.repairs:
        rules = ", ".join(f"{number:,} {rule}" for rule, number in result.repairs.items())
        parts.append(f"adjusted values: {rules}")
    return "; ".join(parts)
