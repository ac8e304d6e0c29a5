"""The check ``backend_accepts`` names what the backend's API refuses, and nothing else."""

from typing import Any

import pytest

from bizy_assets_tests.support import bizy_files
from bizy_assets_tests.support.backend_responses import refused_ids
from bizy_assets_tests.support.backends import engine_of
from bizy_assets_tests.support.migrations import Migration

GOAL = {"horizon": "yearly", "progress_percentage": 50.0, "metrics": '{"mrr": [1]}'}
TASK = {"priority": 3, "estimated_hours": 0.0, "dependencies": "[1, 2]", "tags": '["a", "b"]'}

REFUSED: dict[str, dict[str, list[Any]]] = {
    "goals": {
        "title": [""],
        "horizon": ["someday", "", None],
        "status": ["done", None],
        "progress_percentage": [None, float("inf")],
        "metrics": ["[1]", '"text"', "7", '[{"a": 1}]'],
    },
    "tasks": {
        "title": [""],
        "priority": [0, 9, -1, None],
        "status": ["Pending", None],
        "estimated_hours": [-0.5, float("inf")],
        "actual_hours": [-1.0],
        "dependencies": ['{"1": 2}', "7", "[1, null]", "[1.5]", '["x"]', "[[1]]", "[1e400]"],
        "tags": ['"a"', '["a", 1]', "[null]", '[["a"]]', '{"a": "b"}', '["\\u0000", {}]'],
    },
}
ACCEPTED: dict[str, dict[str, list[Any]]] = {
    "goals": {
        "title": ["x", "😀" * 500],
        "horizon": ["quarterly", "monthly", "weekly"],
        "status": ["completed", "on_hold", "cancelled"],
        "progress_percentage": [0.0, -0.0, 100.0],
        "metrics": ["{}", "null", None, '{"a": {"\\u0000": "\\ud83d\\ude00"}}'],
    },
    "tasks": {
        "priority": [1, 5],
        "status": ["in_progress", "completed", "blocked"],
        "category": [None, "", "é" * 100],
        "estimated_hours": [None, 1e300],
        "dependencies": ["[]", "[-1]", "null", None, "[-1, 12345678901234567890, 5.0]", " [ 1 ] "],
        "tags": [
            "[]",
            "null",
            None,
            '["", "\\u0000", "é"]',
            '["[1]", "\\"]"]',
            f'["{"x" * 20_000}"]',
        ],
    },
}

# What only an edit in PostgreSQL can bring about.
EDITS = {
    "goals": ["progress_percentage = 'NaN'", "updated_at = '10000-01-01'",
              "target_date = '0044-03-15 BC'", "metrics = '1e400'"],
    "tasks": ["estimated_hours = 'NaN'", "created_at = '0001-01-01 BC'",
              "due_date = '20000-01-01'", "tags = '1e400'"],
}  # fmt: skip


def rows(table: str, values: dict[str, dict[str, list[Any]]]) -> list[dict[str, Any]]:
    good = {"goals": GOAL, "tasks": TASK}[table]
    return [{**good, name: value} for name, cells in values[table].items() for value in cells]


def test_it_names_exactly_the_rows_that_the_api_refuses(migration: Migration) -> None:
    migration.source.unlink()
    files = {t: [*rows(t, ACCEPTED), *rows(t, REFUSED)] for t in ("goals", "tasks")}
    for table, good in (("goals", GOAL), ("tasks", TASK)):
        files[table] += [good] * len(EDITS[table])
    bizy_files.make(migration.source, **files)
    assert migration.migrate("goals", "tasks").checks()["pg_tasks", "count"].passed
    for table, edits in EDITS.items():
        for number, edit in enumerate(edits, len(files[table]) - len(edits) + 1):
            migration.query(f"UPDATE {table} SET {edit} WHERE id = {number}")
    checks = migration.run("verify").checks()
    for table, accepted in ACCEPTED.items():
        event = checks[f"pg_{table}", "backend_accepts"]
        assert event.severity.value == "WARN"
        named = {
            number
            for key, value in event.metadata.items()
            if key.startswith("ids_with_a_refused_")
            for number in value.value["first"]
        }
        good = sum(map(len, accepted.values()))
        assert named == set(range(good + 1, len(files[table]) + 1))
        assert named == refused_ids(engine_of(migration), table)


def test_it_warns_by_column_says_what_is_expected_and_lets_the_run_succeed(
    migration: Migration,
) -> None:
    for change in (
        "UPDATE tasks SET priority = 9 WHERE id IN (3, 4)",
        "UPDATE tasks SET title = 'x' WHERE title = ''",
        "UPDATE tasks SET tags = '{}' WHERE id = 5",
        "UPDATE goals SET progress_percentage = 101 WHERE id = 2",
    ):
        bizy_files.change(migration.source, change)
    plan = migration.run("dry_run")
    outcome = migration.migrate("goals", "tasks")
    event = outcome.checks()["pg_tasks", "backend_accepts"]
    assert event.severity.value == "WARN"
    assert event.description == (
        "2 rows have a value in priority that Bizy's web backend refuses (ids 3, 4); it expects 1 "
        "to 5. 1 row has a value in tags that Bizy's web backend refuses (id 5); it expects a list "
        "of texts, or NULL. The web backend may fail with status 500 on every request whose "
        "result has such a row; correct these values in Bizy, or in PostgreSQL and then migrate "
        "once, which keeps the edits."
    )
    assert "it expects 0 to 100." in (outcome.checks()["pg_goals", "backend_accepts"].description)
    assert migration.query("SELECT priority FROM tasks WHERE id IN (3, 4)") == [(9,), (9,)]
    assert event.description.partition(";")[0] in plan.metadata("migration_plan")["audits"]


@pytest.mark.migrated
def test_a_row_that_is_in_postgresql_alone_counts_if_it_was_migrated(
    migration: Migration,
) -> None:
    migration.query("UPDATE tasks SET priority = 7 WHERE id = 5")
    migration.query(
        "INSERT INTO tasks (user_id, title, created_at, updated_at) "
        "SELECT min(id), '', now(), now() FROM users"
    )
    bizy_files.change(migration.source, "DELETE FROM tasks WHERE id = 5")
    event = migration.migrate("goals", "tasks").checks()["pg_tasks", "backend_accepts"]
    assert (
        "1 row has a value in priority that Bizy's web backend refuses (id 5); it expects 1 to 5."
        in event.description
    )
