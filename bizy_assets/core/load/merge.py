"""Merge staged rows into a table that has rows already, and keep its ledger up to date.

Rows that need no change are not written, and edits and deletions in PostgreSQL are preserved; see
``merge_plan``.
"""

from collections import Counter
from contextlib import nullcontext
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from bizy_assets.core.common import IdSet, RowCounts
from bizy_assets.core.contracts import Contract, Rule
from bizy_assets.core.load.adoption import adopt_entries, adopt_rows
from bizy_assets.core.load.merge_plan import MergePlan, RowAction, build_merge_plan, merged_value
from bizy_assets.core.load.request import LoadRequest
from bizy_assets.core.load.reused_ids import require_none_preserved
from bizy_assets.core.load.row_locking import (
    EvidenceBefore,
    children_of,
    lock_children,
    lock_planned_rows,
)
from bizy_assets.core.load.trigger_guard import written_rows_compared
from bizy_assets.core.load.unique_values import require_unique_values_free, vacate_unique_values
from bizy_assets.core.postgres import temporary_table
from bizy_assets.core.state import LoadContext, ledger
from bizy_assets.core.target import column_type


def create_stage(connection: sa.Connection, contract: Contract) -> sa.Table:
    """Create the temporary table of a contract's staged rows."""
    columns = (sa.Column(c.name, column_type(c)) for c in contract.columns)
    return temporary_table(connection, f"bizy_stage_{contract.table}", *columns)


def merge_rows(
    connection: sa.Connection,
    context: LoadContext,
    request: LoadRequest,
    stage: sa.Table,
    *,
    only: IdSet | None = None,
    compare: bool = False,
) -> tuple[RowCounts, EvidenceBefore | None]:
    """Merge the converted rows in ``stage`` into a table.

    The table is locked against writes, unless others are loaded too: then only rows are, and the
    evidence on the table before that is returned. ``only`` has the ids of the staged rows, if only
    rows that changed in PostgreSQL are merged. ``compare`` reads the written rows again, since
    triggers fire. They may write any row, so no evidence is returned then.

    Raises:
        AuditError: Triggers changed written rows.
        ConflictError: Rows that the migration did not write have the snapshot's ids, or earlier
            rows with the ids of new ones were edited meanwhile.
        TargetError: Another session did not release its lock on a row in time.
    """
    moved = adopt_entries(connection, context, stage) if request.adopt else 0
    plan = build_merge_plan(connection, context, stage, only=only)
    before = None
    if request.concurrent:
        plan, before = lock_planned_rows(plan, request.lock_wait_seconds)
    else:
        lock_children(plan, request.lock_wait_seconds)
    if only is None:
        require_none_preserved(plan)
    adopted = moved + adopt_rows(plan, allowed=request.adopt)
    planned = plan.counts()
    require_unique_values_free(plan)
    with written_rows_compared(plan) if compare else nullcontext():
        _delete(plan)
        vacate_unique_values(plan)
        _insert(plan)
        _update(plan)
    _update_ledger(plan)
    counts = _row_counts(planned, context.table_validation.valid_row_count, adopted)
    return counts, None if compare else before


def _row_counts(planned: Counter[RowAction], valid_rows: int, adopted: int) -> RowCounts:
    not_unchanged = (
        RowAction.INSERT,
        RowAction.UPDATE,
        RowAction.ADOPT_CHANGED,
        RowAction.KEEP_EDITED,
        RowAction.KEEP_DELETED,
    )
    return RowCounts(
        inserted=planned[RowAction.INSERT],
        updated=planned[RowAction.UPDATE] + planned[RowAction.ADOPT_CHANGED],
        unchanged=valid_rows - sum(planned[action] for action in not_unchanged),
        preserved_edits=planned[RowAction.KEEP_EDITED],
        preserved_deletions=planned[RowAction.KEEP_DELETED],
        deleted=planned[RowAction.DELETE],
        retained=planned[RowAction.RETAIN],
        adopted=adopted,
    )


def _delete(plan: MergePlan) -> None:
    """Delete rows, and rehash the entries of children that lose their parent by it."""
    deleted = plan.select(RowAction.DELETE)
    if not plan.connection.scalar(sa.select(sa.exists(deleted))):
        return
    for child, column in children_of(plan):
        ledger.rehash_without_parent(plan.connection, child, column.name, deleted)
    plan.connection.execute(sa.delete(plan.table).where(plan.has(plan.table, RowAction.DELETE)))


def _insert(plan: MergePlan) -> None:
    columns = plan.contract.columns
    rows = sa.select(*(merged_value(column, plan.stage) for column in columns)).where(
        plan.stage.c.id.in_(plan.select(RowAction.INSERT))
    )
    names = [column.name for column in columns]
    plan.connection.execute(sa.insert(plan.table).from_select(names, rows))


def _update(plan: MergePlan) -> None:
    table, stage = plan.table, plan.stage
    values = {
        column.name: merged_value(column, stage, table)
        for column in plan.contract.columns
        if column.name != "id" and (column.from_source or column.rule is Rule.MIGRATED_AT)
    }
    changed = plan.has(table, RowAction.UPDATE, RowAction.ADOPT_CHANGED)
    plan.connection.execute(
        sa.update(table).where(table.c.id == stage.c.id, changed).values(values)
    )


def _update_ledger(plan: MergePlan) -> None:
    execute, entry = plan.connection.execute, plan.ledger
    execute(sa.delete(entry).where(plan.has(entry, RowAction.DELETE, RowAction.PURGE_ENTRY)))
    written = (RowAction.INSERT, RowAction.UPDATE, RowAction.ADOPT_CHANGED)
    _enter(plan, written, _state_as_written(plan))
    matched = (RowAction.ACKNOWLEDGE, RowAction.ADOPT_UNCHANGED)
    _enter(plan, matched, sa.literal(ledger.MATCHED))
    for state, kept in (
        (ledger.EDITED, (RowAction.KEEP_EDITED, RowAction.RETAIN)),
        (ledger.DELETED, (RowAction.KEEP_DELETED,)),
    ):
        is_new = entry.c.state.is_distinct_from(state)
        execute(sa.update(entry).where(plan.has(entry, *kept), is_new).values(state=state))


def _enter(plan: MergePlan, actions: tuple[RowAction, ...], state: sa.ColumnElement[Any]) -> None:
    """Enter rows in the ledger as they are now, and replace the entries that they have."""
    table = plan.table
    rows = sa.select(
        table.c.id, ledger.row_hash(plan.contract, table), sa.literal(plan.run.number), state
    ).where(plan.has(table, *actions))
    entries = postgresql.insert(plan.ledger).from_select(["id", "hash", "run", "state"], rows)
    replaced = {name: entries.excluded[name] for name in ("hash", "run", "state")}
    plan.connection.execute(entries.on_conflict_do_update(index_elements=["id"], set_=replaced))


def _state_as_written(plan: MergePlan) -> sa.ColumnElement[Any]:
    """Return the state of a written row; an adopted one keeps values that Bizy does not have."""
    others = [plan.table.c[c.name] for c in plan.contract.columns if c.rule is Rule.EMPTY]
    kept = sa.or_(sa.false(), *(column.is_not(None) for column in others))
    return sa.case((kept, ledger.MATCHED), else_=sa.cast(sa.null(), sa.Text))
