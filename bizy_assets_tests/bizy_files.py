"""Builders of Bizy databases, as its command line would write them."""

import sqlite3
from contextlib import closing
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
}  # fmt: skip

GOAL = {
    "title": "Grow",
    "status": "active",
    "created_at": "2025-03-01 10:00:00.000000",
    "updated_at": "2025-03-01 10:00:00.000000",
}
TASK = {"title": "Call", "status": "pending", "created_at": "2025-03-02 10:00:00.000000"}


def make(
    path: Path,
    *,
    goals: list[dict[str, Any]] | None = None,
    tasks: list[dict[str, Any]] | None = None,
) -> Path:
    """Makes a file with these rows; what a row leaves out is filled in plainly.

    Ids count from 1 unless given.
    """
    with closing(sqlite3.connect(path)) as connection:
        for table, types in TYPES.items():
            columns = ", ".join(f"{name} {type_}" for name, type_ in types.items())
            connection.execute(f"CREATE TABLE {table} ({columns})")
        _insert(connection, "goals", GOAL, goals or [])
        _insert(connection, "tasks", TASK, tasks or [])
        connection.commit()
    return path


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


def _insert(
    connection: sqlite3.Connection,
    table: str,
    plain: dict[str, Any],
    wanted: list[dict[str, Any]],
) -> None:
    for number, row in enumerate(wanted, 1):
        values = {"id": number, **plain, **row}
        marks = ", ".join("?" * len(values))
        connection.execute(
            f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", list(values.values())
        )
