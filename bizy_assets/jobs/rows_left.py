"""Row counts of the assets after a rollback, which would still show those of the last load."""

import dagster as dg

from bizy_assets.core.common import quantity
from bizy_assets.core.rollback import RollbackResult
from bizy_assets.metadata import SINGLE_FILE


def record_rows_left(
    context: dg.OpExecutionContext, result: RollbackResult, target_name: str, *, keep_edited: bool
) -> None:
    """Record how many rows of the migration are left in each table: none, or the edited ones."""
    for table in result.tables:
        left = 0 if keep_edited else len(table.edited)
        context.log_event(
            dg.AssetMaterialization(
                SINGLE_FILE.table(table.table),
                description=f"Rolled back: {quantity(table.deleted, 'row')} deleted.",
                metadata={
                    "dagster/row_count": left,
                    "dagster/table_name": f"{target_name}/public.{table.table}",
                },
            )
        )
