"""Values that only one row of an owner may have, while many rows change at once.

PostgreSQL looks at a unique index row by row, so rows that exchange their values would stand in
each other's way though all is well in the end.
"""

import sqlalchemy as sa

from bizy_assets.core.common import format_ids
from bizy_assets.core.contracts import Column
from bizy_assets.core.errors import ConflictError
from bizy_assets.core.load.merge_plan import MergePlan, RowAction, merged_value
from bizy_assets.core.postgres import describe_url, ids_where

_AWAY = sa.text("interval '280000 years'")
"""To where PostgreSQL's times reach, and no row's do."""

_CHANGING = (RowAction.UPDATE, RowAction.TAKE_DIFFERENT)


def require_unique_values_free(work: "MergePlan") -> None:
    """Makes sure that no row that stays has a value that another one is to get.

    Raises:
        ConflictError: Some have; with the ids of the rows of Bizy.
    """
    for column in _unique(work):
        model, stage = work.model, work.stage
        coming = stage.c.id.in_(work.of(RowAction.INSERT, *_CHANGING))
        staying = model.c.id.not_in(work.of(RowAction.DELETE, *_CHANGING))
        taken = sa.exists(sa.select(model.c.id)).where(
            model.c[column.name] == merged_value(column, model, stage),
            model.c.user_id == work.run.user_id,
            staying,
        )
        found = ids_where(work.connection, stage, {"taken": coming & taken})["taken"]
        if len(found):
            raise ConflictError(
                f"Table {model.name} in {describe_url(work.connection.engine.url)} has rows with the "
                f"{column.name} of other rows of Bizy: {format_ids(found)}; nothing was changed. "
                "Delete one of the two, or let the target's configuration say "
                f"skip_ids: {{{model.name}: [...]}} to leave these out."
            )


def vacate_unique_values(work: "MergePlan") -> None:
    """Takes the values of rows that will get others out of the way."""
    for column in _unique(work):
        value = work.model.c[column.name]
        changing = work.model.c.id.in_(work.of(*_CHANGING))
        work.connection.execute(
            sa.update(work.model)
            .where(changing, sa.func.isfinite(value))
            .values({column.name: value + _AWAY})
        )


def _unique(work: "MergePlan") -> list[Column]:
    return [column for column in work.contract.columns if column.unique]
