"""Records of the sources whose rows are in the target.

A source is known by its key. Its path is only an attribute, so a file that was moved may remain
the same source.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bizy_assets.core.common import IdPolicy
from bizy_assets.core.target import has_current_state, state_tables

_SOURCES, _LOADS = state_tables.SOURCES, state_tables.LOADS


@dataclass(frozen=True, kw_only=True)
class Source:
    """A Bizy file, the user who owns its rows, and the policy for their ids.

    Its id in the target ascends from 1 and is 0 until it is recorded. The key of a single file is
    its absolute path.
    """

    id: int = 0
    key: str
    path: Path
    user_id: int
    id_policy: IdPolicy = IdPolicy.KEEP


def find_source(connection: sa.Connection, key: str) -> Source | None:
    """Return the recorded source with a key, or None."""
    return _find(connection, _SOURCES.c.key == key)


def newest_source(connection: sa.Connection, user_id: int | None = None) -> Source | None:
    """Return the source, or a user's, from which a table was loaded last; None if none ever was."""
    newest = sa.select(_LOADS.c.source_id).order_by(_LOADS.c.run_id.desc()).limit(1)
    if user_id is not None:
        of_user = (_SOURCES.c.id == _LOADS.c.source_id) & (_SOURCES.c.user_id == user_id)
        newest = newest.join(_SOURCES, of_user)
    return _find(connection, _SOURCES.c.id == newest.scalar_subquery())


def find_other_source(connection: sa.Connection, source: Source) -> Source | None:
    """Return the newest other source that is recorded for the user of a source, or None."""
    c = _SOURCES.c
    others = (c.user_id == source.user_id) & (c.id != source.id)
    newest = sa.select(sa.func.max(c.id)).where(others)
    return _find(connection, c.id == newest.scalar_subquery())


def ensure_source(connection: sa.Connection, source: Source) -> Source:
    """Record a source unless its key is known, and return it with its id.

    Path and user of a known source are updated, its policy stays. The connection holds a lock under
    which no other session records sources.
    """
    known = find_source(connection, source.key)
    if known is None:
        number = (connection.scalar(sa.select(sa.func.max(_SOURCES.c.id))) or 0) + 1
        source = replace(source, id=number)
        first_seen = sa.func.timezone("UTC", sa.func.clock_timestamp())
        connection.execute(sa.insert(_SOURCES).values(first_seen=first_seen, **_values(source)))
        return source
    current = replace(source, id=known.id, id_policy=known.id_policy)
    if current != known:
        of_source = _SOURCES.c.id == known.id
        connection.execute(sa.update(_SOURCES).where(of_source).values(_values(current)))
    return current


def source_of(row: Any) -> Source:  # noqa: ANN401 - rows of any number of columns
    """Return the source in a row with the columns of ``sources``, whose id is ``source_id``."""
    return Source(
        id=row.source_id,
        key=row.key,
        path=Path(row.path),
        user_id=row.user_id,
        id_policy=IdPolicy(row.id_policy),
    )


COLUMNS = (_SOURCES.c.key, _SOURCES.c.path, _SOURCES.c.user_id, _SOURCES.c.id_policy)
"""The columns of ``source_of``, without the id."""


def _find(connection: sa.Connection, condition: sa.ColumnElement[bool]) -> Source | None:
    if not has_current_state(connection):
        return None
    statement = sa.select(_SOURCES.c.id.label("source_id"), *COLUMNS).where(condition)
    row = connection.execute(statement).one_or_none()
    return None if row is None else source_of(row)


def _values(source: Source) -> dict[str, object]:
    return {
        "id": source.id,
        "key": source.key,
        "path": str(source.path),
        "user_id": source.user_id,
        "id_policy": source.id_policy.value,
    }
