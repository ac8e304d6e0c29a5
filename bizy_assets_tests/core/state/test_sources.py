"""Sources are known by their key, and their runs and loads are found without those of others."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from bizy_assets.core.common import IdPolicy
from bizy_assets.core.contracts.tables import BY_TABLE
from bizy_assets.core.source.snapshot import Snapshot
from bizy_assets.core.state import row_log
from bizy_assets.core.state.runs import (
    Run,
    TableLoad,
    end_run,
    find_run,
    latest_load,
    latest_loads,
    record_load,
    start_run,
)
from bizy_assets.core.state.sources import Source, ensure_source, find_source, newest_source
from bizy_assets_tests.support.backends import engine_of, make_own_tables
from bizy_assets_tests.support.migrations import Migration

pytestmark = pytest.mark.core

AT = datetime(2026, 1, 2, tzinfo=UTC)
ANN = Source(key="ann", path=Path("/a/tasks.db"), user_id=1, id_policy=IdPolicy.MOVE)
BEN = Source(key="ben", path=Path("/b/tasks.db"), user_id=2)


def run(source: Source, run_id: str) -> Run:
    snapshot = Snapshot(path=Path("/s.db"), source=source.path, sha256="ab", taken_at=AT)
    return Run(run_id=run_id, source=source, snapshot=snapshot, zone="UTC", tasks_local_since=AT)


def test_a_source_keeps_id_and_policy_when_its_file_moves(migration: Migration) -> None:
    with engine_of(migration).begin() as connection:
        assert find_source(connection, "ann") is newest_source(connection) is None
    make_own_tables(migration)
    with engine_of(migration).begin() as connection:
        assert ensure_source(connection, ANN) == replace(ANN, id=1)
        assert ensure_source(connection, BEN) == replace(BEN, id=2)
        moved = replace(ANN, path=Path("/elsewhere/tasks.db"), id_policy=IdPolicy.KEEP)
        known = ensure_source(connection, moved)
        assert known == replace(moved, id=1, id_policy=IdPolicy.MOVE)
        assert find_source(connection, "ann") == known
        # Nothing was loaded yet.
        assert newest_source(connection) is None


def test_runs_of_another_source_are_neither_interrupted_nor_read(migration: Migration) -> None:
    make_own_tables(migration)
    with engine_of(migration).begin() as connection:
        first, second = (start_run(connection, run(source, source.key)) for source in (ANN, BEN))
        assert (first.number, second.number) == (1, 2)
        assert find_run(connection, run(ANN, "ann"), first.source) == first
        load = TableLoad(table="tasks", run=first, loaded_at=AT, seconds=1.5, next_id=7)
        record_load(connection, load)
        assert newest_source(connection) == first.source
        record_load(connection, replace(load, run=second))
        assert newest_source(connection) == second.source
        again = start_run(connection, run(ANN, "again"))
        end_run(connection, "again", failed=False)
        outcomes = sa.text("SELECT dagster_run_id, outcome FROM bizy_migration.runs ORDER BY id")
        assert [tuple(row) for row in connection.execute(outcomes)] == [
            ("ann", "interrupted"),
            ("ben", None),
            ("again", "completed"),
        ]
        assert again.source.id == 1
        assert latest_loads(connection, BY_TABLE, 1) == [load]
        assert latest_load(connection, "goals", 2) is None


def test_loads_of_thousands_of_sources_are_not_read(migration: Migration) -> None:
    make_own_tables(migration)
    with engine_of(migration).begin() as connection:
        load = TableLoad(table="tasks", run=start_run(connection, run(ANN, "ann")), loaded_at=AT)
        record_load(connection, load)
        for statement in (
            "INSERT INTO bizy_migration.sources SELECT n, n, n, n, 'move', NULL, now() "
            "FROM generate_series(2, 3000) n",
            "INSERT INTO bizy_migration.runs SELECT n, n, n, '', '', now(), '', '', now(), now() "
            "FROM generate_series(2, 3000) n",
            "INSERT INTO bizy_migration.loads SELECT n, t, n, now(), 1, '{}', '', 1, "
            "0, 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM generate_series(2, 3000) n, "
            "unnest(ARRAY['goals', 'tasks', 'metrics']) t",
            "INSERT INTO bizy_migration.repairs SELECT n, 'tasks', r, 'c', 'r', '', '', '' "
            "FROM generate_series(2, 3000) n, generate_series(1, 5) r",
            "ANALYZE",
        ):
            connection.execute(sa.text(statement))
    with engine_of(migration).begin() as connection:
        assert latest_loads(connection, BY_TABLE, 1) == [load]
        assert row_log.count_repairs(connection, load) == {}
        assert row_log.first_sightings(connection, load, "r").num_rows == 0
        scans = sa.text(
            "SELECT relname, seq_scan FROM pg_stat_xact_user_tables "
            "WHERE schemaname = 'bizy_migration' AND seq_scan > 0 AND relname <> 'version'"
        )
        assert connection.execute(scans).all() == []
