"""Rows of a new snapshot that have the id of another row in an earlier one.

SQLite numbers a new row after the highest id, so it uses an id again whose row was deleted.
"""

import sqlite3
from contextlib import closing
from datetime import timedelta

import numpy as np

from bizy_assets.core.common import IdSet
from bizy_assets.core.contracts import Contract
from bizy_assets.core.source import sqlite
from bizy_assets.core.source.snapshot import Snapshot

_MARGIN = timedelta(days=2)
"""More than any zone's offset and a day: a time may be local, or be the midnight before."""


def find_new_rows(contract: Contract, snapshot: Snapshot, earlier: Snapshot, known: IdSet) -> IdSet:
    """Return those of known ids whose row was created since an earlier snapshot.

    A row that was there and has another time of creation now may only have been corrected, unless
    that time is after the earlier snapshot. If one of the two files cannot be read, there are none.
    """
    statement = f"""
        SELECT new.id FROM main.{contract.table} AS new
        LEFT JOIN earlier.{contract.table} AS old ON old.id = new.id
        WHERE typeof(new.id) = 'integer' AND new.id BETWEEN ? AND ?
          AND typeof(new.{contract.created}) = 'text'
          AND new.{contract.created} > ? AND new.{contract.created} IS NOT old.{contract.created}
    """  # noqa: S608 - names of a contract
    result = IdSet()
    if not known:
        return result
    first, last = known.consecutive()
    try:
        with closing(sqlite.connect(snapshot.path, immutable=True)) as connection:
            other = sqlite.sqlite_uri(earlier.path, immutable=True)
            connection.execute("ATTACH ? AS earlier", [other])
            since = f"{earlier.taken_at - _MARGIN:%Y-%m-%d %H:%M:%S}"
            bounds = int(first[0]), int(last[-1])
            ids = connection.execute(statement, [*bounds, since]).fetchall()
    except sqlite3.Error:
        return result
    result.add(np.array(ids, dtype=np.int64).reshape(-1))
    return result & known
