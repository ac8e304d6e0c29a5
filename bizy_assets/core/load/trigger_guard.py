"""Comparison of written rows with what a load meant to write, where triggers fire on its table.

Rows of Bizy's other tables must not have been written at all.

The ledger would hold the rows as triggers left them, so no later run could repair them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from bizy_assets.core.common import AuditError, CheckResult, IdSet
from bizy_assets.core.contracts import CONTRACTS, Column, Rule
from bizy_assets.core.load.merge_plan import MergePlan, RowAction, exact_form, merged_value
from bizy_assets.core.postgres import ids_where, temporary_id_table
from bizy_assets.core.reconcile import CONTENT
from bizy_assets.core.state import ledger

_WRITTEN = (RowAction.INSERT, RowAction.UPDATE, RowAction.ADOPT_CHANGED)

_WRITES = sa.text("""
    SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables
    WHERE schemaname = 'public' AND relname = ANY(:tables)
""")


@contextmanager
def written_rows_compared(plan: MergePlan) -> Iterator[None]:
    """Require that a block writes the planned rows exactly, after all triggers have fired.

    Raises:
        AuditError: Rows differ, are missing, or were not deleted; with their columns and ids.
    """
    intended, before = _intended_hashes(plan), _writes_to_other_tables(plan)
    yield
    plan.connection.execute(sa.text("SET CONSTRAINTS ALL IMMEDIATE"))
    table = plan.table
    differs = intended.c.hash != ledger.row_hash(plan.contract, table)
    conditions = {"missing": table.c.id.is_(None), "changed": table.c.id.is_not(None) & differs}
    ids = ids_where(plan.connection, intended, conditions, outer_joined=table)
    is_left = table.c.id.in_(plan.select(RowAction.DELETE))
    ids |= ids_where(plan.connection, table, {"left": is_left})
    others = [name for name, n in _writes_to_other_tables(plan).items() if n != before.get(name)]
    if others or any(ids.values()):
        raise _audit_error(plan, others, **ids)


def _writes_to_other_tables(plan: MergePlan) -> dict[str, int]:
    """Count this session's writes to the other tables, as far as they are not the load's own.

    A deletion sets the parents of children to NULL.
    """
    has_deletions = plan.counts()[RowAction.DELETE] > 0
    names = [
        contract.table
        for contract in CONTRACTS
        if contract.table != plan.table.name
        and not (has_deletions and plan.table.name in contract.loaded_after)
    ]
    rows = plan.connection.execute(_WRITES, {"tables": names})
    return {name: count for name, count in rows}  # noqa: C416 - mypy does not take rows for pairs


def _intended_hashes(plan: MergePlan) -> sa.Table:
    """Create a temporary table of the hashes that the written rows must have."""
    table, stage = plan.table, plan.stage
    values = {column.name: _intended_value(plan, column) for column in plan.contract.columns}
    rows = (
        sa.select(stage.c.id, ledger.row_hash(plan.contract, stage, values))
        .select_from(stage.outerjoin(table, table.c.id == stage.c.id))
        .where(stage.c.id.in_(plan.select(*_WRITTEN)))
    )
    hash_ = sa.Column("hash", sa.Uuid, nullable=False)
    intended = temporary_id_table(plan.connection, f"bizy_intended_{table.name}", hash_)
    plan.connection.execute(sa.insert(intended).from_select(["id", "hash"], rows))
    return intended


def _intended_value(plan: MergePlan, column: Column) -> sa.ColumnElement[Any]:
    """Return the value that a written row must have; an existing row keeps some of its values."""
    table, stage = plan.table, plan.stage
    exists, old = table.c.id.is_not(None), table.c[column.name]
    if column.from_source or column.rule is Rule.MIGRATED_AT:
        inserted, updated = merged_value(column, stage), merged_value(column, stage, table)
        return sa.case((exists, updated), else_=inserted) if column.filled else inserted
    return sa.case((exists, old), else_=stage.c[column.name])


def _audit_error(
    plan: MergePlan, others: list[str], *, missing: IdSet, changed: IdSet, left: IdSet
) -> AuditError:
    result = CheckResult(check=CONTENT, summary="")
    result.add_rows("missing in PostgreSQL", missing, "is missing in PostgreSQL")
    result.add_rows("deleted in Bizy", left, "was not deleted")
    named = IdSet()
    for name, ids in _differing_columns(plan).items():
        result.add_rows(f"with another {name}", ids & changed, f"has a different {name}")
        named |= ids
    result.add_rows("with other values", changed - named, "has other values")
    result.errors.extend(f"Rows of {name} were written too." for name in others)
    return AuditError(
        f"Table {plan.contract.table} was not loaded and is unchanged, because triggers of the "
        f"table changed what was written: {' '.join(result.errors)} Set BIZY_TRIGGERS=disable to "
        "load while they are disabled, then run again.",
        [result],
    )


def _differing_columns(plan: MergePlan) -> dict[str, IdSet]:
    """Return for each column the rows whose value differs from the snapshot's, if it has one."""
    table, stage = plan.table, plan.stage
    inserted = stage.c.id.in_(plan.select(RowAction.INSERT))
    conditions = {}
    for column in plan.contract.columns:
        new, found = stage.c[column.name], table.c[column.name]
        differs = exact_form(column, new).is_distinct_from(exact_form(column, found))
        is_given = new.is_not(None) if column.filled else sa.true()
        is_ours = sa.true() if column.from_source or column.rule is Rule.MIGRATED_AT else inserted
        conditions[column.name] = table.c.id.is_not(None) & differs & is_given & is_ours
    return ids_where(plan.connection, stage, conditions, outer_joined=table)
