"""Two real Bizy files and a real target that a test edits, migrates and rolls back in one process.

The core runs without Dagster here, in the order in which the jobs run it.
"""

import itertools
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from psycopg2 import sql

from bizy_assets.core.contracts.tables import BY_TABLE
from bizy_assets.core.load.dry_run import DryRunResult, dry_run_migration
from bizy_assets.core.load.table_load import LoadRequest, LoadResult, load_table
from bizy_assets.core.postgres.advisory_locks import acquire_lock
from bizy_assets.core.postgres.connection import connect
from bizy_assets.core.postgres.urls import parse_url
from bizy_assets.core.reconcile.cell_diff import CellDiff
from bizy_assets.core.rollback.rollback import RollbackResult, roll_back
from bizy_assets.core.settings import OwnerSettings
from bizy_assets.core.source.snapshot import take_snapshot
from bizy_assets.core.state.ledger import row_hash
from bizy_assets.core.state.runs import Run
from bizy_assets.core.state.sources import Source
from bizy_assets.core.target.owner import ensure_owner
from bizy_assets.core.target.state_tables import LEDGERS, RUNS, SOURCES
from bizy_assets.core.target.tables import TARGET_TABLES
from bizy_assets_tests.model.model import ADMIN, OTHER, TABLES, Bizy, Row
from bizy_assets_tests.support import bizy_files
from bizy_assets_tests.support.bizy_files import PLAIN
from bizy_assets_tests.support.comparing import compared
from bizy_assets_tests.support.servers import Server

EMAILS = {ADMIN: "admin@bizy.local", OTHER: "other@example.org"}
TOO_LONG = "x" * 51
HIGHEST = 16
"""No Bizy file gets a higher id."""

_numbers = itertools.count(1)


class World:
    """Files, a target, and the connections of the migration, of its checks and of others."""

    def __init__(self, server: Server, folder: Path, template: str) -> None:
        self.server = server
        self.database = f"world{next(_numbers)}"
        self.folder = folder / self.database
        self.folder.mkdir()
        self.files = {name: self.folder / f"{name}.db" for name in ("A", "B")}
        url = parse_url(
            server.create_database(self.database, template=template), variable="DATABASE_URL"
        )
        self._open = ExitStack()
        self._bizy = {}
        for name, path in self.files.items():
            bizy_files.make(path)
            file = sqlite3.connect(path, isolation_level=None)
            self._bizy[name] = self._open.enter_context(closing(file))
            self._bizy[name].execute("PRAGMA synchronous = OFF")
        self._others = self._open.enter_context(closing(server.connect(self.database)))
        self.writer = self._open.enter_context(connect(url, purpose="writer"))
        acquire_lock(self.writer, url, wait_seconds=1)
        self._checker = self._open.enter_context(connect(url, purpose="checker"))

    def close(self) -> None:
        self._open.close()
        with closing(self.server.connect()) as connection, connection.cursor() as cursor:
            cursor.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(self.database)))
        shutil.rmtree(self.folder)

    # What Bizy does.

    def put(self, file: str, table: str, number: int, row: Bizy) -> None:
        values = {
            # Others write no other column.
            **{name: PLAIN[table][name] for name in ("updated_at",) if name in PLAIN[table]},
            "id": number,
            "title": row.title,
            "parent_goal_id": row.parent,
            "created_at": row.created and f"{row.created:%Y-%m-%d %H:%M:%S.%f}",
            "status": TOO_LONG if row.bad else "active",
        }
        marks = ", ".join("?" * len(values))
        self._bizy[file].execute(
            f"INSERT OR REPLACE INTO {table} ({', '.join(values)}) VALUES ({marks})",
            list(values.values()),
        )

    def drop(self, file: str, table: str, number: int) -> None:
        self._bizy[file].execute(f"DELETE FROM {table} WHERE id = ?", (number,))

    # What others do in PostgreSQL.

    def query(self, statement: str, *values: object) -> list[tuple]:
        with self._others.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def there_is(self, table: str) -> bool:
        return self.query("SELECT to_regclass(%s) IS NOT NULL", table) == [(True,)]

    def sign_up(self, owner: str) -> None:
        """Makes a user, unless the backend is not there or has it."""
        if self.there_is("users"):
            self.query(
                "INSERT INTO users (email, username, hashed_password, created_at, updated_at) "
                "VALUES (%s, %s, '', now(), now()) ON CONFLICT (email) DO NOTHING",
                EMAILS[owner],
                owner,
            )

    def user(self, owner: str) -> int | None:
        """Returns a user's id, if there is one; the other user signs up here."""
        if owner == OTHER:
            self.sign_up(owner)
        if not self.there_is("users"):
            return None
        found = self.query("SELECT id FROM users WHERE email = %s", EMAILS[owner])
        return found[0][0] if found else None

    def write(self, table: str, number: int, row: Row) -> None:
        """Gives a row of PostgreSQL these values, whether it is there already or not."""
        values = (self.user(row.owner), *row[1:], number)
        self.query(
            f"INSERT INTO {table} (user_id, title, parent_goal_id, created_at, updated_at, "
            "completed_at, id, status) VALUES (%s, %s, %s, %s, %s, %s, %s, 'active') "
            "ON CONFLICT (id) DO UPDATE SET (user_id, title, parent_goal_id, created_at, "
            "updated_at, completed_at) = (excluded.user_id, excluded.title, "
            "excluded.parent_goal_id, excluded.created_at, excluded.updated_at, "
            "excluded.completed_at)",
            *values,
        )

    def delete(self, table: str, number: int) -> None:
        self.query(f"DELETE FROM {table} WHERE id = %s", number)

    # What can be seen.

    def rows(self) -> dict[str, dict[int, Row]]:
        """Returns PostgreSQL's rows as the model has them."""
        return {
            table: {
                number: Row(ADMIN if email == EMAILS[ADMIN] else OTHER, *values)
                for number, email, *values in self.query(
                    "SELECT t.id, email, title, parent_goal_id, t.created_at, t.updated_at, "
                    f"completed_at FROM {table} AS t JOIN users ON users.id = user_id"
                )
            }
            if self.there_is(table)
            else {}
            for table in TABLES
        }

    def places(self) -> dict[str, dict[int, tuple[str, str]]]:
        """Returns which transaction wrote each row, and where it lies."""
        return {
            table: {
                number: (xmin, ctid)
                for number, xmin, ctid in self.query(
                    f"SELECT id, xmin::text, ctid::text FROM {table}"
                )
            }
            if self.there_is(table)
            else {}
            for table in TABLES
        }

    def everything(self) -> str:
        """Returns every row of the target, and where its sequences stand."""
        found = []
        for schema, name, kind in self.query(
            "SELECT relnamespace::regnamespace::text, relname, relkind FROM pg_class WHERE "
            "relkind IN ('r', 'S', 'i') AND relnamespace IN "
            "(SELECT oid FROM pg_namespace WHERE nspname IN ('public', 'bizy_migration')) "
            "ORDER BY 1, 2"
        ):
            found.append(f"{schema}.{name}")
            if kind != "i":
                columns = "last_value, is_called" if kind == "S" else "t::text, xmin, ctid"
                statement = sql.SQL("SELECT ({})::text FROM {} AS t ORDER BY 1").format(
                    sql.SQL(columns), sql.Identifier(schema, name)
                )
                found += map(str, self.query(statement.as_string(self._others)))
        return "\n".join(found)

    def known(self) -> dict[str, dict[int, tuple[str, bool]]]:
        """Returns the ledger: each row's file, and whether the row is as it was written."""
        if not self.there_is("bizy_migration.runs"):
            return {table: {} for table in TABLES}
        return {table: self._known(table) for table in TABLES}

    def _known(self, table: str) -> dict[int, tuple[str, bool]]:
        if not self.query(f"SELECT id FROM bizy_migration.ledger_{table}"):
            # Then the table may not have all columns yet.
            return {}
        entry, model, run = LEDGERS[table], TARGET_TABLES[table], RUNS
        as_written = entry.c.hash == row_hash(BY_TABLE[table], model)
        of_source = entry.join(run, run.c.id == entry.c.run).join(
            SOURCES, SOURCES.c.id == run.c.source_id
        )
        joined = of_source.outerjoin(model, model.c.id == entry.c.id)
        statement = sa.select(entry.c.id, SOURCES.c.key, as_written).select_from(joined)
        with self._checker.begin():
            found = self._checker.execute(statement).all()
        return {number: (Path(source).stem, bool(same)) for number, source, same in found}

    def ids(self, file: str) -> dict[str, dict[int, int]]:
        """Returns the ids in PostgreSQL of a file's rows, and of rows to come, by table."""
        found: dict[str, dict[int, int]] = {table: {} for table in TABLES}
        if self.there_is("bizy_migration.runs"):
            for table, first, last, shift in self.query(
                "SELECT table_name, first_id, last_id, shift FROM bizy_migration.id_ranges "
                "JOIN bizy_migration.sources ON sources.id = source_id "
                "WHERE key = %s AND table_name = ANY (%s)",
                str(self.files[file]),
                list(TABLES),
            ):
                numbers = range(first, min(last, HIGHEST) + 1)
                found[table] |= {number: number + shift for number in numbers}
        return found

    def next_id(self, table: str) -> int:
        """Returns the id that the backend's next row gets."""
        state = f"SELECT last_value + is_called::int FROM {table}_id_seq"
        return self.query(state)[0][0]

    def taken_over(self) -> dict[str, set[int]]:
        """Returns the rows of which the target holds what they were before."""
        found: dict[str, set[int]] = {table: set() for table in TABLES}
        if self.there_is("bizy_migration.adopted"):
            for table, number in self.query("SELECT table_name, id FROM bizy_migration.adopted"):
                found[table].add(number)
        return found

    # What the jobs do.

    def migrate(self, order: LoadRequest, tables: tuple[str, ...]) -> Iterator[LoadResult]:
        """Migrates, and yields what each table's load did."""
        owner = ensure_owner(self.writer, OWNER, self.folder, lock_wait_seconds=60)
        for table in tables:
            filled = replace(order, tables=tables).for_owner(owner.user_id)
            yield load_table(self.writer, BY_TABLE[table], filled)

    def order(self, file: str, *, adopt: bool, skip: dict[str, set[int]]) -> LoadRequest:
        path = self.files[file]
        run = Run(
            run_id=f"run {next(_numbers)}",
            source=Source(key=str(path), path=path, user_id=0),
            snapshot=take_snapshot(path, self.folder).snapshot,
            zone="UTC",
            tasks_local_since=datetime(2025, 10, 11, 16, 21, 51, tzinfo=UTC),
        )
        return LoadRequest(
            run=run,
            home=self.folder,
            adopt=adopt,
            skip_ids={table: sorted(ids) for table, ids in skip.items()},
        )

    def rehearse(self, order: LoadRequest) -> DryRunResult:
        return dry_run_migration(self.writer, order, OWNER, self.folder)

    def compare(self, loaded: LoadResult) -> CellDiff:
        with self._checker.begin():
            return compared(self._checker, loaded.load)

    def roll_back(self, *, keep_edited: bool) -> RollbackResult:
        return roll_back(self.writer, self.folder, keep_edited=keep_edited, lock_wait_seconds=60)


OWNER = OwnerSettings(email=EMAILS[ADMIN], username="admin", user_id=None)
