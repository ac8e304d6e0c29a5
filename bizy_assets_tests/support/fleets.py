"""State tables of a fleet, filled by SQL as if its files had been migrated."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from bizy_assets.core.common.row_counts import COUNTS
from bizy_assets.core.contracts.tables import BY_TABLE
from bizy_assets.core.postgres.connection import connect
from bizy_assets.core.postgres.urls import parse_url
from bizy_assets.core.target.state_schema import ensure_state_schema
from bizy_assets.core.target.tables import USERS_TABLE

CHECKS = 41
"""The number of checks of each file: of the snapshot, and of six tables."""


@dataclass(frozen=True)
class Entry:
    """A file as a manifest lists it."""

    key: str
    path: Path
    email: str


def entries(count: int) -> list[Entry]:
    """Lists the files of a fleet of this size."""
    return [
        Entry(f"u{n:05}", Path(f"/srv/fleet/office {n % 7}/u{n:05}/tasks.db"), f"u{n}@example.org")
        for n in range(1, count + 1)
    ]


@contextmanager
def fleet(url: str, count: int) -> Iterator[sa.Connection]:
    """Fills an empty target as a complete migration of this many files leaves it, uncommitted.

    Each table of a file has ten rows, and its last task has an adjusted value.
    """
    with connect(parse_url(url, variable="DATABASE_URL"), purpose="test") as connection:
        ensure_state_schema(connection)
        USERS_TABLE.create(connection)
        values = {"count": count, "tables": list(BY_TABLE), "checks": CHECKS}
        for statement in _STATEMENTS:
            connection.execute(sa.text(statement), values)
        yield connection


_SOURCES = "generate_series(1, :count) AS n"
_TABLES = "unnest(CAST(:tables AS text[])) WITH ORDINALITY AS t(name, k)"
_ZEROS = ", ".join("0" for name in COUNTS if name not in {"source_rows", "inserted"})
_OTHERS = ", ".join(name for name in COUNTS if name not in {"source_rows", "inserted"})
_STATEMENTS = [
    "INSERT INTO public.users (id, email, username, hashed_password, created_at, updated_at) "
    f"SELECT n, 'u' || n || '@example.org', 'u' || n, 'x', now(), now() FROM {_SOURCES}",
    "INSERT INTO bizy_migration.sources (id, key, path, user_id, id_policy, first_seen) "
    "SELECT n, 'u' || lpad(n::text, 5, '0'), '/elsewhere', n, 'move', '2026-01-02' "
    f"FROM {_SOURCES}",
    "INSERT INTO bizy_migration.runs (id, source_id, dagster_run_id, snapshot_path, "
    "snapshot_sha256, snapshot_taken_at, zone, tasks_local_since, started_at, ended_at, outcome) "
    "SELECT n, n, md5(n::text), '/s', md5('s' || n), '2026-01-02 03:00', 'UTC', '2026-01-01', "
    "timestamp '2026-01-02 03:01' + n * interval '1 second', timestamp '2026-01-02 03:01:04.5' + "
    f"n * interval '1 second', 'completed' FROM {_SOURCES}",
    "INSERT INTO bizy_migration.loads (run_id, table_name, source_id, loaded_at, seconds, "
    f"skipped_ids, fingerprint, next_id, source_rows, inserted, {_OTHERS}) SELECT n, name, n, "
    "timestamp '2026-01-02 03:01:02' + n * interval '1 second', 0.5, '{}', '', 1, 10, 10, "
    f"{_ZEROS} FROM {_SOURCES}, {_TABLES}",
    "INSERT INTO bizy_migration.id_ranges SELECT n, name, 1, 10, n * 256 "
    f"FROM {_SOURCES}, {_TABLES}",
    "INSERT INTO bizy_migration.repairs "
    f"SELECT n, 'tasks', 10, 'due_date', 'unparsable', 'x', NULL, md5(n::text) FROM {_SOURCES}",
    "INSERT INTO bizy_migration.check_results SELECT n, CASE WHEN k > 3 THEN "
    "(CAST(:tables AS text[]))[1 + k % 6] ELSE 'sqlite_backup' END, 'check' || k, md5(n::text), "
    "'ok', 'Every value matches the snapshot.', '{\"rows\": 10}', '2026-01-02 03:00:30' "
    f"FROM {_SOURCES}, generate_series(1, :checks) AS k",
]
