"""Upgrade of the state tables from their second version, which knew no sources.

The tables whose columns change are copied into temporary tables, created again as this release
defines them, and filled. So they are afterwards like those that this release creates.
"""

import sqlalchemy as sa
from psycopg2 import sql

from bizy_assets.core.postgres import execute, ids_where
from bizy_assets.core.target.state_tables import (
    ID_RANGES,
    LEDGERS,
    LOADS,
    REJECTED_ROWS,
    REPAIRS,
    RUNS,
    SOURCES,
    STATE_METADATA,
    STATE_VERSION,
    VERSION,
)
from bizy_assets.core.transform import stretches

_REPLACED = (RUNS, LOADS, REPAIRS, REJECTED_ROWS)


def upgrade_from_2(connection: sa.Connection) -> None:
    """Upgrade the tables, in the caller's transaction."""
    for table in _REPLACED:
        names = (sql.Identifier(f"old_{table.name}"), _qualified(table))
        execute(connection, _KEEP.format(*names))
        execute(connection, _DROP.format(_qualified(table)))
    STATE_METADATA.create_all(connection, checkfirst=True)
    for statement in (_FILL_SOURCES, _FILL_RUNS):
        execute(connection, statement)
    for name, entry in LEDGERS.items():
        ledger = _qualified(entry)
        execute(connection, _FILL_LOADS.format(ledger=ledger, table=sql.Literal(name)))
        execute(connection, _RENAME_STATE.format(ledger=ledger))
        _fill_ranges(connection, name)
    for statement in (_FILL_REPAIRS, _FILL_REJECTED_ROWS):
        execute(connection, statement)
    for table in _REPLACED:
        execute(connection, _DROP.format(sql.Identifier("pg_temp", f"old_{table.name}")))
    connection.execute(sa.update(VERSION).values(number=STATE_VERSION))


def _fill_ranges(connection: sa.Connection, table: str) -> None:
    """Enter the ids of each source, which are those of the target, as ranges without a shift."""
    entry = LEDGERS[table]
    for source_id in connection.scalars(sa.select(SOURCES.c.id)).all():
        runs = sa.select(RUNS.c.id).where(RUNS.c.source_id == source_id)
        ids = ids_where(connection, entry, {"ids": entry.c.run.in_(runs)})["ids"]
        rows = [
            {"source_id": source_id, "table_name": table, "first_id": low, "last_id": high}
            for low, high in stretches(ids)
        ]
        if rows:
            connection.execute(sa.insert(ID_RANGES).values(shift=0), rows)


def _qualified(table: sa.Table) -> sql.Identifier:
    return sql.Identifier(str(table.schema), table.name)


_KEEP = sql.SQL("CREATE TEMPORARY TABLE {} ON COMMIT DROP AS TABLE {}")
_DROP = sql.SQL("DROP TABLE {}")
_FILL_SOURCES = sql.SQL("""
    INSERT INTO bizy_migration.sources (id, key, path, user_id, id_policy, first_seen)
    SELECT row_number() OVER (ORDER BY min(id)), source, source,
        (array_agg(user_id ORDER BY id DESC))[1], 'keep', min(started_at)
    FROM pg_temp.old_runs GROUP BY source
""")
_FILL_RUNS = sql.SQL("""
    INSERT INTO bizy_migration.runs (
        id, source_id, dagster_run_id, snapshot_path, snapshot_sha256, snapshot_taken_at, zone,
        tasks_local_since, started_at, ended_at, outcome
    )
    SELECT old.id, sources.id, run_id, snapshot_path, snapshot_sha256, snapshot_taken_at, zone,
        tasks_local_since, started_at, ended_at, outcome
    FROM pg_temp.old_runs AS old JOIN bizy_migration.sources ON key = source
""")
_FILL_LOADS = sql.SQL("""
    INSERT INTO bizy_migration.loads (
        run_id, table_name, source_id, loaded_at, skipped_ids, fingerprint, next_id, source_rows,
        inserted, updated, unchanged, preserved_edits, preserved_deletions, rejected, deleted,
        retained, adopted
    )
    SELECT run, table_name, source_id, loaded_at, skipped_ids, basis, coalesce(highest, 0) + 1,
        source_rows, inserted, updated, unchanged, kept, left_deleted, quarantined, deleted,
        outlived, adopted
    FROM pg_temp.old_loads
    JOIN bizy_migration.runs ON runs.id = run
    LEFT JOIN (
        SELECT source_id, max(entry.id) AS highest
        FROM {ledger} AS entry JOIN bizy_migration.runs ON runs.id = run
        GROUP BY source_id
    ) AS ledger USING (source_id)
    WHERE table_name = {table}
""")
_RENAME_STATE = sql.SQL("UPDATE {ledger} SET state = 'matched' WHERE state = 'found'")
_FILL_REPAIRS = sql.SQL("""
    INSERT INTO bizy_migration.repairs (
        source_id, table_name, row_id, column_name, rule, raw, written, run_id
    )
    SELECT sources.id, table_name, old.source_id, column_name, rule, raw, written, run_id
    FROM pg_temp.old_repairs AS old JOIN bizy_migration.sources ON key = source
""")
_FILL_REJECTED_ROWS = sql.SQL("""
    INSERT INTO bizy_migration.rejected_rows (
        source_id, table_name, position, column_name, row_id, rule, raw, "row", run_id, rejected_at
    )
    SELECT sources.id, table_name, position, column_name, old.source_id, rule, raw, "row", run_id,
        rejected_at
    FROM pg_temp.old_rejected_rows AS old JOIN bizy_migration.sources ON key = source
""")
