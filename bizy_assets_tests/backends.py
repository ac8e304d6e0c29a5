"""Tables that are there before a migration comes."""

import sqlalchemy as sa

from bizy_assets.core import models, schema, urls
from bizy_assets_tests.conftest import Migration


def make_backend_tables(migration: Migration) -> None:
    """Makes the tables that the backend made before, with our additions."""
    models.public.create_all(_engine(migration))


def make_own_tables(migration: Migration) -> None:
    """Makes the migration's own tables, as an earlier run would."""
    with _engine(migration).begin() as connection:
        schema.ensure_own(connection)


def make_every_table(migration: Migration) -> None:
    """Makes every table that a run would, empty."""
    make_backend_tables(migration)
    make_own_tables(migration)


def _engine(migration: Migration) -> sa.Engine:
    url = migration.server.url(migration.database)
    return sa.create_engine(urls.parse(url, variable="DATABASE_URL"), poolclass=sa.NullPool)
