"""Merges staged rows into a table that has rows already, set-wise, and keeps the ledger true.

A row that PostgreSQL has as it should be is not touched at all, and neither is one that somebody
edited or deleted there; ``fates`` decides.
"""

from collections import Counter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from bizy_assets.core.common import RowCounts
from bizy_assets.core.contracts import CONTRACTS, Contract, Rule
from bizy_assets.core.load.adoption import adopt_entries, adopt_rows
from bizy_assets.core.load.merge_plan import MergePlan, RowAction, build_merge_plan, merged_value
from bizy_assets.core.load.unique_values import require_unique_values_free, vacate_unique_values
from bizy_assets.core.postgres import temporary_table
from bizy_assets.core.state import DELETED, EDITED, MATCHED, Run, rehash_without_parent, row_hash
from bizy_assets.core.target import TARGET_TABLES, column_type, has_all_columns


def create_stage(connection: sa.Connection, contract: Contract) -> sa.Table:
    """Makes a temporary table for a contract's rows, gone at the transaction's end."""
    columns = (sa.Column(c.name, column_type(c)) for c in contract.columns)
    return temporary_table(connection, f"bizy_stage_{contract.table}", *columns)


def merge_rows(
    connection: sa.Connection,
    contract: Contract,
    stage: sa.Table,
    run: Run,
    *,
    good_rows: int,
    adopt: bool,
    scope: sa.Table | None = None,
) -> RowCounts:
    """Brings a table to what the snapshot says, but for what others did to it since.

    Args:
        connection: In the load's transaction.
        contract: The table.
        stage: The rows as they should be.
        run: The run that does it.
        good_rows: How many rows the snapshot has that PostgreSQL can take.
        adopt: Whether rows of the owner that the ledger does not know are taken over.
        scope: The ids that are staged, where the others are known to stay.

    Raises:
        ConflictError: Rows that are not the migration's have the snapshot's ids.
    """
    moved = adopt_entries(connection, contract, stage, run) if adopt else 0
    source = str(run.snapshot.source)
    decided = build_merge_plan(
        connection, contract, stage, source=source, owner_id=run.user_id, scope=scope
    )
    work = MergePlan(connection=connection, contract=contract, stage=stage, run=run, fates=decided)
    adopted = moved + adopt_rows(work, allowed=adopt)
    found = _count(work)
    require_unique_values_free(work)
    _delete(work)
    vacate_unique_values(work)
    _insert(work)
    _update(work)
    _bring_ledger_up_to_date(work)
    return _counts(found, good_rows, adopted)


def _count(work: MergePlan) -> Counter[RowAction]:
    fate = work.fates.c.fate
    rows = work.connection.execute(sa.select(fate, sa.func.count()).group_by(fate))
    return Counter({RowAction(name): count for name, count in rows})


def _counts(found: Counter[RowAction], good_rows: int, adopted: int) -> RowCounts:
    other = (
        RowAction.INSERT,
        RowAction.UPDATE,
        RowAction.TAKE_DIFFERENT,
        RowAction.KEEP,
        RowAction.LEAVE_DELETED,
    )
    return RowCounts(
        inserted=found[RowAction.INSERT],
        updated=found[RowAction.UPDATE] + found[RowAction.TAKE_DIFFERENT],
        unchanged=good_rows - sum(found[fate] for fate in other),
        kept=found[RowAction.KEEP],
        left_deleted=found[RowAction.LEAVE_DELETED],
        deleted=found[RowAction.DELETE],
        outlived=found[RowAction.OUTLIVE],
        adopted=adopted,
    )


def _delete(work: MergePlan) -> None:
    """Deletes rows, and keeps the ledger from taking what follows from that for edits."""
    gone = work.of(RowAction.DELETE)
    if not work.connection.scalar(sa.select(sa.exists(gone))):
        return
    touched = [
        (child, column.name)
        for child in CONTRACTS
        for column in child.parents
        if column.references == work.contract.table
        and has_all_columns(work.connection, TARGET_TABLES[child.table])
    ]
    for child, column in touched:
        rehash_without_parent(work.connection, child, column, gone)
    work.connection.execute(sa.delete(work.model).where(work.model.c.id.in_(gone)))


def _insert(work: MergePlan) -> None:
    now = sa.func.timezone("UTC", sa.func.now())
    stage = work.stage
    values = [
        sa.func.coalesce(stage.c[c.name], now) if c.filled else stage.c[c.name]
        for c in work.contract.columns
    ]
    names = [column.name for column in work.contract.columns]
    new = sa.select(*values).where(stage.c.id.in_(work.of(RowAction.INSERT)))
    work.connection.execute(sa.insert(work.model).from_select(names, new))


def _update(work: MergePlan) -> None:
    model, stage = work.model, work.stage
    values = {
        c.name: merged_value(c, model, stage)
        for c in work.contract.source_columns
        if c.name != "id"
    }
    made = {c.name: stage.c[c.name] for c in work.contract.columns if c.rule is Rule.MIGRATED_AT}
    changed = work.of(RowAction.UPDATE, RowAction.TAKE_DIFFERENT)
    work.connection.execute(
        sa.update(model)
        .where(model.c.id == stage.c.id, stage.c.id.in_(changed))
        .values({**values, **made})
    )


def _found_in_part(work: MergePlan) -> sa.ColumnElement[Any]:
    """Returns the state of a written row: one taken over keeps values that Bizy does not have."""
    others = [work.model.c[c.name] for c in work.contract.columns if c.rule is Rule.EMPTY]
    kept = sa.or_(sa.false(), *(column.is_not(None) for column in others))
    return sa.case((kept, MATCHED), else_=sa.cast(sa.null(), sa.Text))


def _bring_ledger_up_to_date(work: MergePlan) -> None:
    execute, entry, model = work.connection.execute, work.entry, work.model
    execute(sa.delete(entry).where(entry.c.id.in_(work.of(RowAction.DELETE, RowAction.FORGET))))
    settled = (RowAction.SETTLE, RowAction.TAKE_EQUAL)
    for found, written in (
        (
            _found_in_part(work),
            work.of(RowAction.INSERT, RowAction.UPDATE, RowAction.TAKE_DIFFERENT),
        ),
        (sa.literal(MATCHED), work.of(*settled)),
    ):
        rows = sa.select(
            model.c.id,
            row_hash(work.contract, model),
            sa.literal(work.run.number),
            found,
        ).where(model.c.id.in_(written))
        new = postgresql.insert(entry).from_select(["id", "hash", "run", "state"], rows)
        replaced = {name: new.excluded[name] for name in ("hash", "run", "state")}
        execute(new.on_conflict_do_update(index_elements=["id"], set_=replaced))
    for state, kept in (
        (EDITED, work.of(RowAction.KEEP, RowAction.OUTLIVE)),
        (DELETED, work.of(RowAction.LEAVE_DELETED)),
    ):
        unnoticed = entry.c.state.is_distinct_from(state)
        execute(sa.update(entry).where(entry.c.id.in_(kept), unnoticed).values(state=state))
