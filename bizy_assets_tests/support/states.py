"""What a target holds in the end, to compare a disturbed run with an undisturbed one."""

import itertools
import os
import sqlite3
from contextlib import closing
from typing import Any

from bizy_assets.core.target.tables import PUBLIC_METADATA
from bizy_assets_tests.support.migrations import Migration

MADE_BY_THE_RUN = {
    "users": {"hashed_password", "created_at", "updated_at"},
    "tasks": {"updated_at"},
}
"""What no two runs write alike: a random password, and the time of the migration."""

_numbers = itertools.count(1)
_undisturbed: dict[int, dict[str, Any]] = {}


def of(migration: Migration) -> dict[str, Any]:
    """Returns every row of the backend's tables, how they are guarded, and what was repaired."""
    found: dict[str, Any] = {
        table.name: migration.query(
            # The text of a row tells apart what a Python value would not, such as 0.0 and -0.0.
            f"SELECT ROW({', '.join(names)})::text FROM {table.name} ORDER BY id"
        )
        for table in PUBLIC_METADATA.sorted_tables
        if (names := [c.name for c in table.columns
                      if c.name not in MADE_BY_THE_RUN.get(table.name, ())])
    }  # fmt: skip
    found["sequences"] = migration.query(
        "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public' ORDER BY 1"
    )
    found["repairs"] = migration.query(
        "SELECT table_name, row_id, column_name, rule, raw, written "
        "FROM bizy_migration.repairs ORDER BY 1, 2, 3"
    )
    found["schema"] = schema(migration)
    return found


def of_an_undisturbed_run(migration: Migration) -> dict[str, Any]:
    """Migrates the same source into another database, and returns what that holds then.

    Sources with the same content do so once.
    """
    with closing(sqlite3.connect(migration.source)) as connection:
        content = hash("".join(connection.iterdump()))
    if content not in _undisturbed:
        _undisturbed[content] = _migrated_elsewhere(migration)
    return _undisturbed[content]


def _migrated_elsewhere(migration: Migration) -> dict[str, Any]:
    disturbed = os.environ["DATABASE_URL"]
    name = f"{migration.database}_undisturbed{next(_numbers)}"
    migration.setenv(DATABASE_URL=migration.server.create_database(name))
    migration.migrate()
    found = of(migration)
    migration.setenv(DATABASE_URL=disturbed)
    return found


def schema(migration: Migration) -> list[str]:
    """Returns the tables of the backend as statements, whichever database they are in."""
    database = os.environ["DATABASE_URL"].rsplit("/", 1)[1]
    return migration.server.dump(database, "--schema-only", "--schema=public").splitlines()


def assert_the_next_run_makes(migration: Migration, wanted: dict[str, Any]) -> None:
    """Makes sure that a plain run now ends where one without a disturbance did."""
    migration.migrate()
    assert of(migration) == wanted
