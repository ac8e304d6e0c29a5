"""Locks of rows for a merge while others write the same table.

Everything that takes time is done before the first lock, so that the locks are held for a short
time: the plan, and reading the rest of the table for the audit.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import sqlalchemy as sa

from bizy_assets.core.contracts import CONTRACTS, Column, Contract
from bizy_assets.core.load.merge_plan import MergePlan, RowAction, plan_actions
from bizy_assets.core.postgres import catalog, id_between, locks, temporary_id_table
from bizy_assets.core.reconcile import TableEvidence, collect_evidence, renew_evidence
from bizy_assets.core.state import LoadContext, ledger
from bizy_assets.core.target import TARGET_TABLES, ddl

_GONE = (RowAction.DELETE, RowAction.RETAIN)
"""Actions for rows that are gone from the snapshot, and may be deleted as they are now."""


@dataclass(frozen=True, kw_only=True)
class EvidenceBefore:
    """The evidence on a table before a merge, and a temporary table of the rows that it locked."""

    evidence: TableEvidence
    locked: sa.Table

    def after(self, connection: sa.Connection, context: LoadContext) -> TableEvidence:
        """Return the evidence after the merge, for which only the locked rows are read."""
        return renew_evidence(connection, self.evidence, context, self.locked)


def lock_planned_rows(plan: MergePlan, seconds: float) -> tuple[MergePlan, EvidenceBefore]:
    """Lock the rows that need an action, and return a plan for them as they are now.

    Others may write all other rows, except children of rows to delete. A row that they change
    after it was planned is one that they change after the load. The plan stays as it is if no
    planned row was changed until it was locked. Staged rows that need no action are left out. It
    is tried for ``seconds``.

    Raises:
        TargetError: Another session did not release its lock on a row in time.
    """
    connection, table = plan.connection, plan.table
    locked = temporary_id_table(connection, f"bizy_locked_{table.name}")
    connection.execute(sa.insert(locked).from_select(["id"], sa.select(plan.actions.c.id)))
    planned = replace(plan, stage=_planned_rows(plan, locked))
    catalog.update_statistics(connection, locked, planned.stage)
    before = EvidenceBefore(evidence=_collect(plan), locked=locked)
    is_planned = id_between(table.c.id, plan.context.within) & table.c.id.in_(
        sa.select(locked.c.id)
    )
    _lock(plan, seconds, is_planned)
    if _is_outdated(plan):
        connection.execute(sa.delete(plan.actions))
        plan_actions(planned, locked)
    return planned, before


def lock_children(plan: MergePlan, seconds: float) -> None:
    """Lock the children of the rows to delete, in a table that is locked against writes.

    Otherwise an edit of a child that is committed before its parent is deleted would look like the
    migration's own write. It is tried for ``seconds``.

    Raises:
        TargetError: As ``lock_planned_rows``.
    """
    _lock(plan, seconds)


def children_of(plan: MergePlan) -> Iterator[tuple[Contract, Column]]:
    """Yield each existing table that refers to the rows of a plan, with the column that does."""
    for child in CONTRACTS:
        for column in child.parents:
            if column.references == plan.contract.table and ddl.has_all_columns(
                plan.connection, TARGET_TABLES[child.table]
            ):
                yield child, column


def _lock(
    plan: MergePlan, seconds: float, is_planned: sa.ColumnElement[bool] | None = None
) -> None:
    """Lock the rows that are planned, if they are given, and the children of those to delete."""
    connection, table = plan.connection, plan.table
    deletes = connection.scalar(sa.select(sa.exists(plan.select(*_GONE))))
    children = list(children_of(plan)) if deletes else []

    def acquire() -> None:
        if deletes and is_planned is not None:
            locks.lock_rows(connection, table, plan.has(table, *_GONE), to_delete=True)
        for child, column in children:
            rows = TARGET_TABLES[child.table]
            locks.lock_rows(connection, rows, rows.c[column.name].in_(plan.select(*_GONE)))
        if is_planned is not None:
            locks.lock_rows(connection, table, is_planned)

    if children or is_planned is not None:
        names = list(dict.fromkeys([table.name, *(child.table for child, _ in children)]))
        what = f"A row of {' or '.join(names)}"
        locks.acquire_in_turns(connection, acquire, what, names, seconds=seconds)


def _collect(plan: MergePlan) -> TableEvidence:
    context = plan.context
    states = ledger.ledger_states(plan.connection, context.contract, context.ids)
    return collect_evidence(plan.connection, context, states)


def _planned_rows(plan: MergePlan, planned: sa.Table) -> sa.Table:
    """Return a copy of the stage with the planned rows only."""
    others = (sa.Column(c.name, c.type) for c in plan.stage.columns if c.name != "id")
    name = f"bizy_planned_{plan.contract.table}"
    stage = temporary_id_table(plan.connection, name, *others)
    columns = [plan.stage.c[column.name] for column in stage.columns]
    rows = sa.select(*columns).where(plan.stage.c.id.in_(sa.select(planned.c.id)))
    plan.connection.execute(sa.insert(stage).from_select(list(stage.c), rows))
    return stage


def _is_outdated(plan: MergePlan) -> bool:
    """Return whether a planned row was written or deleted since it was planned."""
    table, actions = plan.table, plan.actions
    same_id = (table.c.id == actions.c.id) & id_between(table.c.id, plan.context.within)
    written_by = ledger.writing_transaction(table)
    changed = (
        sa.select(actions.c.id)
        .select_from(actions.outerjoin(table, same_id))
        .where(written_by.is_distinct_from(actions.c.written_by))
    )
    return bool(plan.connection.scalar(sa.select(sa.exists(changed))))
