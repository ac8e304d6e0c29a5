"""Tell damage of a SQLite file from values that break a constraint of its schema.

SQLite's integrity check reports both. A constraint can be added to a table that has such values by
editing the schema; they are sound, and validation decides about them.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy.dialects import sqlite as dialect

from bizy_assets.core.source import sqlite

INTEGRITY_OK = "ok"

_SHOWN = 3
"""Number of findings to return."""

_quoted = dialect.dialect().identifier_preparer.quote_identifier


def find_damage(path: Path) -> str:
    """Return findings of ``PRAGMA integrity_check``, ``INTEGRITY_OK`` for an undamaged file.

    Values that break CHECK, NOT NULL or UNIQUE are no damage.
    """
    with closing(sqlite.connect(path, immutable=True)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        findings = _findings(connection, _SHOWN)
        if findings != [INTEGRITY_OK] and _are_constraints(connection):
            return INTEGRITY_OK
    return "; ".join(findings)


def _findings(connection: sqlite3.Connection, limit: int) -> list[str]:
    rows = connection.execute(f"PRAGMA integrity_check({limit:d})")
    return [" ".join(text.split()) for (text,) in rows]


def _are_constraints(connection: sqlite3.Connection) -> bool:
    """Return whether every finding is a value that breaks a constraint.

    SQLite has one finding for each such value, so these are counted. The texts of findings differ
    between versions of SQLite.
    """
    tables = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0"
    ).fetchall()
    try:
        count = sum(_nulls(connection, name) + _repeated(connection, name) for (name,) in tables)
    except sqlite3.Error:  # The file is too damaged to be read.
        return False
    return 0 < count == len(_findings(connection, count + 1))


def _nulls(connection: sqlite3.Connection, table: str) -> int:
    """Count the values NULL in columns that are declared NOT NULL."""
    columns = connection.execute('SELECT name FROM pragma_table_xinfo(?) WHERE "notnull"', [table])
    # SQLite relies on the constraint and computes IS NULL as false.
    sums = [f"total(typeof({_quoted(name)}) = 'null')" for (name,) in columns]
    query = f"SELECT {' + '.join(sums or ['0'])} FROM {_quoted(table)} NOT INDEXED"  # noqa: S608
    return int(connection.execute(query).fetchone()[0])


def _repeated(connection: sqlite3.Connection, table: str) -> int:
    """Count the repetitions in unique indexes, except partial ones and those of expressions."""
    indexes = connection.execute(
        'SELECT name FROM pragma_index_list(?) WHERE "unique" AND NOT partial', [table]
    ).fetchall()
    return sum(_repeated_keys(connection, table, index) for (index,) in indexes)


def _repeated_keys(connection: sqlite3.Connection, table: str, index: str) -> int:
    parts = connection.execute(
        "SELECT name, coll FROM pragma_index_xinfo(?) WHERE key", [index]
    ).fetchall()
    if any(name is None for name, _ in parts):
        return 0
    keys = ", ".join(f"{_quoted(name)} COLLATE {_quoted(collation)}" for name, collation in parts)
    present = " AND ".join(f"typeof({_quoted(name)}) <> 'null'" for name, _ in parts)
    groups = (
        f"SELECT count(*) AS n FROM {_quoted(table)} NOT INDEXED "  # noqa: S608
        f"WHERE {present} GROUP BY {keys} HAVING count(*) > 1"
    )
    return int(connection.execute(f"SELECT total(n - 1) FROM ({groups})").fetchone()[0])  # noqa: S608
