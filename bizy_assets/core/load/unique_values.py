"""Values that must be unique for each owner, while many rows change at once.

PostgreSQL checks a unique index row by row, so rows that exchange their values would violate it
although the result is valid.
"""

import sqlalchemy as sa

from bizy_assets.core.common import format_ids
from bizy_assets.core.contracts import Column
from bizy_assets.core.errors import ConflictError
from bizy_assets.core.load.conflicts import skip_ids
from bizy_assets.core.load.merge_plan import MergePlan, RowAction, merged_value
from bizy_assets.core.postgres import describe_url, ids_where

_OUT_OF_RANGE = sa.text("interval '280000 years'")
"""Within the range of PostgreSQL's timestamps, and beyond that of any row."""

_CHANGING = (RowAction.UPDATE, RowAction.ADOPT_CHANGED)


def require_unique_values_free(plan: MergePlan) -> None:
    """Check that no row that stays has a value that another row will get.

    Raises:
        ConflictError: Some rows have; with the ids of the rows of Bizy.
    """
    table, stage = plan.table, plan.stage
    for column in _unique_columns(plan):
        incoming = stage.c.id.in_(plan.select(RowAction.INSERT, *_CHANGING))
        staying = table.c.id.not_in(plan.select(RowAction.DELETE, *_CHANGING))
        taken = sa.exists(sa.select(table.c.id)).where(
            table.c[column.name] == merged_value(column, stage, table),
            table.c.user_id == plan.run.user_id,
            staying,
        )
        conflicts = ids_where(plan.connection, stage, {"ids": incoming & taken})["ids"]
        if len(conflicts):
            rows = plan.context.table_ids.sources(conflicts)
            raise ConflictError(
                f"Table {table.name} in {describe_url(plan.connection.engine.url)} has rows with "
                f"the same {column.name} as other rows of Bizy: {format_ids(rows)}. Nothing "
                "was changed. Delete one row of each pair, or leave these rows out with "
                f"{skip_ids(plan.contract, rows)}."
            )


def vacate_unique_values(plan: MergePlan) -> None:
    """Move the unique values of rows that will get other ones out of range."""
    table = plan.table
    for column in _unique_columns(plan):
        value = table.c[column.name]
        plan.connection.execute(
            sa.update(table)
            .where(table.c.id.in_(plan.select(*_CHANGING)), sa.func.isfinite(value))
            .values({column.name: value + _OUT_OF_RANGE})
        )


def _unique_columns(plan: MergePlan) -> list[Column]:
    return [column for column in plan.contract.columns if column.unique]
