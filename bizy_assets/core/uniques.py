"""Values that only one row of an owner may have, while many rows change at once.

PostgreSQL looks at a unique index row by row, so rows that exchange their values would stand in
each other's way though all is well in the end.
"""

from typing import TYPE_CHECKING

import sqlalchemy as sa

from bizy_assets.core import evidence, fates
from bizy_assets.core.contracts import Column
from bizy_assets.core.errors import ConflictError
from bizy_assets.core.fates import Fate
from bizy_assets.core.idsets import listing
from bizy_assets.core.urls import describe

if TYPE_CHECKING:
    from bizy_assets.core.merging import Merge

_AWAY = sa.text("interval '280000 years'")
"""To where PostgreSQL's times reach, and no row's do."""

_CHANGING = (Fate.UPDATE, Fate.TAKE_DIFFERENT)


def require_free(work: "Merge") -> None:
    """Makes sure that no row that stays has a value that another one is to get.

    Raises:
        ConflictError: Some have; with the ids of the rows of Bizy.
    """
    for column in _unique(work):
        model, stage = work.model, work.stage
        coming = stage.c.id.in_(work.of(Fate.INSERT, *_CHANGING))
        staying = model.c.id.not_in(work.of(Fate.DELETE, *_CHANGING))
        taken = sa.exists(sa.select(model.c.id)).where(
            model.c[column.name] == fates.wanted(column, model, stage),
            model.c.user_id == work.run.user_id,
            staying,
        )
        found = evidence.ids_where(work.connection, stage, {"taken": coming & taken})["taken"]
        if len(found):
            raise ConflictError(
                f"Table {model.name} in {describe(work.connection.engine.url)} has rows with the "
                f"{column.name} of other rows of Bizy: {listing(found)}; nothing was changed. "
                "Delete one of the two, or let the target's configuration say "
                f"skip_ids: {{{model.name}: [...]}} to leave these out."
            )


def vacate(work: "Merge") -> None:
    """Takes the values of rows that will get others out of the way."""
    for column in _unique(work):
        value = work.model.c[column.name]
        changing = work.model.c.id.in_(work.of(*_CHANGING))
        work.connection.execute(
            sa.update(work.model)
            .where(changing, sa.func.isfinite(value))
            .values({column.name: value + _AWAY})
        )


def _unique(work: "Merge") -> list[Column]:
    return [column for column in work.contract.columns if column.unique]
