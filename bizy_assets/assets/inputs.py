"""What several assets share: the snapshot to load, and the summary of a load."""

from collections.abc import Iterator

import dagster as dg
import sqlalchemy as sa

from bizy_assets.core import pipeline
from bizy_assets.core.common import quantity, row_counts
from bizy_assets.core.load import LoadResult
from bizy_assets.core.report import TO_ADJUST
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


def load_warnings(result: LoadResult, *, planned: bool = False) -> Iterator[str]:
    """Yield sentences about rows that PostgreSQL had before the load, which may be only planned."""
    table = result.load.table
    if result.adopted is not None:
        was, were = ("would be",) * 2 if planned else ("was", "were")
        differed, now = ("differ", "would") if planned else ("differed", "now")
        count = quantity(
            result.load.counts.adopted, f"row of {table} {was}", f"rows of {table} {were}"
        )
        yield (
            f"{count} adopted: where their values {differed}, they {now} have those of Bizy. All "
            f"old and new values are listed in {result.adopted.file}."
        )
    if result.renumbered:
        have = "would have" if planned else "have"
        yield (
            f"New rows of {table} {have} other ids than in Bizy, since these ids belong to rows "
            f"that were made, edited or deleted in PostgreSQL ({result.renumbered}). Those rows "
            "stay as they are."
        )


def load_summary(result: LoadResult, *, planned: bool = False) -> str:
    """Summarise a load, which may be only planned, on one line."""
    counts = result.load.counts
    titles = row_counts.PLANNED_TITLES if planned else row_counts.TITLES
    first, others = row_counts.COUNTS[1:4], row_counts.COUNTS[4:]
    written = ", ".join(f"{getattr(counts, name):,} {titles[name]}" for name in first)
    parts = [
        f"{quantity(counts.source_rows, 'row')}: {written} ({result.seconds:.1f} s)",
        *(f"{titles[name]}: {n:,}" for name in others if (n := getattr(counts, name))),
    ]
    parts += [", ".join(result.triggers)] if result.triggers else []
    if result.repairs:
        rules = ", ".join(f"{number:,} {rule}" for rule, number in result.repairs.items())
        parts.append(f"{TO_ADJUST if planned else 'adjusted values'}: {rules}")
    return "; ".join(parts)
