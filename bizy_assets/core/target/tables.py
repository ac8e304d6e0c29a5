"""SQLAlchemy models of the backend's tables, built from the contracts.

Foreign keys have PostgreSQL's default names.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from bizy_assets.core.contracts import CONTRACTS, Column, Contract, Kind

NAMING = {"pk": "%(table_name)s_pkey"}

PUBLIC_METADATA = sa.MetaData(schema="public", naming_convention=NAMING)
"""The backend's tables."""

USERS_TABLE = sa.Table(
    "users",
    PUBLIC_METADATA,
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


def column_type(column: Column) -> sa.types.TypeEngine[Any]:
    """Return the PostgreSQL type of a contract's column."""
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
        PUBLIC_METADATA,
        *(
            sa.Column(c.name, column_type(c), primary_key=c.name == "id", nullable=c.nullable)
            for c in contract.columns
        ),
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


TARGET_TABLES = {contract.table: _model(contract) for contract in CONTRACTS}
