"""Open Bizy's SQLite files, always read-only, and inspect their tables and columns.

Every SQLite error is translated into a ``SourceError`` that names the cause and the remedy.
"""

import os
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from bizy_assets.core.contracts import BY_TABLE, Contract
from bizy_assets.core.errors import SourceError

BUSY_SECONDS = 30.0
"""How long to wait for a program that has locked the source."""

_USUAL_PATH = "set SQLITE_DB_PATH to the file that Bizy writes, usually ~/.business-agent/tasks.db."

_MAGIC = b"SQLite format 3\x00"
_WAL_VERSION = 2
"""Value of the header's read version (byte 19) in WAL mode (SQLite file format 1.3)."""


_ROWID_NAMES = ("rowid", "_rowid_", "oid")
"""SQLite's names of the number of a row; a column of the same name, in any case, shadows one."""


def sqlite_uri(path: Path, *, immutable: bool = False) -> str:
    """Return the URI that opens a file read-only in every SQLite library.

    For an immutable file, to which no program writes, SQLite creates no lock and no other file.
    """
    return f"file:{quote(str(path))}?mode=ro{'&immutable=1' if immutable else ''}"


def connect(path: Path, *, immutable: bool = False) -> sqlite3.Connection:
    """Open a file read-only, without a transaction.

    Names and SQLite's messages may hold any bytes, of which those that are not UTF-8 are escaped.
    """
    uri = sqlite_uri(path, immutable=immutable)
    connection = sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None)
    connection.text_factory = lambda raw: raw.decode(errors="backslashreplace")
    return connection


@contextmanager
def open_source(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a Bizy file that other programs may be writing, in one read transaction.

    Raises:
        SourceError: The file is missing, unreadable, locked, damaged, or not a SQLite file.
    """
    header = read_header(path)
    try:
        with closing(connect(path)) as connection:
            connection.execute("BEGIN")
            connection.execute("SELECT count(*) FROM sqlite_master")
            yield connection
    except sqlite3.Error as error:
        raise translate_sqlite_error(error, path, header) from None


def bizy_columns(connection: sqlite3.Connection) -> Mapping[str, tuple[str, ...]]:
    """Return the columns of each of Bizy's tables in the file, unknown columns included.

    Known names come as the contract writes them: SQLite ignores the case of ASCII letters.

    Raises:
        SourceError: The file has no table of Bizy, has something else of that name, such as a
            view, or a table lacks a column that every version of Bizy has.
    """
    present = {
        table: _column_names(connection, contract)
        for table, contract in BY_TABLE.items()
        if _is_table(connection, table)
    }
    if not present:
        raise SourceError(
            f"{_path_of(connection)} is a SQLite file without Bizy's tables "
            f"({', '.join(BY_TABLE)}); {_USUAL_PATH}"
        )
    for table, names in present.items():
        _require_rowid(connection, table, names)
    for table, names in present.items():
        if missing := [name for name in BY_TABLE[table].required if name not in names]:
            raise SourceError(
                f"{_path_of(connection)} has a table {table} without the column "
                f"{', '.join(map(repr, missing))}, which it has in every version of Bizy; "
                f"{_USUAL_PATH}"
            )
    return present


def find_unknown_columns(
    connection: sqlite3.Connection, ignored: Collection[str] = ()
) -> tuple[str, ...]:
    """Return the columns of Bizy's tables that are in no contract, as ``table.column``.

    Ignored columns may be unknown; the file need not have them.

    Raises:
        SourceError: The file has other unknown columns, or is not a Bizy file.
    """
    unknown = [
        f"{table}.{name}"
        for table, names in bizy_columns(connection).items()
        for name in names
        if name not in {column.name for column in BY_TABLE[table].source_columns}
    ]
    if lost := [name for name in unknown if name not in ignored]:
        raise SourceError(
            f"{_path_of(connection)} has columns that this version of bizy-assets does not know "
            f"and would lose ({', '.join(lost)}); use a version that knows them, or list them in "
            "BIZY_IGNORE_COLUMNS to migrate without them."
        )
    return tuple(unknown)


def find_unknown_tables(connection: sqlite3.Connection) -> tuple[str, ...]:
    """Return the tables that are neither Bizy's nor SQLite's own."""
    rows = connection.execute(
        "SELECT name, lower(name) FROM sqlite_master WHERE type = 'table' "
        "AND name NOT GLOB 'sqlite_*' ORDER BY name"
    )
    return tuple(name for name, lower_case in rows if lower_case not in BY_TABLE)


def rowid_name(columns: Iterable[str]) -> str | None:
    """Return a name of SQLite's rowid that none of a table's columns shadows, if there is one."""
    shadowed = {column.lower() for column in columns}
    return next((name for name in _ROWID_NAMES if name not in shadowed), None)


def _require_rowid(connection: sqlite3.Connection, table: str, columns: Iterable[str]) -> None:
    """Refuse a table whose columns take every name of the rowid."""
    rowid = rowid_name(columns)
    if rowid is None:
        raise SourceError(
            f"In {_path_of(connection)}, table {table} has columns named "
            f"{', '.join(_ROWID_NAMES)}, which leave SQLite no name for the number of a row; "
            "rename one of these columns."
        )


def _is_table(connection: sqlite3.Connection, name: str) -> bool:
    """Return whether the file has a table of this name; refuse anything else of this name.

    This is read from the schema, as the errors of queries differ between versions of SQLite.
    """
    found = connection.execute(
        "SELECT type, rootpage, EXISTS (SELECT 1 FROM pragma_index_info(?1)) FROM sqlite_master "
        "WHERE name = ?1 COLLATE NOCASE AND type IN ('table', 'view')",
        [name],
    ).fetchone()
    match found:
        case None:
            return False
        case ("view", _, _):
            kind = "a view"
        case (_, 0, _):
            kind = "a virtual table"
        case (_, _, 1):
            # Only such a table is an index itself.
            kind = "a table WITHOUT ROWID"
        case _:
            return True
    raise SourceError(
        f"In {_path_of(connection)}, {name} is {kind}; replace it by an ordinary table with the "
        f"same columns and rows, as Bizy creates it, or {_USUAL_PATH}"
    )


def _column_names(connection: sqlite3.Connection, contract: Contract) -> tuple[str, ...]:
    known = {column.name for column in contract.source_columns}
    rows = connection.execute(
        "SELECT name, lower(name) FROM pragma_table_xinfo(?)", [contract.table]
    )
    return tuple(lower_case if lower_case in known else name for name, lower_case in rows)


def require_readable(connection: sqlite3.Connection) -> None:
    """Refuse known columns that need a collation or function which SQLite does not have.

    Raises:
        SourceError: A column cannot be compared or computed, or as ``bizy_columns``.
    """
    known = [
        (table, column.name)
        for table, present in bizy_columns(connection).items()
        for column in BY_TABLE[table].source_columns
        if column.name in present
    ]
    for table, name in known:
        try:
            connection.execute(f"""SELECT "{name}" < '' FROM "{table}" LIMIT 0""")  # noqa: S608
        except sqlite3.Error as error:
            if not _is_unknown_schema(error):
                raise
            found = f"{table}.{name}: {error}"
            raise unknown_schema(_path_of(connection), found) from None


def _is_unknown_schema(error: sqlite3.Error) -> bool:
    """Return whether a valid statement failed because of the file's schema, not of damage."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_ERROR


def unknown_schema(path: Path | str, found: str) -> SourceError:
    """Return the error of a file whose schema SQLite itself cannot use."""
    return SourceError(
        f"The schema of {path} needs a collation, function or module that SQLite itself does not "
        f"have ({found}); the file is not damaged: remove the column, index or constraint that "
        f"needs it with the program that created it, or {_USUAL_PATH}"
    )


def count_rows(connection: sqlite3.Connection, tables: Iterable[str]) -> dict[str, int]:
    """Return the number of rows of each table."""
    return {
        table: connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]  # noqa: S608
        for table in tables
    }


def translate_sqlite_error(error: sqlite3.Error, path: Path, header: bytes) -> SourceError:
    """Return the error for users that corresponds to SQLite's error about a source.

    The header is the first 100 bytes of the file.
    """
    name = getattr(error, "sqlite_errorname", "")
    if name == "SQLITE_NOTADB":
        return SourceError(f"{path} is not a SQLite file; {_USUAL_PATH}")
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return SourceError(
            f"{path} has been locked by another program for {BUSY_SECONDS:.0f} seconds; stop that "
            "program or let it finish, then run again."
        )
    journal = path.with_name(f"{path.name}-journal")
    if name == "SQLITE_READONLY_ROLLBACK" or (
        name.startswith("SQLITE_READONLY") and journal.exists()
    ):
        return SourceError(
            f"{path} contains an incomplete transaction of a program that crashed (see "
            f"{journal.name} in the same folder), which only a program with write access can roll "
            "back; open the file once with Bizy or with 'sqlite3', then run again."
        )
    if header[19:20] == bytes([_WAL_VERSION]) and name.startswith(
        ("SQLITE_READONLY", "SQLITE_CANTOPEN")
    ):
        return SourceError(
            f"{path} is in WAL mode, and SQLite can read such a file only if it may write to the "
            f"folder {path.parent}; give this account write permission there, or copy the file "
            "together with its -wal file to another folder and set SQLITE_DB_PATH to the copy."
        )
    if _is_unknown_schema(error):
        return unknown_schema(path, str(error))
    return SourceError(
        f"SQLite cannot read {path} ({error}); check the file with "
        "'sqlite3 FILE \"PRAGMA integrity_check\"', or use an earlier backup of it."
    )


def read_header(path: Path, setting: str = "SQLITE_DB_PATH") -> bytes:
    """Return the first 100 bytes of a SQLite file.

    Raises:
        SourceError: It is not a readable SQLite file; the message names the setting to correct.
    """
    usual = _USUAL_PATH.replace("SQLITE_DB_PATH", setting)
    try:
        # Opening a pipe would wait for a writer.
        if path.exists() and not path.is_file():
            raise SourceError(
                f"{path} is a folder or a device, not a file; set {setting} to the Bizy "
                "database in it, usually named tasks.db."
            )
        with path.open("rb") as file:
            header = file.read(100)
    except FileNotFoundError:
        raise SourceError(
            f"There is no file {path}; set {setting} to the Bizy database to migrate."
        ) from None
    except OSError as error:
        raise SourceError(
            f"{path} cannot be read ({os.strerror(error.errno or 0)}); give this account read "
            f"permission, or set {setting} to the Bizy database to migrate."
        ) from None
    if not header:
        raise SourceError(f"{path} is empty (0 bytes); {usual}")
    if not header.startswith(_MAGIC):
        raise SourceError(f"{path} is not a SQLite file; {usual}")
    return header


def _path_of(connection: sqlite3.Connection) -> str:
    return str(connection.execute("PRAGMA database_list").fetchone()[2])
