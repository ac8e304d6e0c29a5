"""Opens Bizy's SQLite files, always read-only, and looks at what is in them.

Every failure that SQLite reports when it opens or reads a file comes out as one sentence that
says what to do about it.
"""

import os
import sqlite3
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa

from bizy_assets.core.contracts import BY_TABLE
from bizy_assets.core.errors import SourceError

LOWEST_TEXT = sa.literal("")
LOWEST_BLOB: sa.ColumnElement[Any] = sa.literal_column("x''")


def is_number(value: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Says in SQL that a value is stored as a number."""
    return value < LOWEST_TEXT


def is_blob(value: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Says in SQL that a value is stored as a blob."""
    return value >= LOWEST_BLOB


def is_integer(value: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Says in SQL that a value is stored as an integer; a whole float is none."""
    return sa.func.typeof(value) == "integer"


BUSY_SECONDS = 30.0
"""How long to wait for a program that holds the source locked."""

_MAGIC = b"SQLite format 3\x00"
_WAL_VERSION = 2
"""Value of the header's read version (byte 19) in a file in WAL mode (SQLite file format 1.3)."""


def sqlite_uri(path: Path, *, immutable: bool = False) -> str:
    """Returns the address that opens a file read-only in every SQLite library.

    Args:
        path: The file.
        immutable: Whether nobody writes to it; SQLite then makes no lock and no side file.
    """
    return f"file:{quote(str(path))}?mode=ro{'&immutable=1' if immutable else ''}"


@contextmanager
def open_source(path: Path) -> Iterator[sqlite3.Connection]:
    """Opens a Bizy file that others may be writing, holding one point in time until the end.

    Raises:
        SourceError: It is missing, unreadable, locked, damaged, or no SQLite file.
    """
    header = _header(path)
    try:
        connection = sqlite3.connect(
            sqlite_uri(path), uri=True, timeout=BUSY_SECONDS, isolation_level=None
        )
        with closing(connection):
            connection.execute("BEGIN")
            connection.execute("SELECT count(*) FROM sqlite_master")
            yield connection
    except sqlite3.Error as error:
        raise translate_sqlite_error(error, path, header) from None


def bizy_columns(connection: sqlite3.Connection) -> Mapping[str, tuple[str, ...]]:
    """Returns the columns of each of Bizy's tables that the file has, also unknown ones.

    Raises:
        SourceError: It has none of them, or lacks what every version of Bizy has.
    """
    found = {
        table: tuple(
            row[0] for row in connection.execute("SELECT name FROM pragma_table_xinfo(?)", [table])
        )
        for table in BY_TABLE
    }
    present = {table: names for table, names in found.items() if names}
    if not present:
        raise SourceError(
            f"{_file_of(connection)} is a SQLite file without Bizy's tables "
            f"({', '.join(BY_TABLE)}); set SQLITE_DB_PATH to the file that Bizy writes, usually "
            "~/.business-agent/tasks.db."
        )
    for table in present:
        _require_rowid(connection, table)
    for table, names in present.items():
        if lacking := [name for name in BY_TABLE[table].required if name not in names]:
            raise SourceError(
                f"{_file_of(connection)} has a table {table} without the column "
                f"{', '.join(map(repr, lacking))}, which Bizy's has in every version; set "
                "SQLITE_DB_PATH to the file that Bizy writes, usually ~/.business-agent/tasks.db."
            )
    return present


def find_unknown_columns(
    connection: sqlite3.Connection, ignored: Collection[str] = ()
) -> tuple[str, ...]:
    """Returns the columns of Bizy's tables that no contract knows, as ``table.column``.

    Args:
        connection: To the file.
        ignored: Those that may be lost; names that the file does not have do no harm.

    Raises:
        SourceError: The file has others, or is none of Bizy's.
    """
    found = bizy_columns(connection)
    unknown = [
        f"{table}.{name}"
        for table, names in found.items()
        for name in names
        if name not in {column.name for column in BY_TABLE[table].source_columns}
    ]
    if lost := [name for name in unknown if name not in ignored]:
        raise SourceError(
            f"{_file_of(connection)} has columns that this version of bizy-assets does not know "
            f"and would lose ({', '.join(lost)}); use a version that knows them, or list them in "
            "BIZY_IGNORE_COLUMNS to go on without them."
        )
    return tuple(unknown)


def find_unknown_tables(connection: sqlite3.Connection) -> tuple[str, ...]:
    """Returns the tables that are none of Bizy's, SQLite's own left out."""
    rows = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB 'sqlite_*' "
        "ORDER BY name"
    )
    # SQLite takes tables by their names in any case.
    return tuple(name for (name,) in rows if name.lower() not in BY_TABLE)


def _require_rowid(connection: sqlite3.Connection, table: str) -> None:
    """Makes sure that a table is one whose rows SQLite numbers, as Bizy's are.

    Raises:
        SourceError: It is a view, or has no such numbers.
    """
    try:
        connection.execute(f'SELECT rowid FROM "{table}" LIMIT 0')  # noqa: S608
    except sqlite3.OperationalError:
        raise SourceError(
            f"{_file_of(connection)} has for {table} a view or a table without rowid, which Bizy "
            "does not make; set SQLITE_DB_PATH to the file that Bizy writes, usually "
            "~/.business-agent/tasks.db."
        ) from None


def count_rows(connection: sqlite3.Connection, tables: Mapping[str, object]) -> dict[str, int]:
    """Returns the number of rows of each table."""
    return {
        table: connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]  # noqa: S608
        for table in tables
    }


def translate_sqlite_error(error: sqlite3.Error, path: Path, header: bytes) -> SourceError:
    """Turns SQLite's error about a source into a sentence that says what to do."""
    name = getattr(error, "sqlite_errorname", "")
    if name == "SQLITE_NOTADB":
        return SourceError(
            f"{path} is not a SQLite file; set SQLITE_DB_PATH to the file that Bizy writes, "
            "usually ~/.business-agent/tasks.db."
        )
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return SourceError(
            f"{path} has been locked by another program for {BUSY_SECONDS:.0f} seconds; end that "
            "program or let it finish, then run again."
        )
    if name == "SQLITE_READONLY_ROLLBACK" or (
        name.startswith("SQLITE_READONLY") and _beside(path, "-journal").exists()
    ):
        return SourceError(
            f"{path} holds a half-finished change of a program that died ({path.name}-journal "
            "lies beside it), and only a program that may write can take it back; open the file "
            "once with Bizy or with 'sqlite3', then run again."
        )
    if header[19:20] == bytes([_WAL_VERSION]) and name.startswith(
        ("SQLITE_READONLY", "SQLITE_CANTOPEN")
    ):
        return SourceError(
            f"{path} is in WAL mode, and SQLite can read such a file only where it may write to "
            f"its folder {path.parent}; give this account write permission there, or copy the "
            "file together with its -wal file to a folder of yours and set SQLITE_DB_PATH to "
            "the copy."
        )
    return SourceError(
        f"{path} cannot be read by SQLite ({error}); check the file with "
        "'sqlite3 FILE \"PRAGMA integrity_check\"', or use an earlier backup of it."
    )


def _header(path: Path) -> bytes:
    """Reads the first bytes, which tell what kind of file it is.

    Raises:
        SourceError: There is no such file, or it may not be read.
    """
    try:
        # Opening a pipe would wait for a writer.
        if path.exists() and not path.is_file():
            raise SourceError(
                f"{path} is a folder or a device, not a file; set SQLITE_DB_PATH to the Bizy "
                "database in it, usually named tasks.db."
            )
        with path.open("rb") as file:
            header = file.read(100)
    except FileNotFoundError:
        raise SourceError(
            f"There is no file {path}; set SQLITE_DB_PATH to the Bizy database to migrate."
        ) from None
    except OSError as error:
        raise SourceError(
            f"{path} cannot be read ({os.strerror(error.errno or 0)}); give this account read "
            "permission, or set SQLITE_DB_PATH to the Bizy database to migrate."
        ) from None
    if not header:
        raise SourceError(
            f"{path} is empty (0 bytes); set SQLITE_DB_PATH to the file that Bizy writes, usually "
            "~/.business-agent/tasks.db."
        )
    if not header.startswith(_MAGIC):
        raise SourceError(
            f"{path} is not a SQLite file; set SQLITE_DB_PATH to the file that Bizy writes, "
            "usually ~/.business-agent/tasks.db."
        )
    return header


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _file_of(connection: sqlite3.Connection) -> str:
    return str(connection.execute("PRAGMA database_list").fetchone()[2])
