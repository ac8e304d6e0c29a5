"""The whole path: a Bizy file in, tables in PostgreSQL out."""

import csv
import re
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg2
import pytest

from bizy_assets.cli import SAMPLE
from bizy_assets.core.common import progress
from bizy_assets.core.contracts.model import Contract, Kind, Rule
from bizy_assets.core.contracts.tables import BY_TABLE, CONTRACTS
from bizy_assets_tests.support import bizy_files
from bizy_assets_tests.support.migrations import Migration

each_table = pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.table)

ROWS = {
    "bizy_cli_mixed": {
        "goals": 13, "tasks": 149, "daily_logs": 11, "research": 9, "metrics": 14,
        "business_plans": 2,
    },
    "bizy_cli_1.0.2": {
        "goals": 3, "tasks": 22, "daily_logs": 1, "research": 1, "metrics": 2,
        "business_plans": 1,
    },
}  # fmt: skip
MIXED = "bizy_cli_mixed"
"""The sample that tests begin with."""

ZONE = {"bizy_cli_mixed": "America/Los_Angeles", "bizy_cli_1.0.2": "Europe/Berlin"}

# What the truth files do not tell, by how Bizy's code writes it.
UTC_COLUMNS = {
    ("metrics", "date"), ("business_plans", "created_at"), ("business_plans", "updated_at"),
}  # fmt: skip
LOCAL_COLUMNS = {("research", "date_found")}
DAY_COLUMNS = {("daily_logs", "date"), ("goals", "target_date"), ("tasks", "due_date")}


@pytest.fixture(params=["bizy_cli_1.0.2", pytest.param(MIXED, marks=pytest.mark.migrated)])
def migrated(request: pytest.FixtureRequest, migration: Migration) -> str:
    """Each of the samples in turn, migrated."""
    if request.param != MIXED:
        take(migration, request.param)
        migration.migrate()
    return str(request.param)


@pytest.fixture(params=list(ROWS))
def sample(request: pytest.FixtureRequest, migration: Migration) -> str:
    """Each of the samples in turn, as the source of the migration."""
    take(migration, request.param)
    return str(request.param)


def take(migration: Migration, name: str) -> None:
    """Makes a sample the source of a migration."""
    shutil.copy(SAMPLE.with_name(f"{name}.db"), migration.source)
    migration.setenv(BIZY_SOURCE_TIMEZONE=ZONE[name])


def truth(path: Path) -> dict[tuple[str, int, str], datetime]:
    """Reads a truth file; of several lines for one cell the last holds."""
    with path.open() as file:
        return {
            (row["table"], int(row["id"]), row["column"]): datetime.fromisoformat(
                row["utc"]
            ).replace(tzinfo=None)
            for row in csv.DictReader(file)
        }


@pytest.mark.core
def test_a_sample_migrates_completely_and_every_check_looks_at_all_of_it(
    migration: Migration, sample: str
) -> None:
    checks = migration.migrate().checks()
    for table, count in ROWS[sample].items():
        assert migration.query(f"SELECT count(*) FROM {table}") == [(count,)]
        cells = count * (len(BY_TABLE[table].columns) - 1)
        assert checks[f"pg_{table}", "content"].metadata["cells_compared"].value == cells > 0
    # Nothing but the warnings of orphans, where there are some, and of tasks without a title.
    assert {key for key, event in checks.items() if not event.passed} <= {
        ("sqlite_backup", "orphans"),
        ("pg_tasks", "backend_accepts"),
    }
    assert len(checks) == 42


@each_table
@pytest.mark.migrated
def test_copied_columns_arrive_exactly(migration: Migration, contract: Contract) -> None:
    columns = [c.name for c in contract.columns if c.rule is Rule.COPY and c.kind is not Kind.JSON]
    arrived = migration.rows(contract.table, *columns)
    assert arrived == bizy_files.rows(migration.source, contract.table, *columns)
    assert arrived


@each_table
@pytest.mark.migrated
def test_json_arrives_as_it_was_written(migration: Migration, contract: Contract) -> None:
    names = [column.name for column in contract.columns if column.kind is Kind.JSON]
    source = bizy_files.rows(migration.source, contract.table, "id", *names)
    expected = [
        (row[0], *(None if value == "null" else value for value in row[1:])) for row in source
    ]
    arrived = migration.rows(contract.table, "id", *(f"{name}::text" for name in names))
    assert arrived == expected


def test_every_instant_of_a_sample_is_the_true_one(migration: Migration, migrated: str) -> None:
    known = truth(SAMPLE.with_name(f"{migrated}.truth.csv"))
    compared = 0
    for (table, number, column), instant in known.items():
        found = migration.query(f"SELECT {column} FROM {table} WHERE id = %s", number)
        # The truth also tells of rows that were deleted later.
        if found:
            assert found == [(instant,)], (table, number, column)
            compared += 1
    assert compared > 20
    told = {(table, column) for table, _, column in known}
    assert told | UTC_COLUMNS | LOCAL_COLUMNS | DAY_COLUMNS == {
        (contract.table, column.name) for contract in CONTRACTS for column in contract.timestamps
    }


def test_times_that_no_truth_file_tells_are_read_as_bizy_writes_them(
    migration: Migration, migrated: str
) -> None:
    zone = ZoneInfo(ZONE[migrated])
    compared = 0
    for table, column in UTC_COLUMNS | LOCAL_COLUMNS | DAY_COLUMNS:
        arrived = dict(migration.rows(table, "id", column))
        has_column = column in bizy_files.names(migration.source, table)
        written = bizy_files.rows(migration.source, table, "id", column) if has_column else []
        assert has_column or set(arrived.values()) == {None}
        for number, text in written:
            wall = datetime.fromisoformat(text) if text else None
            local = wall and (table, column) not in UTC_COLUMNS and not is_day(table, column, wall)
            if wall and local:
                wall = wall.replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None)
            assert arrived[number] == wall, (table, number, column)
            compared += 1
    assert compared >= sum(ROWS[migrated].values())


def is_day(table: str, column: str, wall: datetime) -> bool:
    """Tells which times name a day, which is the same everywhere."""
    return (table, column) in DAY_COLUMNS and wall.time() == time(0)


def test_days_stay_days_and_other_times_move(migration: Migration) -> None:
    migration.source.unlink()
    bizy_files.make(
        migration.source,
        tasks=[
            {"due_date": "2025-03-26 00:00:00.000000"},
            {"due_date": "2025-03-26 17:00:00.000000"},
            {"due_date": "2025-03-26 17:00:00+02:00"},
        ],
    )
    migration.migrate("goals", "tasks")
    assert migration.rows("tasks", "due_date") == [
        (datetime(2025, 3, 26),),
        (datetime(2025, 3, 27),),
        (datetime(2025, 3, 26, 15),),
    ]


@pytest.mark.core
@pytest.mark.migrated
def test_made_columns_follow_their_rules(migration: Migration) -> None:
    owner = int(migration.metadata("admin_user")["user_id"])
    for table in BY_TABLE:
        assert migration.query(f"SELECT DISTINCT user_id FROM {table}") == [(owner,)]
    assert migration.query("SELECT DISTINCT completed_at FROM goals") == [(None,)]
    assert migration.query("SELECT count(DISTINCT updated_at) FROM tasks") == [(1,)]
    assert migration.query(
        "SELECT bool_and(timezone('UTC', now()) - updated_at BETWEEN '0' AND '1 hour') FROM tasks"
    ) == [(True,)]


@pytest.mark.migrated
def test_orphans_lose_their_parent_and_are_listed(migration: Migration) -> None:
    goals = {row[0] for row in bizy_files.rows(migration.source, "goals", "id")}
    lost = {
        (number, str(parent))
        for number, parent in bizy_files.rows(migration.source, "tasks", "id", "parent_goal_id")
        if parent is not None and parent not in goals
    }
    assert len(lost) == 14
    listed = migration.query(
        "SELECT row_id, raw FROM bizy_migration.repairs "
        "WHERE table_name = 'tasks' AND rule = 'orphan_parent' AND written IS NULL"
    )
    assert set(listed) == lost
    without = migration.query(
        "SELECT count(*) FROM tasks WHERE id = ANY(%s) AND parent_goal_id IS NULL",
        [number for number, _ in lost],
    )
    assert without == [(14,)]


@pytest.mark.core
def test_a_parent_goal_may_come_after_its_child(migration: Migration) -> None:
    migration.source.unlink()
    bizy_files.make(migration.source, goals=[{"parent_goal_id": 3}, {"parent_goal_id": 2}, {}])
    migration.migrate("goals", "tasks")
    assert migration.rows("goals", "id", "parent_goal_id") == [(1, 3), (2, 2), (3, None)]


def test_a_foreign_goal_does_not_adopt_an_orphan(migration: Migration) -> None:
    migration.materialize("sqlite_backup", "admin_user", "pg_goals")
    migration.query(
        "INSERT INTO users (id, email, username, hashed_password, created_at, updated_at) "
        "VALUES (99, 'eve@example.org', 'eve', '', now(), now())"
    )
    migration.query(
        "INSERT INTO goals (id, user_id, title, created_at, updated_at) "
        "SELECT number, 99, 'hers', now(), now() FROM generate_series(20, 60) AS number"
    )
    bizy_files.change(migration.source, "UPDATE tasks SET parent_goal_id = 33 WHERE id = 1")
    migration.migrate("goals", "tasks")
    assert migration.query("SELECT parent_goal_id FROM tasks WHERE id = 1") == [(None,)]


def test_missing_timestamps_become_the_time_of_the_migration(migration: Migration) -> None:
    bizy_files.change(migration.source, "UPDATE tasks SET created_at = NULL WHERE id IN (3, 5)")
    outcome = migration.migrate("goals", "tasks")
    assert migration.query(
        "SELECT created_at = updated_at FROM tasks WHERE id IN (3, 5)"
    ) == [(True,), (True,)]  # fmt: skip
    assert outcome.metadata("pg_tasks")["adjusted_values"] == (
        "missing_timestamp 2, orphan_parent 14"
    )


INDEXES = {
    "goals": {
        "ix_goals_id", "ix_goals_user_id", "ix_goals_parent_goal_id", "ix_goals_horizon",
        "ix_goals_target_date", "ix_goals_created_at", "ix_goals_user_status",
        "ix_goals_user_horizon", "ix_goals_user_target_date",
    },
    "tasks": {
        "ix_tasks_id", "ix_tasks_user_id", "ix_tasks_parent_goal_id", "ix_tasks_category",
        "ix_tasks_due_date", "ix_tasks_created_at", "ix_tasks_user_status",
        "ix_tasks_user_due_date", "ix_tasks_user_category", "ix_tasks_goal_status",
    },
    "daily_logs": {"ix_daily_logs_id", "ix_daily_logs_user_id", "ix_daily_logs_user_date"},
    "research": {
        "ix_research_id", "ix_research_user_id", "ix_research_user_category",
        "ix_research_user_date_found",
    },
    "metrics": {
        "ix_metrics_id", "ix_metrics_user_id", "ix_metrics_user_category",
        "ix_metrics_user_date", "ix_metrics_user_metric_name_date",
    },
    "business_plans": {
        "ix_business_plans_id", "ix_business_plans_user_id", "ix_business_plans_user_is_active",
    },
}  # fmt: skip


@pytest.mark.core
@pytest.mark.migrated
def test_indexes_and_foreign_keys_are_those_of_the_backend_and_like_them(
    migration: Migration,
) -> None:
    for table, names in INDEXES.items():
        found = migration.query(
            "SELECT indexname, indexdef LIKE 'CREATE UNIQUE%%' FROM pg_indexes "
            "WHERE schemaname = 'public' AND tablename = %s",
            table,
        )
        assert {name for name, _ in found} == {f"{table}_pkey", *names}
        assert {name for name, unique in found if unique} == {f"{table}_pkey"} | (
            names & {"ix_daily_logs_user_date"}
        )
    keys = migration.query(
        "SELECT conname, confdeltype, convalidated FROM pg_constraint "
        "WHERE contype = 'f' AND connamespace = 'public'::regnamespace ORDER BY conname"
    )
    assert keys == [
        ("business_plans_user_id_fkey", "c", True),
        ("daily_logs_user_id_fkey", "c", True),
        ("goals_parent_goal_id_fkey", "n", True),
        ("goals_user_id_fkey", "c", True),
        ("metrics_user_id_fkey", "c", True),
        ("research_user_id_fkey", "c", True),
        ("tasks_parent_goal_id_fkey", "n", True),
        ("tasks_user_id_fkey", "c", True),
    ]


COLUMNS = {
    "daily_logs": (
        "id integer NOT NULL, user_id integer NOT NULL, date timestamp without time zone NOT NULL, "
        "tasks_completed integer, tasks_planned integer, completion_rate double precision, "
        "energy_level character varying(20), blockers text, wins text, learnings text, "
        "tomorrow_focus text, mood character varying(50), notes text"
    ),
    "research": (
        "id integer NOT NULL, user_id integer NOT NULL, title character varying(500), "
        "summary text, source_url character varying(1000), category character varying(100), "
        "relevance_score double precision, date_found timestamp without time zone, "
        "action_items text, tags json, raw_data json"
    ),
    "metrics": (
        "id integer NOT NULL, user_id integer NOT NULL, metric_name character varying(200), "
        "value double precision, date timestamp without time zone, notes text, "
        "target_value double precision, category character varying(100)"
    ),
    "business_plans": (
        "id integer NOT NULL, user_id integer NOT NULL, name character varying(255), "
        "version character varying(50), vision text, mission text, value_proposition text, "
        "target_market text, revenue_model text, key_resources json, key_activities json, "
        "key_partnerships json, cost_structure json, created_at timestamp without time zone, "
        "updated_at timestamp without time zone, is_active boolean"
    ),
}


@pytest.mark.parametrize(("table", "columns"), COLUMNS.items(), ids=COLUMNS)
@pytest.mark.migrated
def test_a_table_that_the_backend_lacks_is_the_source_s_with_an_owner(
    migration: Migration, table: str, columns: str
) -> None:
    [(found,)] = migration.query(
        "SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod) || "
        "CASE WHEN attnotnull THEN ' NOT NULL' ELSE '' END, ', ' ORDER BY attnum) "
        "FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0",
        table,
    )
    assert found == columns


@pytest.mark.migrated
def test_a_day_has_one_log_for_each_user(migration: Migration) -> None:
    migration.query(
        "INSERT INTO users (id, email, username, hashed_password, created_at, updated_at) "
        "VALUES (99, 'eve@example.org', 'eve', '', now(), now())"
    )
    again = "INSERT INTO daily_logs (user_id, date) SELECT %s, date FROM daily_logs WHERE id = 1"
    migration.query(again, 99)
    with pytest.raises(psycopg2.errors.UniqueViolation, match="ix_daily_logs_user_date"):
        migration.query(again, 99)


def test_two_logs_of_one_day_are_named_before_anything_is_written(migration: Migration) -> None:
    migration.source.unlink()
    days = ["2025-03-01", "2025-03-01 00:00:00.000000", "2025-03-02", "2025-03-02 00:00:01"]
    bizy_files.make(migration.source, daily_logs=[{"date": day} for day in days])
    outcome = migration.run()
    assert not outcome.success
    event = outcome.checks()["sqlite_backup", "census"]
    assert "daily_logs.date (ids 1, 2): a repeated value" in event.description
    assert migration.tables() == set()


def test_the_day_of_a_log_stays_whatever_its_time_and_an_offset_counts(
    migration: Migration,
) -> None:
    migration.source.unlink()
    days = ["2025-03-26", "2025-07-26 23:59:59.999999", "2025-03-27 00:00:00-07:00"]
    bizy_files.make(migration.source, daily_logs=[{"date": day} for day in days])
    migration.migrate("daily_logs")
    assert migration.rows("daily_logs", "date") == [
        (datetime(2025, 3, 26),),
        (datetime(2025, 7, 26, 23, 59, 59, 999_999),),
        (datetime(2025, 3, 27, 7),),
    ]


def test_a_time_that_may_be_missing_stays_missing(migration: Migration) -> None:
    migration.source.unlink()
    nothing = {"date_found": None, "date": None, "created_at": None, "updated_at": None}
    tables = {"research": "date_found", "metrics": "date", "business_plans": "created_at"}
    bizy_files.make(
        migration.source,
        **{
            table: [{name: None for name in nothing if name in bizy_files.TYPES[table]}]
            for table in tables
        },
    )
    outcome = migration.migrate("research", "metrics", "business_plans")
    for table, column in tables.items():
        assert migration.rows(table, column) == [(None,)]
        assert "adjusted_values" not in outcome.metadata(f"pg_{table}")
    assert migration.rows("business_plans", "updated_at") == [(None,)]


@pytest.mark.parametrize(
    ("table", "values"),
    {
        "goals": "title, created_at, updated_at) SELECT id, 'new', now(), now()",
        "tasks": "title, created_at, updated_at) SELECT id, 'new', now(), now()",
        "daily_logs": "date) SELECT id, now()",
        "research": "title) SELECT id, 'new'",
        "metrics": "metric_name) SELECT id, 'new'",
        "business_plans": "name) SELECT id, 'new'",
    }.items(),
)
@pytest.mark.migrated
def test_the_next_row_of_the_backend_gets_a_free_id(
    migration: Migration, table: str, values: str
) -> None:
    [(highest,)] = bizy_files.rows(migration.source, table, "max(id)")
    assert migration.query(
        f"INSERT INTO {table} (user_id, {values} FROM users RETURNING id"
    ) == [(highest + 1,)]  # fmt: skip


@pytest.mark.migrated
def test_each_column_tells_what_it_was_made_from(migration: Migration) -> None:
    metadata = migration.metadata("pg_goals")
    made_from = {
        name: {(dep.asset_key.to_user_string(), dep.column_name) for dep in deps}
        for name, deps in metadata["dagster/column_lineage"].deps_by_column.items()
    }
    assert made_from["title"] == {("sqlite_backup", "goals.title")}
    assert made_from["updated_at"] == {
        *(("sqlite_backup", f"goals.{name}") for name in (
            "updated_at", "created_at", "project_name", "repository_path")),
        *(("sqlite_backup", f"tasks.{name}") for name in (
            "created_at", "completed_at", "parent_goal_id")),
    }  # fmt: skip
    assert {"user_id", "completed_at"}.isdisjoint(made_from)
    assert metadata["rows_per_second"] > 0


def test_long_steps_tell_how_far_they_are_and_short_ones_nothing(
    migration: Migration, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bizy_files.add_tasks(migration.source, 40_000)
    monkeypatch.setattr(progress, "INTERVAL_SECONDS", 0.0)
    migration.migrate("goals", "tasks")
    told = re.sub(r"[\d,.]+ (rows|ids|indexes|pages)/s, about \d+ s", "N", capsys.readouterr().err)
    assert "pg_tasks          tasks copied: 16,383 of 40,149 rows (41%), 23,766 left, N" in told
    with closing(sqlite3.connect(migration.source)) as connection:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
    for last in (
        f"pages copied: {pages:,} of {pages:,} pages",
        "tasks examined: 40,149 of 40,149 rows",
        "tasks copied: 40,149 of 40,149 rows",
        "indexes of tasks built: 10 of 10 indexes",
        "tasks scanned: 40,149 of 40,149 ids",
        "tasks compared: 40,149 of 40,149 rows",
    ):
        assert f"{last} (100%), 0 left, N to go" in told
    assert "40,149 tasks recorded in bizy_migration: 0 s so far" in told
    monkeypatch.setattr(progress, "INTERVAL_SECONDS", 3600.0)
    migration.migrate("goals", "tasks")
    told = capsys.readouterr().err
    assert " left, " not in told
    assert " so far" not in told
