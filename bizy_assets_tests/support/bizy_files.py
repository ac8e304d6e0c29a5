"""Builders of Bizy databases, as its command line would write them."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

TYPES = {
    "goals": {
        "id": "INTEGER NOT NULL PRIMARY KEY", "title": "VARCHAR(500) NOT NULL",
        "description": "TEXT", "horizon": "VARCHAR(50)", "target_date": "DATETIME",
        "status": "VARCHAR(50)", "progress_percentage": "FLOAT", "success_criteria": "TEXT",
        "parent_goal_id": "INTEGER", "created_at": "DATETIME", "updated_at": "DATETIME",
        "metrics": "JSON", "project_name": "VARCHAR(200)", "repository_path": "VARCHAR(500)",
    },
    "tasks": {
        "id": "INTEGER NOT NULL PRIMARY KEY", "title": "VARCHAR(500) NOT NULL",
        "description": "TEXT", "priority": "INTEGER", "status": "VARCHAR(50)",
        "category": "VARCHAR(100)", "estimated_hours": "FLOAT", "actual_hours": "FLOAT",
        "due_date": "DATETIME", "created_at": "DATETIME", "completed_at": "DATETIME",
        "parent_goal_id": "INTEGER", "dependencies": "JSON", "notes": "TEXT", "tags": "JSON",
        "project_name": "VARCHAR(200)", "repository_path": "VARCHAR(500)",
    },
    "daily_logs": {
        "id": "INTEGER NOT NULL PRIMARY KEY", "date": "DATETIME NOT NULL UNIQUE",
        "tasks_completed": "INTEGER", "tasks_planned": "INTEGER", "completion_rate": "FLOAT",
        "energy_level": "VARCHAR(20)", "blockers": "TEXT", "wins": "TEXT", "learnings": "TEXT",
        "tomorrow_focus": "TEXT", "mood": "VARCHAR(50)", "notes": "TEXT",
    },
    "research": {
        "id": "INTEGER NOT NULL PRIMARY KEY", "title": "VARCHAR(500)", "summary": "TEXT",
        "source_url": "VARCHAR(1000)", "category": "VARCHAR(100)", "relevance_score": "FLOAT",
        "date_found": "DATETIME", "action_items": "TEXT", "tags": "JSON", "raw_data": "JSON",
    },
    "metrics": {
        "id": "INTEGER NOT NULL PRIMARY KEY", "metric_name": "VARCHAR(200)", "value": "FLOAT",
        "date": "DATETIME", "notes": "TEXT", "target_value": "FLOAT", "category": "VARCHAR(100)",
    },
    "business_plans": {
        "id": "INTEGER NOT NULL PRIMARY KEY", "version": "VARCHAR(50)", "vision": "TEXT",
        "mission": "TEXT", "value_proposition": "TEXT", "target_market": "TEXT",
        "revenue_model": "TEXT", "key_resources": "JSON", "key_activities": "JSON",
        "key_partnerships": "JSON", "cost_structure": "JSON", "created_at": "DATETIME",
        "is_active": "BOOLEAN", "name": "VARCHAR(255)", "updated_at": "DATETIME",
    },
}  # fmt: skip

PROJECT = {"project_name", "repository_path"}
PLAN = {"name", "updated_at"}
RELEASES: dict[str, dict[str, set[str]]] = {
    "1.0.2": {"goals": PROJECT, "tasks": PROJECT, "business_plans": PLAN},
    "1.1.1": {"goals": PROJECT, "tasks": PROJECT},
    "1.2.0": {},
}
"""The columns that each release of Bizy did not have yet."""

PLAIN: dict[str, dict[str, Any]] = {
    "goals": {
        "title": "Grow",
        "horizon": "yearly",
        "progress_percentage": 0.0,
        "status": "active",
        "created_at": "2025-03-01 10:00:00.000000",
        "updated_at": "2025-03-01 10:00:00.000000",
    },
    "tasks": {
        "title": "Call",
        "priority": 3,
        "status": "pending",
        "created_at": "2025-03-02 10:00:00.000000",
    },
    "daily_logs": {"mood": "ok"},
    "research": {"title": "Rivals", "date_found": "2025-03-03 10:00:00.000000"},
    "metrics": {"metric_name": "mrr", "value": 1.5, "date": "2025-03-04 10:00:00.000000"},
    "business_plans": {"version": "1", "created_at": "2025-03-05 10:00:00.000000", "is_active": 1},
}


def make(path: Path, release: str = "1.2.0", **rows: list[dict[str, Any]]) -> Path:
    """Makes a file with these rows by table; what a row leaves out is filled in plainly.

    Ids count from 1 unless given, and so do the days of daily logs.
    """
    with closing(sqlite3.connect(path)) as connection:
        for table, types in TYPES.items():
            lacking = RELEASES[release].get(table, set())
            create(connection, table, (name for name in types if name not in lacking))
            for number, row in enumerate(rows.get(table, []), 1):
                _insert(connection, table, {"id": number, **_plain(table, number), **row})
        connection.commit()
    return path


def create(connection: sqlite3.Connection, table: str, names: Iterable[str]) -> None:
    """Makes a table with these columns, in this order."""
    columns = ", ".join(f"{name} {TYPES[table][name]}" for name in names)
    connection.execute(f"CREATE TABLE {table} ({columns})")


def change(path: Path, statement: str, *values: object) -> None:
    """Runs one statement on a file, as Bizy would between two migrations."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement, values)
        connection.commit()


def add_tasks(path: Path, count: int) -> None:
    """Adds tasks, with ids from 1001; thirty thousand are more than a connection has under way."""
    change(
        path,
        "WITH RECURSIVE n(i) AS (SELECT 1001 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
        "INSERT INTO tasks (id, title, description, created_at) SELECT i, 'task ' || i, "
        "printf('%.*c', 500, 'x'), '2025-03-04 05:06:07.000008' FROM n",
        1000 + count,
    )


def rows(path: Path, table: str, *columns: str) -> list[tuple[Any, ...]]:
    """Reads columns of a file, by id."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(
            f"SELECT {', '.join(columns)} FROM {table} ORDER BY id"
        ).fetchall()


def names(path: Path, table: str) -> list[str]:
    """Returns the columns that a file's table has."""
    with closing(sqlite3.connect(path)) as connection:
        return [name for _, name, *_ in connection.execute(f"PRAGMA table_info({table})")]


def day(number: int) -> str:
    """Returns a day as Bizy writes it; another number's is another."""
    return f"{date(2025, 1, 1) + timedelta(days=number)} 00:00:00.000000"


def _plain(table: str, number: int) -> dict[str, Any]:
    return {**PLAIN[table], **({"date": day(number)} if table == "daily_logs" else {})}


def _insert(connection: sqlite3.Connection, table: str, values: dict[str, Any]) -> None:
    marks = ", ".join("?" * len(values))
    connection.execute(
        f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", list(values.values())
    )
