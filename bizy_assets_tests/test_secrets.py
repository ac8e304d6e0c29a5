"""No password anywhere but in its file: not in Dagster's storage, logs, output or the server."""

import re
from pathlib import Path

import psycopg2
from psycopg2 import sql

from bizy_assets_tests.conftest import Migration, history_of, password_of, run_job

EVERY_TEXT_COLUMN = """
    SELECT table_schema, table_name, column_name FROM information_schema.columns
    WHERE table_schema NOT IN ('pg_catalog', 'information_schema')
      AND data_type IN ('text', 'character varying', 'json', 'jsonb', 'bytea')
"""


def everything_in(url: str) -> str:
    """Returns all text that a database holds."""
    connection = psycopg2.connect(url)
    found = []
    with connection, connection.cursor() as cursor:
        cursor.execute(EVERY_TEXT_COLUMN)
        for schema, table, column in cursor.fetchall():
            cursor.execute(
                sql.SQL("SELECT string_agg({}::text, ' ') FROM {}").format(
                    sql.Identifier(column), sql.Identifier(schema, table)
                )
            )
            found.append(str(cursor.fetchone()))
    connection.close()
    return " ".join(found)


def files_below(folder: Path) -> str:
    """Returns all that the files in a folder hold, but for the password files."""
    return " ".join(
        path.read_bytes().decode("utf-8", "replace")
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.parent.name != "passwords"
    )


def test_no_password_leaves_its_place(migration: Migration, tmp_path: Path) -> None:
    history = history_of(migration.server)
    kept = tmp_path / "dagster"
    kept.mkdir()
    (kept / "dagster.yaml").write_text(Path("dagster.yaml").read_text())
    variables = {"DAGSTER_POSTGRES_URL": history, "DAGSTER_HOME": str(kept)}
    ran = [run_job("migrate", **variables), run_job("verify", **variables)]
    assert [command.status for command in ran] == [0, 0]
    migration.query("DELETE FROM tasks WHERE id = 3")
    ran.append(run_job("verify", **variables))
    ran.append(run_job("migrate", **variables, DATABASE_URL=migration.server.url("missing")))
    assert [command.status for command in ran[2:]] == [1, 1]
    [file] = (tmp_path / "home" / "passwords").iterdir()
    secrets = [
        re.search("password: (.*)", file.read_text())[1],
        password_of(history),
    ]
    places = {
        "output": " ".join(command.out + command.error for command in ran),
        "history": everything_in(history),
        "files": files_below(tmp_path),
        "server's log": migration.server.log.read_text(),
        "target": everything_in(migration.server.url(migration.database)),
    }
    assert "149 rows" in places["history"]
    for place, text in places.items():
        for secret in secrets:
            assert secret not in text, place
