"""Drop-in for the backend: its own models work on what a migration leaves, and find it theirs."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.orm import Session

from bizy_assets.core.postgres.urls import parse_url
from bizy_assets_tests.support.backend_models import Base, Goal, Task, User
from bizy_assets_tests.support.migrations import Migration

ADDED_COLUMNS = {
    ("remove_column", f"{table}.{column}")
    for table in ("goals", "tasks")
    for column in ("project_name", "repository_path")
}
ADDED_TABLES = {
    "daily_logs": ("id", "user_id", "user_date"),
    "research": ("id", "user_id", "user_category", "user_date_found"),
    "metrics": ("id", "user_id", "user_category", "user_date", "user_metric_name_date"),
    "business_plans": ("id", "user_id", "user_is_active"),
}
ADDITIONS = (
    ADDED_COLUMNS
    | {("remove_table", table) for table in ADDED_TABLES}
    | {
        ("remove_index", f"ix_{table}_{index}")
        for table, indexes in ADDED_TABLES.items()
        for index in indexes
    }
)
"""What Alembic would take out again: all that the migration adds to the backend's tables."""

REVISION = "4f6e1c2a9b07"
MIGRATED_TASKS = (
    "SELECT tasks.id, parent_goal_id FROM tasks JOIN users ON users.id = user_id "
    "WHERE username = 'admin'"
)


@contextmanager
def engine() -> Iterator[sa.Engine]:
    """Connects to the target as the backend does."""
    made = sa.create_engine(parse_url(os.environ["DATABASE_URL"], variable="DATABASE_URL"))
    try:
        yield made
    finally:
        made.dispose()


@contextmanager
def session() -> Iterator[Session]:
    """A session of the backend, committed in the end."""
    with engine() as target, Session(target) as opened, opened.begin():
        yield opened


def differences() -> list[tuple[str, str]]:
    """Returns what Alembic would write into the backend's next revision, in short."""
    options = {"compare_type": True, "compare_server_default": True}
    with engine() as target, target.connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        return [_short(found) for found in compare_metadata(context, Base.metadata)]


def _short(difference: Any) -> tuple[str, str]:
    """Names a difference; what changes a column comes in a list and is told in full."""
    match difference:
        case ("remove_column", None, table, column):
            return "remove_column", f"{table}.{column.name}"
        case ("remove_table" | "remove_index" as kind, item):
            return kind, item.name
    return "other", str(difference)


def make_used_backend(migration: Migration) -> None:
    """Makes the backend's tables, its Alembic's one, and rows of another user."""
    with engine() as target:
        Base.metadata.create_all(target)
    migration.query(
        "CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY); "
        f"INSERT INTO alembic_version VALUES ('{REVISION}'); "
        "ALTER SEQUENCE goals_id_seq RESTART 1000; ALTER SEQUENCE tasks_id_seq RESTART 1000"
    )
    with session() as backend:
        other = User(email="eve@example.org", username="eve", hashed_password="x")
        backend.add(other)
        backend.flush()
        goal = Goal(user_id=other.id, title="theirs", metrics={"km": 1.5})
        backend.add(goal)
        backend.flush()
        backend.add(Task(user_id=other.id, parent_goal_id=goal.id, title="theirs", tags=["a"]))


def rows_of_eve() -> list[list[tuple[Any, ...]]]:
    """Returns what belongs to the other user, as the backend reads it."""
    with session() as backend:
        owner = backend.scalars(sa.select(User.id).where(User.username == "eve")).one()
        return [
            [tuple(row) for row in backend.execute(sa.select(model.__table__).where(owned))]
            for model, owned in (
                (User, User.id == owner),
                (Goal, Goal.user_id == owner),
                (Task, Task.user_id == owner),
            )
        ]


@pytest.mark.core
@pytest.mark.migrated
@pytest.mark.usefixtures("migration")
def test_a_migrated_empty_database_differs_only_by_the_additions() -> None:
    assert sorted(differences()) == sorted(ADDITIONS)


@pytest.mark.core
def test_tables_that_the_backend_made_differ_only_by_the_additions(migration: Migration) -> None:
    make_used_backend(migration)
    assert differences() == []
    before = rows_of_eve()
    migration.prove()
    assert sorted(differences()) == sorted(ADDITIONS)
    assert rows_of_eve() == before
    assert migration.query("SELECT version_num FROM alembic_version") == [(REVISION,)]


@pytest.mark.core
@pytest.mark.parametrize("used", [pytest.param(False, marks=pytest.mark.migrated), True])
def test_the_backend_writes_through_its_models_and_the_next_run_keeps_it(
    migration: Migration, used: bool
) -> None:
    if used:
        make_used_backend(migration)
        migration.prove("goals", "tasks")
    tasks = dict(migration.query(MIGRATED_TASKS))
    goal = max(filter(None, tasks.values()))
    children = {task for task, parent in tasks.items() if parent == goal}
    edited = min(tasks.keys() - children)
    goals = len(migration.rows("goals", "id"))
    with session() as backend:
        admin = backend.scalars(sa.select(User).where(User.username == "admin")).one()
        assert admin.is_superuser
        changed = backend.get_one(Task, edited)
        changed.title, changed.tags = "edited", ["x", {"y": 1}]
        backend.delete(backend.get_one(Goal, goal))
        added = [Goal(user_id=admin.id, title="new"), Task(user_id=admin.id, title="new")]
        backend.add_all(added)
        backend.flush()
        new_goal, new_task = (row.id for row in added)
    assert new_task > max(tasks)
    with session() as backend:
        assert {backend.get_one(Task, child).parent_goal_id for child in children} == {None}
        written = rows_of_the_backend(backend)
    outcome = migration.migrate("goals", "tasks")
    with session() as backend:
        assert rows_of_the_backend(backend) == written
        assert backend.get_one(Task, edited).tags == ["x", {"y": 1}]
        assert backend.get_one(Goal, new_goal).title == "new"
    assert len(migration.rows("goals", "id")) == goals
    assert outcome.metadata("pg_goals")["preserved_deletions"] == 1
    assert outcome.metadata("pg_tasks")["preserved_edits"] == 1


def rows_of_the_backend(backend: Session) -> list[list[tuple[Any, ...]]]:
    """Returns all goals and tasks, as the backend reads them."""
    return [
        [tuple(row) for row in backend.execute(sa.select(model.__table__).order_by(model.id))]
        for model in (Goal, Task)
    ]
