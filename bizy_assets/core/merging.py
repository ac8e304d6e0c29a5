"""Merges staged rows into a table that has rows already, set-wise.

A row that PostgreSQL has with the same values is not touched at all. Values are compared to the
last bit: floats by their bytes, JSON by its text.
"""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from bizy_assets.core import models
from bizy_assets.core.contracts import Column, Contract, Kind, Rule
from bizy_assets.core.errors import ConflictError
from bizy_assets.core.idsets import IdSet, listing
from bizy_assets.core.urls import describe


@dataclass(frozen=True, kw_only=True)
class Merged:
    """How many rows were inserted, updated, and found as they should be."""

    inserted: int
    updated: int
    unchanged: int


def make_stage(connection: sa.Connection, contract: Contract) -> sa.Table:
    """Makes a temporary table for a contract's rows, gone at the transaction's end."""
    stage = sa.Table(
        f"bizy_stage_{contract.table}",
        sa.MetaData(),
        *(sa.Column(c.name, models.column_type(c)) for c in contract.columns),
        prefixes=["TEMPORARY"],
        postgresql_on_commit="DROP",
    )
    stage.create(connection)
    return stage


def merge(connection: sa.Connection, contract: Contract, stage: sa.Table, owner_id: int) -> Merged:
    """Inserts staged rows that are new, and updates those that differ.

    Args:
        connection: In the load's transaction.
        contract: The table.
        stage: The rows as they should be.
        owner_id: Their owner.

    Raises:
        ConflictError: A row of another owner has one of the ids.
    """
    model = models.tables[contract.table]
    _require_own(connection, model, stage, owner_id)
    inserted = connection.execute(_insert(contract, model, stage)).rowcount
    updated = connection.execute(_update(contract, model, stage)).rowcount
    staged: int = connection.execute(sa.select(sa.func.count()).select_from(stage)).scalar_one()
    return Merged(inserted=inserted, updated=updated, unchanged=staged - inserted - updated)


def _insert(contract: Contract, model: sa.Table, stage: sa.Table) -> sa.Insert:
    now = sa.func.timezone("UTC", sa.func.now())
    values = [
        sa.func.coalesce(stage.c[c.name], now) if c.filled else stage.c[c.name]
        for c in contract.columns
    ]
    new = ~sa.exists(sa.select(model.c.id).where(model.c.id == stage.c.id))
    names = [column.name for column in contract.columns]
    return sa.insert(model).from_select(names, sa.select(*values).where(new))


def _update(contract: Contract, model: sa.Table, stage: sa.Table) -> sa.Update:
    columns = [column for column in contract.source_columns if column.name != "id"]
    wanted = {column.name: _wanted(column, model, stage) for column in columns}
    differs = [
        _comparable(column, model.c[column.name]).is_distinct_from(
            _comparable(column, wanted[column.name])
        )
        for column in columns
    ]
    made = {c.name: stage.c[c.name] for c in contract.columns if c.rule is Rule.MIGRATED_AT}
    return (
        sa.update(model)
        .where(model.c.id == stage.c.id, sa.or_(*differs))
        .values({**wanted, **made})
    )


def _wanted(column: Column, model: sa.Table, stage: sa.Table) -> sa.ColumnElement[Any]:
    """Returns what a row should hold; a missing time keeps what it was given once."""
    value = stage.c[column.name]
    return sa.func.coalesce(value, model.c[column.name]) if column.filled else value


def _comparable(column: Column, value: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    match column.kind:
        case Kind.FLOAT:
            return sa.func.float8send(value)
        case Kind.JSON:
            return sa.cast(value, sa.Text)
        case _:
            return value


def _require_own(
    connection: sa.Connection, model: sa.Table, stage: sa.Table, owner_id: int
) -> None:
    """Makes sure that no staged row would replace somebody else's.

    Raises:
        ConflictError: It would; with the ids.
    """
    ids = connection.scalars(
        sa.select(model.c.id).where(
            model.c.id == stage.c.id, model.c.user_id.is_distinct_from(owner_id)
        )
    )
    others = IdSet.of(ids)
    if len(others):
        raise ConflictError(
            f"Table {model.name} in {describe(connection.engine.url)} has rows of other users "
            f"with ids that Bizy uses too: {listing(others)}; nothing was changed, migrate into "
            "a database where these ids are free."
        )
