"""SQLAlchemy's description of the target: the backend's tables and the migration's own.

The tables of Bizy are made from their contracts, so that nothing is described twice. Foreign
keys carry PostgreSQL's default names.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from bizy_assets.core.contracts import CONTRACTS, Column, Contract, Kind
from bizy_assets.core.counts import COUNTS

NAMING = {"pk": "%(table_name)s_pkey"}

public = sa.MetaData(naming_convention=NAMING)
"""The backend's tables; unqualified, since a session's search path names ``public`` alone."""

own = sa.MetaData(schema="bizy_migration", naming_convention=NAMING)
"""What is the migration's own; ``ledger`` explains it."""

users = sa.Table(
    "users",
    public,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("email", sa.String(255), nullable=False),
    sa.Column("username", sa.String(100), nullable=False),
    sa.Column("hashed_password", sa.String(255), nullable=False),
    sa.Column("full_name", sa.String(200)),
    sa.Column("is_active", sa.Boolean),
    sa.Column("is_verified", sa.Boolean),
    sa.Column("is_superuser", sa.Boolean),
    sa.Column("created_at", sa.DateTime, nullable=False),
    sa.Column("updated_at", sa.DateTime, nullable=False),
    sa.Column("last_login_at", sa.DateTime),
    sa.Column("email_verified_at", sa.DateTime),
    sa.Index("ix_users_id", "id"),
    sa.Index("ix_users_email", "email", unique=True),
    sa.Index("ix_users_username", "username", unique=True),
)

VERSION = 2
"""Of the tables below; the first one had no ledger."""

version = sa.Table(
    "version", own, sa.Column("number", sa.Integer, primary_key=True, autoincrement=False)
)
"""One row: which version these tables are of."""

runs = sa.Table(
    "runs",
    own,
    # Numbered by hand under the target's lock: an unfinished run would use up a sequence.
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("run_id", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("snapshot_path", sa.Text, nullable=False),
    sa.Column("snapshot_sha256", sa.Text, nullable=False),
    sa.Column("snapshot_taken_at", sa.DateTime, nullable=False),
    sa.Column("zone", sa.Text, nullable=False),
    sa.Column("tasks_local_since", sa.DateTime, nullable=False),
    sa.Column("user_id", sa.Integer, nullable=False),
    sa.Column("started_at", sa.DateTime, nullable=False),
    sa.Column("ended_at", sa.DateTime),
    sa.Column("outcome", sa.Text),
)
"""One row per run that loaded something; without an outcome it is running, or was killed."""

loads = sa.Table(
    "loads",
    own,
    sa.Column("run", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("table_name", sa.Text, primary_key=True),
    sa.Column("loaded_at", sa.DateTime, nullable=False),
    sa.Column("skipped_ids", postgresql.ARRAY(sa.BigInteger), nullable=False),
    sa.Column("basis", sa.Text, nullable=False),
    *(sa.Column(name, sa.BigInteger, nullable=False) for name in COUNTS),
)
"""One row per committed load of a table; the newest tells what a check compares with."""

repairs = sa.Table(
    "repairs",
    own,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("table_name", sa.Text, primary_key=True),
    sa.Column("source_id", sa.BigInteger, primary_key=True),
    sa.Column("column_name", sa.Text, primary_key=True),
    sa.Column("rule", sa.Text, nullable=False),
    sa.Column("raw", sa.Text),
    sa.Column("written", sa.Text),
    sa.Column("run_id", sa.Text, nullable=False),
)
"""One row per value that a rule changed rather than copied."""


rejected_rows = sa.Table(
    "rejected_rows",
    own,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("table_name", sa.Text, primary_key=True),
    sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("column_name", sa.Text, primary_key=True),
    sa.Column("source_id", sa.BigInteger),
    sa.Column("rule", sa.Text, nullable=False),
    sa.Column("raw", sa.LargeBinary),
    sa.Column("row", sa.JSON, nullable=False),
    sa.Column("run_id", sa.Text, nullable=False),
    sa.Column("rejected_at", sa.DateTime, nullable=False),
)
"""One row per value that kept its row out; ``position`` is SQLite's rowid."""


adopted = sa.Table(
    "adopted",
    own,
    sa.Column("table_name", sa.Text, primary_key=True),
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("run", sa.Integer, nullable=False),
    sa.Column("before", sa.JSON, nullable=False),
)
"""One row per row that was there before and was taken over, as it was then."""

creations = sa.Table(
    "creations",
    own,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("table_name", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
)
"""What the migration made in the target, so that a rollback takes out just that."""

sequence_moves = sa.Table(
    "sequence_moves",
    own,
    sa.Column("table_name", sa.Text, primary_key=True),
    sa.Column("value_before", sa.BigInteger, nullable=False),
    sa.Column("called_before", sa.Boolean, nullable=False),
    sa.Column("value_after", sa.BigInteger, nullable=False),
)
"""From where to where the migration moved a table's sequence."""


def temporary(connection: sa.Connection, name: str, *columns: sa.Column[Any]) -> sa.Table:
    """Makes a temporary table, gone at the transaction's end."""
    table = sa.Table(
        name, sa.MetaData(), *columns, prefixes=["TEMPORARY"], postgresql_on_commit="DROP"
    )
    table.create(connection)
    return table


def temporary_ids(connection: sa.Connection, name: str, *columns: sa.Column[Any]) -> sa.Table:
    """Makes a temporary table whose key is the ``id`` of a row."""
    key = sa.Column("id", sa.Integer, primary_key=True, autoincrement=False)
    return temporary(connection, name, key, *columns)


def column_type(column: Column) -> sa.types.TypeEngine[Any]:
    """Returns the PostgreSQL type of a contract's column."""
    match column.kind:
        case Kind.INTEGER:
            return sa.Integer()
        case Kind.FLOAT:
            return postgresql.DOUBLE_PRECISION()
        case Kind.TEXT:
            return sa.String(column.limit) if column.limit else sa.Text()
        case Kind.JSON:
            return sa.JSON()
        case Kind.BOOLEAN:
            return sa.Boolean()
        case Kind.TIMESTAMP:
            return sa.DateTime()


def _model(contract: Contract) -> sa.Table:
    return sa.Table(
        contract.table,
        public,
        *(_model_column(column) for column in contract.columns),
        *(
            sa.ForeignKeyConstraint(
                [column.name],
                [f"{column.references}.id"],
                name=f"{contract.table}_{column.name}_fkey",
                ondelete=column.on_delete,
            )
            for column in contract.columns
            if column.references
        ),
        *(sa.Index(ix.name, *ix.columns, unique=ix.unique) for ix in contract.indexes),
    )


def _model_column(column: Column) -> sa.Column[Any]:
    return sa.Column(
        column.name,
        column_type(column),
        primary_key=column.name == "id",
        nullable=column.nullable,
    )


tables = {contract.table: _model(contract) for contract in CONTRACTS}
"""The target's table of each contract."""


def _ledger(contract: Contract) -> sa.Table:
    return sa.Table(
        f"ledger_{contract.table}",
        own,
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("hash", sa.Uuid, nullable=False),
        sa.Column("run", sa.Integer, nullable=False),
        sa.Column("state", sa.Text),
    )


ledgers = {contract.table: _ledger(contract) for contract in CONTRACTS}
"""The ledger of each contract's table: one row per row that was written, see ``ledger``."""
