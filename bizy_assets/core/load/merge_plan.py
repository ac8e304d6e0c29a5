"""Decides what becomes of each row when a table is migrated again.

Three things speak of a row: the snapshot, the ledger (which says that the migration wrote it, and
how it was then), and PostgreSQL. The fate of every row that is not simply to be left as it is
goes into a temporary table, set-wise; nothing is written to the table itself here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import sqlalchemy as sa

from bizy_assets.core.common import IdSet
from bizy_assets.core.contracts import Column, Contract, Kind, Rule
from bizy_assets.core.postgres import ids_where, temporary_id_table
from bizy_assets.core.state import DELETED, EDITED, MATCHED, Run, row_hash, written_for_source
from bizy_assets.core.target import LEDGER_TABLES, REJECTED_ROWS_TABLE, TARGET_TABLES


class RowAction(Enum):
    """What becomes of a row."""

    INSERT = "insert"
    UPDATE = "update"
    SETTLE = "settle"
    """Somebody else gave it the snapshot's own values: it counts as written."""
    KEEP = "keep"
    """Edited in PostgreSQL since it was written."""
    LEAVE_DELETED = "leave deleted"
    TAKE_EQUAL = "take equal"
    """Not in the ledger, of the owner, as the snapshot says: only to be adopted."""
    TAKE_DIFFERENT = "take different"
    """Not in the ledger, of the owner, and other than the snapshot says: only to be adopted."""
    FOREIGN = "foreign"
    """Somebody else's; it holds an id that the snapshot needs."""
    DELETE = "delete"
    OUTLIVE = "outlive"
    """Gone from the snapshot, but edited in PostgreSQL since it was written."""
    FORGET = "forget"
    """Gone from both."""


def build_merge_plan(
    connection: sa.Connection,
    contract: Contract,
    stage: sa.Table,
    *,
    source: str,
    owner_id: int,
    scope: sa.Table | None = None,
) -> sa.Table:
    """Makes the temporary table of fates (``id``, ``fate``), gone at the transaction's end.

    Args:
        connection: In the load's transaction, in which nobody else can write to the table.
        contract: The table.
        stage: The snapshot's good rows as they should be.
        source: Whose entries of the ledger count: those of another source are another's rows.
        owner_id: The owner of the rows.
        scope: Ids of the rows that are looked at, where the others are known to stay.
    """
    fate = sa.Column("fate", sa.Text, nullable=False)
    fates = temporary_id_table(connection, f"bizy_fates_{contract.table}", fate)
    entry = _entries(contract, source)
    for decided in (
        _of_staged(contract, stage, entry, owner_id),
        _of_absent(contract, stage, entry, source, scope),
    ):
        rows = decided.subquery()
        new = sa.select(rows).where(rows.c.fate.is_not(None))
        connection.execute(sa.insert(fates).from_select(["id", "fate"], new))
    return fates


def changed_since_load(connection: sa.Connection, contract: Contract, *, source: str) -> IdSet:
    """Returns the rows that are not simply as a load of the source left them.

    A load writes a row and its entry in one transaction, and whoever writes the row again does so
    in another; only where the two differ is the row hashed. ``basis`` says where that holds.
    """
    entry, model = LEDGER_TABLES[contract.table], TARGET_TABLES[contract.table]
    written_since = sa.case(
        (_writer(entry) == _writer(model), False),
        else_=entry.c.hash != row_hash(contract, model),
    )
    other = sa.or_(
        model.c.id.is_(None),
        written_since,
        entry.c.state.in_([EDITED, DELETED]),
    )
    condition = {"touched": written_for_source(entry, source) & other}
    return ids_where(connection, entry, condition, beside=model)["touched"]


def _writer(table: sa.Table) -> sa.ColumnElement[Any]:
    """Returns the transaction that wrote a row as it is."""
    return sa.literal_column(f"{table.fullname}.xmin")


def merged_value(column: Column, model: sa.Table, stage: sa.Table) -> sa.ColumnElement[object]:
    """Returns what an existing row should hold; a missing time keeps what it was given once."""
    value = stage.c[column.name]
    return sa.func.coalesce(value, model.c[column.name]) if column.filled else value


def _entries(contract: Contract, source: str) -> sa.Subquery:
    entry = LEDGER_TABLES[contract.table]
    return sa.select(entry).where(written_for_source(entry, source)).subquery()


def _of_staged(
    contract: Contract, stage: sa.Table, entry: sa.Subquery, owner_id: int
) -> sa.Select[tuple[int, str]]:
    """Selects the rows of the snapshot with their fates; NULL for those that stay as they are."""
    model = TARGET_TABLES[contract.table]
    same = sa.and_(
        *(
            ~exact_form(c, model.c[c.name]).is_distinct_from(
                exact_form(c, merged_value(c, model, stage))
            )
            for c in contract.source_columns
            if c.name != "id"
        )
    )
    plain = sa.and_(
        model.c.user_id == owner_id,
        *(model.c[c.name].is_(None) for c in contract.columns if c.rule is Rule.EMPTY),
    )
    as_written = entry.c.hash == row_hash(contract, model)
    unnoticed = sa.or_(entry.c.state.is_(None), entry.c.state == MATCHED)
    fate = sa.case(
        (sa.and_(entry.c.id.is_(None), model.c.id.is_(None)), RowAction.INSERT.value),
        (sa.and_(entry.c.id.is_(None), model.c.user_id != owner_id), RowAction.FOREIGN.value),
        (sa.and_(entry.c.id.is_(None), same), RowAction.TAKE_EQUAL.value),
        (entry.c.id.is_(None), RowAction.TAKE_DIFFERENT.value),
        (model.c.id.is_(None), RowAction.LEAVE_DELETED.value),
        (sa.and_(as_written, same, unnoticed), sa.null()),
        (sa.and_(same, sa.or_(as_written, plain)), RowAction.SETTLE.value),
        (as_written, RowAction.UPDATE.value),
        else_=RowAction.KEEP.value,
    )
    joined = stage.outerjoin(entry, entry.c.id == stage.c.id).outerjoin(
        model, model.c.id == stage.c.id
    )
    return sa.select(stage.c.id, fate.label("fate")).select_from(joined)


def _of_absent(
    contract: Contract,
    stage: sa.Table,
    entry: sa.Subquery,
    source: str,
    scope: sa.Table | None,
) -> sa.Select[tuple[int, str]]:
    """Selects the ledger's rows that the snapshot does not have, with their fates.

    A row that the snapshot has, but that was kept out, is left as it is.
    """
    model = TARGET_TABLES[contract.table]
    staged = sa.exists(sa.select(stage.c.id).where(stage.c.id == entry.c.id))
    kept_out = sa.exists(
        sa.select(REJECTED_ROWS_TABLE.c.source_id).where(
            REJECTED_ROWS_TABLE.c.source_id == entry.c.id,
            REJECTED_ROWS_TABLE.c.table_name == contract.table,
            REJECTED_ROWS_TABLE.c.source == source,
        )
    )
    fate = sa.case(
        (model.c.id.is_(None), RowAction.FORGET.value),
        (entry.c.hash == row_hash(contract, model), RowAction.DELETE.value),
        else_=RowAction.OUTLIVE.value,
    )
    joined = entry.outerjoin(model, model.c.id == entry.c.id)
    statement = sa.select(entry.c.id, fate.label("fate")).select_from(joined)
    if scope is not None:
        statement = statement.where(entry.c.id.in_(sa.select(scope.c.id)))
    return statement.where(~staged, ~kept_out)


def exact_form(column: Column, value: sa.ColumnElement[object]) -> sa.ColumnElement[object]:
    """Returns a value in a form whose equality means the same to the last bit."""
    match column.kind:
        case Kind.FLOAT:
            return sa.func.float8send(value)
        case Kind.JSON:
            return sa.cast(value, sa.Text)
        case _:
            return value


@dataclass(frozen=True, kw_only=True)
class MergePlan:
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
        return TARGET_TABLES[self.contract.table]

    @property
    def entry(self) -> sa.Table:
        """Its ledger."""
        return LEDGER_TABLES[self.contract.table]

    def of(self, *wanted: RowAction) -> sa.Select[tuple[int]]:
        """Selects the ids of these fates."""
        return sa.select(self.fates.c.id).where(self._among(wanted))

    def ids(self, *wanted: RowAction) -> IdSet:
        """Returns the ids of these fates."""
        condition = {"chosen": self._among(wanted)}
        return ids_where(self.connection, self.fates, condition)["chosen"]

    def _among(self, wanted: Sequence[RowAction]) -> sa.ColumnElement[bool]:
        return self.fates.c.fate.in_([fate.value for fate in wanted])
