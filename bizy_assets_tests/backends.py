"""Tables that are there before a migration comes."""

import sqlalchemy as sa

from bizy_assets.core.postgres.urls import parse_url
from bizy_assets.core.target.state_schema import ensure_state_schema
from bizy_assets.core.target.tables import PUBLIC_METADATA
from bizy_assets_tests.conftest import Migration


def make_backend_tables(migration: Migration) -> None:
    """Makes the tables that the backend made before, with our additions."""
    PUBLIC_METADATA.create_all(_engine(migration))


def make_own_tables(migration: Migration) -> None:
    """Makes the migration's own tables, as an earlier run would."""
    with _engine(migration).begin() as connection:
        ensure_state_schema(connection)


def make_every_table(migration: Migration) -> None:
    """Makes every table that a run would, empty."""
    make_backend_tables(migration)
    make_own_tables(migration)


def _engine(migration: Migration) -> sa.Engine:
    url = migration.server.url(migration.database)
    return sa.create_engine(parse_url(url, variable="DATABASE_URL"), poolclass=sa.NullPool)
