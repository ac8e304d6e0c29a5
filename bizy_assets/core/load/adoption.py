"""Adoption of rows without a ledger entry: a database that an older script filled.

Rows are adopted only on request, and only rows of the owner. Their previous content is recorded
first, so that it can be reported and restored.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from bizy_assets.core.common import IDS_SHOWN, files
from bizy_assets.core.contracts import Contract
from bizy_assets.core.load.conflicts import require_no_conflicts
from bizy_assets.core.load.merge_plan import MergePlan, RowAction
from bizy_assets.core.postgres import copy_csv
from bizy_assets.core.state import LoadContext, Run
from bizy_assets.core.target import TARGET_TABLES, state_tables

_SOURCES = state_tables.SOURCES
_ADOPTED = (RowAction.ADOPT_UNCHANGED, RowAction.ADOPT_CHANGED)


@dataclass(frozen=True, kw_only=True)
class AdoptedChange:
    """A value of an adopted row, before and after."""

    id: int
    column: str
    before: str | None
    after: str | None


@dataclass(frozen=True, kw_only=True)
class AdoptedChanges:
    """The values that adoption changed: the first by id and column, and a file that lists all."""

    first: list[AdoptedChange]
    file: Path


def adopt_entries(connection: sa.Connection, context: LoadContext, stage: sa.Table) -> int:
    """Assign entries of the owner's other sources to this one: a Bizy file that was moved.

    Returns the number of entries.
    """
    contract, run = context.contract, context.load.run
    entry, runs, c = state_tables.LEDGERS[contract.table], state_tables.RUNS, _SOURCES.c
    others = sa.select(c.id).where(c.id != run.source.id, c.user_id == run.user_id)
    is_staged = sa.exists(sa.select(stage.c.id).where(stage.c.id == entry.c.id))
    of_others = sa.and_(entry.c.run == runs.c.id, runs.c.source_id.in_(others), is_staged)
    source_ids = list(connection.scalars(sa.select(runs.c.source_id).distinct().where(of_others)))
    if not source_ids:
        return 0
    assigned = connection.execute(sa.update(entry).where(of_others).values(run=run.number)).rowcount
    _delete_records(connection, context, source_ids)
    return assigned


def _delete_records(connection: sa.Connection, context: LoadContext, source_ids: list[int]) -> None:
    """Delete the other sources' records about single values, which this run records again."""
    contract, run = context.contract, context.load.run
    entry, repairs = state_tables.LEDGERS[contract.table], state_tables.REPAIRS
    assigned = sa.select(entry.c.id).where(entry.c.run == run.number)
    connection.execute(
        sa.delete(repairs).where(
            repairs.c.table_name == contract.table,
            repairs.c.source_id.in_(source_ids),
            context.ids.target_id(contract.table, repairs.c.row_id).in_(assigned),
        )
    )
    rejected = state_tables.REJECTED_ROWS
    connection.execute(
        sa.delete(rejected).where(
            rejected.c.table_name == contract.table, rejected.c.source_id.in_(source_ids)
        )
    )
    # The rows are no longer those of their last loads, which must not vouch for the next ones.
    loads = state_tables.LOADS
    connection.execute(
        sa.update(loads)
        .where(loads.c.source_id.in_(source_ids), loads.c.table_name == contract.table)
        .values(fingerprint="")
    )


def adopt_rows(plan: MergePlan, *, allowed: bool) -> int:
    """Record rows as they are before their adoption, and return their number.

    Raises:
        ConflictError: Adoption is not allowed, or rows of other users have the ids.
    """
    conflicts = plan.ids(RowAction.CONFLICT)
    adopted = plan.ids(*_ADOPTED)
    require_no_conflicts(
        plan.connection, plan.contract, plan.run, foreign=conflicts, own=adopted, adopt=allowed
    )
    _purge_records(plan)
    if len(adopted):
        table = plan.table
        rows = sa.select(
            sa.literal(plan.contract.table),
            table.c.id,
            sa.literal(plan.run.number),
            _row_as_json(table),
        ).where(table.c.id.in_(plan.select(*_ADOPTED)))
        records = postgresql.insert(state_tables.ADOPTED).from_select(
            ["table_name", "id", "run", "before"], rows
        )
        # A rollback restores the content before the first adoption.
        plan.connection.execute(records.on_conflict_do_nothing())
    return len(adopted)


def _purge_records(plan: MergePlan) -> None:
    """Delete records of adopted rows that were since deleted or replaced in PostgreSQL."""
    adopted, entry = state_tables.ADOPTED, plan.ledger
    has_entry = sa.exists(sa.select(entry.c.id).where(entry.c.id == adopted.c.id))
    # A row with an entry existed until it was deleted in PostgreSQL.
    deleted = adopted.c.id.in_(plan.select(RowAction.PURGE_ENTRY, RowAction.INSERT)) & has_entry
    # A row without one was deleted by the migration, and its id was reused since.
    replaced = adopted.c.id.in_(plan.select(*_ADOPTED)) & ~has_entry
    of_table = adopted.c.table_name == plan.contract.table
    plan.connection.execute(sa.delete(adopted).where(of_table, sa.or_(deleted, replaced)))


def find_adopted(
    connection: sa.Connection, contract: Contract, run: Run, home: Path
) -> AdoptedChanges:
    """Return the first values that adoption changed in a run, and list all of them in a CSV file.

    Only this account can read the file.
    """
    changes = _changes(contract, run)
    file = home / "reports" / f"adopted_{contract.table}_{run.run_id[:8]}.csv"
    with files.write_private(file) as stream:
        copy_csv(connection, changes, stream)
    first = connection.execute(changes.limit(IDS_SHOWN)).mappings()
    return AdoptedChanges(first=[AdoptedChange(**change) for change in first], file=file)


def _changes(contract: Contract, run: Run) -> sa.Select[Any]:
    """Select the values that adoption changed, old and new, by id and column."""
    table, c = TARGET_TABLES[contract.table], state_tables.ADOPTED.c
    before = sa.func.json_each_text(c.before).table_valued("key", "value").lateral("before")
    after = (
        sa.func.json_each_text(_row_as_json(table)).table_valued("key", "value").lateral("after")
    )
    names = [column.name for column in contract.source_columns]
    return (
        sa.select(
            c.id,
            before.c.key.label("column"),
            before.c.value.label("before"),
            after.c.value.label("after"),
        )
        .select_from(state_tables.ADOPTED)
        .join(table, table.c.id == c.id)
        .join(before, sa.true())
        .join(after, after.c.key == before.c.key)
        .where(
            c.table_name == contract.table,
            c.run == run.number,
            before.c.key.in_(names),
            before.c.value.is_distinct_from(after.c.value),
        )
        .order_by(c.id, before.c.key)
    )


def _row_as_json(table: sa.Table) -> sa.ColumnElement[object]:
    """Return the SQL expression of a whole row as JSON, unknown columns included."""
    return sa.func.to_json(sa.column(table.name))
