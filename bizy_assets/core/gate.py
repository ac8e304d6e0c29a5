"""Keeps a run with bad rows from writing, and shows them to the user.

Every asset that writes asks here first, in whatever way it was started.
"""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from bizy_assets.core import faults, private
from bizy_assets.core.census import Census
from bizy_assets.core.errors import BadRowsError
from bizy_assets.core.settings import OnBadRow

SHOWN = 100
"""How many bad values are shown; the file has them all."""


class GateError(BadRowsError):
    """A census keeps a run from writing."""

    def __init__(self, sentence: str, census: Census) -> None:
        super().__init__(sentence)
        self.census = census


def require_good(census: Census, policy: OnBadRow, home: Path) -> None:
    """Makes sure that a run may write what the snapshot holds.

    Raises:
        GateError: It holds bad values, and the policy is to fail.
    """
    if policy is OnBadRow.FAIL and census.bad_values:
        raise GateError(sentence(census, write_csv(census, home)), census)


def sentence(census: Census, file: Path) -> str:
    """Says what is bad and what to do."""
    found = [
        f"{count:,} {fault} in {table.table}.{column}"
        for table in census.tables.values()
        for (column, fault), count in table.counts.items()
    ]
    more = f" and {len(found) - 5} other kinds" if len(found) > 5 else ""
    return (
        f"{census.snapshot.source} holds {census.bad_values:,} values in {census.bad_rows:,} rows "
        f"that PostgreSQL cannot take ({', '.join(found[:5])}{more}); all are listed in {file}: "
        "mend them in Bizy, or set BIZY_ON_BAD_ROW to quarantine to load the other rows."
    )


def write_csv(census: Census, home: Path) -> Path:
    """Writes all bad values into a file that only this account may read, and returns its path."""
    file = home / "reports" / f"bad_rows_{census.snapshot.sha256[:12]}.csv"
    with private.written(file) as stream:
        csv.write_csv(listing(census), stream)
    return file


def listing(census: Census) -> pa.Table:
    """Returns all bad values as text: table, id, rowid, column, rule, meaning, value."""
    return pa.concat_tables([_readable(name, t.findings) for name, t in census.tables.items()])


def _readable(table: str, findings: pa.Table) -> pa.Table:
    meanings = pa.array(list(faults.FAULTS.values()))
    place = pc.index_in(findings["rule"], pa.array(list(faults.FAULTS)))
    return pa.table(
        {
            "table": pa.repeat(table, findings.num_rows),
            "id": findings["source_id"],
            "rowid": findings["position"],
            "column": findings["column_name"],
            "rule": findings["rule"],
            "meaning": meanings.take(place.combine_chunks()),
            "value": _shown(findings["raw"].combine_chunks()),
        }
    )


def _shown(raw: pa.Array) -> pa.Array:
    """Shows bytes as text where they are, else in hexadecimal."""
    try:
        return raw.cast(pa.string())
    except pa.ArrowInvalid:
        return pa.array([_text(value.as_py()) for value in raw], pa.string())


def _text(value: bytes | None) -> str | None:
    if value is None:
        return None
    try:
        return value.decode()
    except UnicodeDecodeError:
        return f"0x{value.hex()}"
