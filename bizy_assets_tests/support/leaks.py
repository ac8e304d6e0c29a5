"""All the text in a database or folder, to look for passwords in it."""

from pathlib import Path

import psycopg2
from psycopg2 import sql

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
