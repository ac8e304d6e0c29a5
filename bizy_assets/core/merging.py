"""Merges staged rows into a table that has rows already, set-wise, and keeps the ledger true.

A row that PostgreSQL has as it should be is not touched at all, and neither is one that somebody
edited or deleted there; ``fates`` decides.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from bizy_assets.core import adopting, evidence, fates, ledger, models, schema, uniques
from bizy_assets.core.contracts import CONTRACTS, Contract, Rule
from bizy_assets.core.counts import Counts
from bizy_assets.core.fates import Fate
from bizy_assets.core.idsets import IdSet
from bizy_assets.core.journal import Run


@dataclass(frozen=True, kw_only=True)
class Merge:
    """One table's merge: what belongs together in all its statements.

    Attributes:
        connection: In the load's transaction, in which nobody else can write to the table.
        contract: The table.
        stage: The snapshot's good rows as they should be.
        run: The run that does it.
        fates: What becomes of each row that does not simply stay.
    """

    connection: sa.Connection
    contract: Contract
    stage: sa.Table
    run: Run
    fates: sa.Table

    @property
    def model(self) -> sa.Table:
        """The table itself."""
        return models.tables[self.contract.table]

    @property
    def entry(self) -> sa.Table:
        """Its ledger."""
        return models.ledgers[self.contract.table]

    def of(self, *wanted: Fate) -> sa.Select[tuple[int]]:
        """Selects the ids of these fates."""
        return sa.select(self.fates.c.id).where(self._among(wanted))

    def ids(self, *wanted: Fate) -> IdSet:
        """Returns the ids of these fates."""
        condition = {"chosen": self._among(wanted)}
        return evidence.ids_where(self.connection, self.fates, condition)["chosen"]

    def _among(self, wanted: Sequence[Fate]) -> sa.ColumnElement[bool]:
        return self.fates.c.fate.in_([fate.value for fate in wanted])


def make_stage(connection: sa.Connection, contract: Contract) -> sa.Table:
    """Makes a temporary table for a contract's rows, gone at the transaction's end."""
    columns = (sa.Column(c.name, models.column_type(c)) for c in contract.columns)
    return models.temporary(connection, f"bizy_stage_{contract.table}", *columns)


def merge(
    connection: sa.Connection,
    contract: Contract,
    stage: sa.Table,
    run: Run,
    *,
    good_rows: int,
    adopt: bool,
    scope: sa.Table | None = None,
) -> Counts:
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
    moved = adopting.take_entries(connection, contract, stage, run) if adopt else 0
    source = str(run.snapshot.source)
    decided = fates.decide(
        connection, contract, stage, source=source, owner_id=run.user_id, scope=scope
    )
    work = Merge(connection=connection, contract=contract, stage=stage, run=run, fates=decided)
    adopted = moved + adopting.adopt(work, allowed=adopt)
    found = _count(work)
    uniques.require_free(work)
    _delete(work)
    uniques.vacate(work)
    _insert(work)
    _update(work)
    _bring_ledger_up_to_date(work)
    return _counts(found, good_rows, adopted)


def _count(work: Merge) -> Counter[Fate]:
    fate = work.fates.c.fate
    rows = work.connection.execute(sa.select(fate, sa.func.count()).group_by(fate))
    return Counter({Fate(name): count for name, count in rows})


def _counts(found: Counter[Fate], good_rows: int, adopted: int) -> Counts:
    other = (Fate.INSERT, Fate.UPDATE, Fate.TAKE_DIFFERENT, Fate.KEEP, Fate.LEAVE_DELETED)
    return Counts(
        inserted=found[Fate.INSERT],
        updated=found[Fate.UPDATE] + found[Fate.TAKE_DIFFERENT],
        unchanged=good_rows - sum(found[fate] for fate in other),
        kept=found[Fate.KEEP],
        left_deleted=found[Fate.LEAVE_DELETED],
        deleted=found[Fate.DELETE],
        outlived=found[Fate.OUTLIVE],
        adopted=adopted,
    )


def _delete(work: Merge) -> None:
    """Deletes rows, and keeps the ledger from taking what follows from that for edits."""
    gone = work.of(Fate.DELETE)
    if not work.connection.scalar(sa.select(sa.exists(gone))):
        return
    touched = [
        (child, column.name)
        for child in CONTRACTS
        for column in child.parents
        if column.references == work.contract.table
        and schema.is_complete(work.connection, models.tables[child.table])
    ]
    for child, column in touched:
        ledger.expect_without_parent(work.connection, child, column, gone)
    work.connection.execute(sa.delete(work.model).where(work.model.c.id.in_(gone)))


def _insert(work: Merge) -> None:
    now = sa.func.timezone("UTC", sa.func.now())
    stage = work.stage
    values = [
        sa.func.coalesce(stage.c[c.name], now) if c.filled else stage.c[c.name]
        for c in work.contract.columns
    ]
    names = [column.name for column in work.contract.columns]
    new = sa.select(*values).where(stage.c.id.in_(work.of(Fate.INSERT)))
    work.connection.execute(sa.insert(work.model).from_select(names, new))


def _update(work: Merge) -> None:
    model, stage = work.model, work.stage
    values = {
        c.name: fates.wanted(c, model, stage)
        for c in work.contract.source_columns
        if c.name != "id"
    }
    made = {c.name: stage.c[c.name] for c in work.contract.columns if c.rule is Rule.MIGRATED_AT}
    changed = work.of(Fate.UPDATE, Fate.TAKE_DIFFERENT)
    work.connection.execute(
        sa.update(model)
        .where(model.c.id == stage.c.id, stage.c.id.in_(changed))
        .values({**values, **made})
    )


def _found_in_part(work: Merge) -> sa.ColumnElement[Any]:
    """Returns the state of a written row: one taken over keeps values that Bizy does not have."""
    others = [work.model.c[c.name] for c in work.contract.columns if c.rule is Rule.EMPTY]
    kept = sa.or_(sa.false(), *(column.is_not(None) for column in others))
    return sa.case((kept, ledger.FOUND), else_=sa.cast(sa.null(), sa.Text))


def _bring_ledger_up_to_date(work: Merge) -> None:
    execute, entry, model = work.connection.execute, work.entry, work.model
    execute(sa.delete(entry).where(entry.c.id.in_(work.of(Fate.DELETE, Fate.FORGET))))
    settled = (Fate.SETTLE, Fate.TAKE_EQUAL)
    for found, written in (
        (_found_in_part(work), work.of(Fate.INSERT, Fate.UPDATE, Fate.TAKE_DIFFERENT)),
        (sa.literal(ledger.FOUND), work.of(*settled)),
    ):
        rows = sa.select(
            model.c.id,
            ledger.hash_of(work.contract, model),
            sa.literal(work.run.number),
            found,
        ).where(model.c.id.in_(written))
        new = postgresql.insert(entry).from_select(["id", "hash", "run", "state"], rows)
        replaced = {name: new.excluded[name] for name in ("hash", "run", "state")}
        execute(new.on_conflict_do_update(index_elements=["id"], set_=replaced))
    for state, kept in (
        (ledger.EDITED, work.of(Fate.KEEP, Fate.OUTLIVE)),
        (ledger.DELETED, work.of(Fate.LEAVE_DELETED)),
    ):
        unnoticed = entry.c.state.is_distinct_from(state)
        execute(sa.update(entry).where(entry.c.id.in_(kept), unnoticed).values(state=state))
