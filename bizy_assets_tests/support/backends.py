"""Tables that are there before a migration comes."""

import sqlalchemy as sa

from bizy_assets.core.postgres.urls import parse_url
from bizy_assets.core.target.state_schema import ensure_state_schema
from bizy_assets.core.target.tables import PUBLIC_METADATA
from bizy_assets_tests.support.migrations import Migration


def make_backend_tables(migration: Migration) -> None:
    """Makes the tables that the backend made before, with our additions."""
    PUBLIC_METADATA.create_all(engine_of(migration))


def make_own_tables(migration: Migration) -> None:
    """Makes the migration's own tables, as an earlier run would."""
    with engine_of(migration).begin() as connection:
        ensure_state_schema(connection)


def make_every_table(migration: Migration) -> None:
    """Makes every table that a run would, empty."""
    make_backend_tables(migration)
    make_own_tables(migration)


def engine_of(migration: Migration) -> sa.Engine:
    """Makes connections to the target, as the backend does."""
    url = migration.server.url(migration.database)
    return sa.create_engine(parse_url(url, variable="DATABASE_URL"), poolclass=sa.NullPool)


def use_backend(migration: Migration) -> None:
    """Makes the backend's tables without our additions, and rows of its users."""
    make_backend_tables(migration)
    for table in ("goals", "tasks"):
        migration.query(f"ALTER TABLE {table} DROP project_name, DROP repository_path")
    migration.query("DROP INDEX ix_tasks_goal_status")
    migration.query("ALTER TABLE tasks DROP CONSTRAINT tasks_parent_goal_id_fkey")
    migration.query(
        "INSERT INTO users (email, username, hashed_password, created_at, updated_at) "
        "SELECT n || '@example.org', 'user' || n, '', now(), now() FROM generate_series(1, 3) n"
    )
    migration.query("SELECT setval('goals_id_seq', 5000), setval('tasks_id_seq', 900)")
    migration.query(
        "INSERT INTO goals (user_id, title, created_at, updated_at) "
        "SELECT n, 'theirs', now(), now() FROM generate_series(1, 3) n"
    )
    migration.query(
        "INSERT INTO tasks (user_id, title, parent_goal_id, created_at, updated_at) "
        "SELECT 1 + mod(n, 3), 'theirs', 5001, now(), now() FROM generate_series(1, 20) n"
    )
    migration.query("SELECT setval('tasks_id_seq', 100), setval('users_id_seq', 3, false)")
