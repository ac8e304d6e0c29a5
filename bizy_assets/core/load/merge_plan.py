"""The plan of a merge: the action for each row when a table is migrated again.

Three states decide: the snapshot's row, the ledger entry (the row as the migration wrote it), and
PostgreSQL's row. The actions are computed set-wise into a temporary table. Rows that need no
action are left out, and the target table is not written.
"""

from collections import Counter
from dataclasses import dataclass
from enum import Enum
from typing import Any

import sqlalchemy as sa

from bizy_assets.core.common import IdSet
from bizy_assets.core.contracts import Column, Contract, Kind, Rule
from bizy_assets.core.postgres import (
    copy_ids,
    id_between,
    ids_where,
    temporary_id_table,
)
from bizy_assets.core.state import LoadContext, Run, ledger
from bizy_assets.core.target import TARGET_TABLES, state_tables


class RowAction(Enum):
    """The action of a merge for one row."""

    INSERT = "insert"
    UPDATE = "update"
    ACKNOWLEDGE = "acknowledge"
    """The row has the snapshot's values, but not as the migration wrote it: update the ledger."""
    KEEP_EDITED = "keep edited"
    """The row was edited in PostgreSQL."""
    KEEP_DELETED = "keep deleted"
    """The row was deleted in PostgreSQL."""
    ADOPT_UNCHANGED = "adopt unchanged"
    """A row of the owner without a ledger entry, with the snapshot's values."""
    ADOPT_CHANGED = "adopt changed"
    """A row of the owner without a ledger entry, with other values."""
    CONFLICT = "conflict"
    """A row of another user has the id of a row of the snapshot."""
    DELETE = "delete"
    """The row is gone from the snapshot and unchanged in PostgreSQL."""
    RETAIN = "retain"
    """The row is gone from the snapshot, but was edited in PostgreSQL."""
    PURGE_ENTRY = "purge entry"
    """The row is gone from both."""


@dataclass(frozen=True, kw_only=True)
class MergePlan:
    """The planned actions of one table's merge, in a transaction that locked what it will write.

    ``stage`` is a temporary table of the snapshot's valid rows, converted; ``actions`` is one of
    the planned actions (``id``, ``action``), with the transaction that wrote each row as planned.
    """

    connection: sa.Connection
    context: LoadContext
    stage: sa.Table
    actions: sa.Table

    @property
    def contract(self) -> Contract:
        """The table's contract."""
        return self.context.contract

    @property
    def run(self) -> Run:
        """The run that merges."""
        return self.context.load.run

    @property
    def table(self) -> sa.Table:
        """The target table."""
        return TARGET_TABLES[self.contract.table]

    @property
    def ledger(self) -> sa.Table:
        """The table's ledger."""
        return state_tables.LEDGERS[self.contract.table]

    def select(self, *actions: RowAction) -> sa.Select[tuple[int]]:
        """Return the query for the ids of rows with one of these actions."""
        return sa.select(self.actions.c.id).where(self._has(actions))

    def has(self, row: sa.FromClause, *actions: RowAction) -> sa.ColumnElement[bool]:
        """Return the SQL condition that a row of the table or its ledger has such an action.

        PostgreSQL does not infer from a join in which ranges the ids are.
        """
        return id_between(row.c.id, self.context.within) & row.c.id.in_(self.select(*actions))

    def ids(self, *actions: RowAction) -> IdSet:
        """Read the ids of rows with one of these actions."""
        return ids_where(self.connection, self.actions, {"ids": self._has(actions)})["ids"]

    def counts(self) -> Counter[RowAction]:
        """Count the rows by action."""
        action = self.actions.c.action
        rows = self.connection.execute(sa.select(action, sa.func.count()).group_by(action))
        return Counter({RowAction(name): count for name, count in rows})

    def _has(self, actions: tuple[RowAction, ...]) -> sa.ColumnElement[bool]:
        return self.actions.c.action.in_([action.value for action in actions])


def build_merge_plan(
    connection: sa.Connection, context: LoadContext, stage: sa.Table, *, only: IdSet | None = None
) -> MergePlan:
    """Plan the merge of the snapshot's valid rows, staged, into a table.

    Ledger entries of other sources do not count as the migration's. ``only`` has the ids of the
    staged rows, if only rows that changed in PostgreSQL are merged. The plan holds only if the
    table is locked against writes, or ``lock_planned_rows`` is called.
    """
    table = context.contract.table
    action = sa.Column("action", sa.Text, nullable=False)
    written_by = sa.Column("written_by", ledger.TransactionId)
    actions = temporary_id_table(connection, f"bizy_actions_{table}", action, written_by)
    plan = MergePlan(connection=connection, context=context, stage=stage, actions=actions)
    scope = None
    if only is not None:
        scope = temporary_id_table(connection, f"bizy_scope_{table}")
        copy_ids(connection, scope, only)
    plan_actions(plan, scope)
    return plan


def plan_actions(plan: MergePlan, scope: sa.Table | None) -> None:
    """Compute the actions of the staged rows, and of absent ones, or those in the scope."""
    entry = ledger.entries_of(plan.contract, plan.context.ids)
    for planned in (
        _actions_of_staged(plan.context, plan.stage, entry),
        _actions_of_absent(plan.context, plan.stage, entry, scope),
    ):
        rows = planned.subquery()
        needed = sa.select(rows).where(rows.c.action.is_not(None))
        plan.connection.execute(sa.insert(plan.actions).from_select(list(plan.actions.c), needed))


def changed_since_load(connection: sa.Connection, context: LoadContext) -> IdSet:
    """Return the ids of a source's rows that are not as the last load left them, or were edited."""
    contract, within = context.contract, context.within
    entry, table = state_tables.LEDGERS[contract.table], TARGET_TABLES[contract.table]
    changed = sa.or_(
        table.c.id.is_(None),
        ledger.is_rewritten(context.load, entry),
        entry.c.state.in_([ledger.EDITED, ledger.DELETED]),
    )
    condition = {"changed": context.ids.has_entry(entry, contract.table) & changed}
    return ids_where(connection, entry, condition, outer_joined=table, within=within)["changed"]


def merged_value(
    column: Column, stage: sa.Table, existing: sa.Table | None = None
) -> sa.ColumnElement[Any]:
    """Return the SQL expression of a column's value after the merge.

    A time that the source lacks and the target requires stays as it is in an existing row, and
    is the time of the migration in a new one.
    """
    value = stage.c[column.name]
    if not column.filled:
        return value
    filled = sa.func.timezone("UTC", sa.func.now()) if existing is None else existing.c[column.name]
    return sa.func.coalesce(value, filled)


def _actions_of_staged(
    context: LoadContext, stage: sa.Table, entry: sa.Subquery
) -> sa.Select[tuple[int, str, Any]]:
    """Select the actions for the snapshot's rows; NULL for rows that need none."""
    contract, owner_id = context.contract, context.load.run.user_id
    table = TARGET_TABLES[contract.table]
    same = sa.and_(
        *(
            ~exact_form(c, table.c[c.name]).is_distinct_from(
                exact_form(c, merged_value(c, stage, table))
            )
            for c in contract.source_columns
            if c.name != "id"
        )
    )
    as_migrated = sa.and_(
        table.c.user_id == owner_id,
        *(table.c[c.name].is_(None) for c in contract.columns if c.rule is Rule.EMPTY),
    )
    as_written = ~ledger.is_rewritten(context.load, entry)
    no_edit_noted = sa.or_(entry.c.state.is_(None), entry.c.state == ledger.MATCHED)
    action = sa.case(
        (sa.and_(entry.c.id.is_(None), table.c.id.is_(None)), RowAction.INSERT.value),
        (sa.and_(entry.c.id.is_(None), table.c.user_id != owner_id), RowAction.CONFLICT.value),
        (sa.and_(entry.c.id.is_(None), same), RowAction.ADOPT_UNCHANGED.value),
        (entry.c.id.is_(None), RowAction.ADOPT_CHANGED.value),
        (table.c.id.is_(None), RowAction.KEEP_DELETED.value),
        (sa.and_(as_written, same, no_edit_noted), sa.null()),
        (sa.and_(same, sa.or_(as_written, as_migrated)), RowAction.ACKNOWLEDGE.value),
        (as_written, RowAction.UPDATE.value),
        else_=RowAction.KEEP_EDITED.value,
    )
    joined = stage.outerjoin(entry, entry.c.id == stage.c.id).outerjoin(
        table, (table.c.id == stage.c.id) & id_between(table.c.id, context.within)
    )
    columns = (stage.c.id, action.label("action"), ledger.writing_transaction(table))
    return sa.select(*columns).select_from(joined)


def _actions_of_absent(
    context: LoadContext, stage: sa.Table, entry: sa.Subquery, scope: sa.Table | None
) -> sa.Select[tuple[int, str, Any]]:
    """Select the actions for ledger entries whose row is not in the snapshot.

    Rows that the snapshot has, but that were rejected, need no action.
    """
    contract, source_id = context.contract, context.ids.source_id
    table, rejected = TARGET_TABLES[contract.table], state_tables.REJECTED_ROWS
    is_staged = sa.exists(sa.select(stage.c.id).where(stage.c.id == entry.c.id))
    is_rejected = sa.exists(
        sa.select(rejected.c.row_id).where(
            context.ids.target_id(contract.table, rejected.c.row_id) == entry.c.id,
            rejected.c.table_name == contract.table,
            rejected.c.source_id == source_id,
        )
    )
    action = sa.case(
        (table.c.id.is_(None), RowAction.PURGE_ENTRY.value),
        (~ledger.is_rewritten(context.load, entry), RowAction.DELETE.value),
        else_=RowAction.RETAIN.value,
    )
    of_source = id_between(table.c.id, context.within)
    entries = entry if scope is None else scope.join(entry, scope.c.id == entry.c.id)
    joined = entries.outerjoin(table, (table.c.id == entry.c.id) & of_source)
    columns = (entry.c.id, action.label("action"), ledger.writing_transaction(table))
    statement = sa.select(*columns).select_from(joined)
    return statement.where(~is_staged, ~is_rejected)


def exact_form(column: Column, value: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Return a value in a form in which equality means identity to the last bit."""
    match column.kind:
        case Kind.FLOAT:
            return sa.func.float8send(value)
        case Kind.JSON:
            return sa.cast(value, sa.Text)
        case _:
            return value
