"""Decides what becomes of each row when a table is migrated again.

Three things speak of a row: the snapshot, the ledger (which says that the migration wrote it, and
how it was then), and PostgreSQL. The fate of every row that is not simply to be left as it is
goes into a temporary table, set-wise; nothing is written to the table itself here.
"""

from enum import Enum
from typing import Any

import sqlalchemy as sa

from bizy_assets.core import evidence, ledger, models
from bizy_assets.core.contracts import Column, Contract, Kind, Rule
from bizy_assets.core.idsets import IdSet
from bizy_assets.core.models import rejected_rows


class Fate(Enum):
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


def decide(
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
    fates = models.temporary_ids(connection, f"bizy_fates_{contract.table}", fate)
    entry = _entries(contract, source)
    for decided in (
        _of_staged(contract, stage, entry, owner_id),
        _of_absent(contract, stage, entry, source, scope),
    ):
        rows = decided.subquery()
        new = sa.select(rows).where(rows.c.fate.is_not(None))
        connection.execute(sa.insert(fates).from_select(["id", "fate"], new))
    return fates


def touched(connection: sa.Connection, contract: Contract, *, source: str) -> IdSet:
    """Returns the rows that are not simply as a load of the source left them.

    A load writes a row and its entry in one transaction, and whoever writes the row again does so
    in another; only where the two differ is the row hashed. ``basis`` says where that holds.
    """
    entry, model = models.ledgers[contract.table], models.tables[contract.table]
    written_since = sa.case(
        (_writer(entry) == _writer(model), False),
        else_=entry.c.hash != ledger.hash_of(contract, model),
    )
    other = sa.or_(
        model.c.id.is_(None),
        written_since,
        entry.c.state.in_([ledger.EDITED, ledger.DELETED]),
    )
    condition = {"touched": ledger.of_source(entry, source) & other}
    return evidence.ids_where(connection, entry, condition, beside=model)["touched"]


def _writer(table: sa.Table) -> sa.ColumnElement[Any]:
    """Returns the transaction that wrote a row as it is."""
    return sa.literal_column(f"{table.fullname}.xmin")


def wanted(column: Column, model: sa.Table, stage: sa.Table) -> sa.ColumnElement[object]:
    """Returns what an existing row should hold; a missing time keeps what it was given once."""
    value = stage.c[column.name]
    return sa.func.coalesce(value, model.c[column.name]) if column.filled else value


def _entries(contract: Contract, source: str) -> sa.Subquery:
    entry = models.ledgers[contract.table]
    return sa.select(entry).where(ledger.of_source(entry, source)).subquery()


def _of_staged(
    contract: Contract, stage: sa.Table, entry: sa.Subquery, owner_id: int
) -> sa.Select[tuple[int, str]]:
    """Selects the rows of the snapshot with their fates; NULL for those that stay as they are."""
    model = models.tables[contract.table]
    same = sa.and_(
        *(
            ~comparable(c, model.c[c.name]).is_distinct_from(comparable(c, wanted(c, model, stage)))
            for c in contract.source_columns
            if c.name != "id"
        )
    )
    plain = sa.and_(
        model.c.user_id == owner_id,
        *(model.c[c.name].is_(None) for c in contract.columns if c.rule is Rule.EMPTY),
    )
    as_written = entry.c.hash == ledger.hash_of(contract, model)
    unnoticed = sa.or_(entry.c.state.is_(None), entry.c.state == ledger.FOUND)
    fate = sa.case(
        (sa.and_(entry.c.id.is_(None), model.c.id.is_(None)), Fate.INSERT.value),
        (sa.and_(entry.c.id.is_(None), model.c.user_id != owner_id), Fate.FOREIGN.value),
        (sa.and_(entry.c.id.is_(None), same), Fate.TAKE_EQUAL.value),
        (entry.c.id.is_(None), Fate.TAKE_DIFFERENT.value),
        (model.c.id.is_(None), Fate.LEAVE_DELETED.value),
        (sa.and_(as_written, same, unnoticed), sa.null()),
        (sa.and_(same, sa.or_(as_written, plain)), Fate.SETTLE.value),
        (as_written, Fate.UPDATE.value),
        else_=Fate.KEEP.value,
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
    model = models.tables[contract.table]
    staged = sa.exists(sa.select(stage.c.id).where(stage.c.id == entry.c.id))
    kept_out = sa.exists(
        sa.select(rejected_rows.c.source_id).where(
            rejected_rows.c.source_id == entry.c.id,
            rejected_rows.c.table_name == contract.table,
            rejected_rows.c.source == source,
        )
    )
    fate = sa.case(
        (model.c.id.is_(None), Fate.FORGET.value),
        (entry.c.hash == ledger.hash_of(contract, model), Fate.DELETE.value),
        else_=Fate.OUTLIVE.value,
    )
    joined = entry.outerjoin(model, model.c.id == entry.c.id)
    statement = sa.select(entry.c.id, fate.label("fate")).select_from(joined)
    if scope is not None:
        statement = statement.where(entry.c.id.in_(sa.select(scope.c.id)))
    return statement.where(~staged, ~kept_out)


def comparable(column: Column, value: sa.ColumnElement[object]) -> sa.ColumnElement[object]:
    """Returns a value in a form whose equality means the same to the last bit."""
    match column.kind:
        case Kind.FLOAT:
            return sa.func.float8send(value)
        case Kind.JSON:
            return sa.cast(value, sa.Text)
        case _:
            return value
