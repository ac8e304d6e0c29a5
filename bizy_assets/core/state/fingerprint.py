"""Fingerprints of loads: when the work of an earlier load need not be repeated.

A load with the release, table and inputs of the previous load of its table would write the very
same rows. Only rows that changed in PostgreSQL since then need to be looked at. They are found by
the transactions that wrote them: a row that is as a load left it was written by the transaction of
that load, whose number is part of the fingerprint. Such numbers are meaningless in another table or
on another server. That is why the table's identity is part of the fingerprint.
"""

import functools
import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from importlib import metadata
from zoneinfo import ZoneInfo

import numpy as np
import sqlalchemy as sa

from bizy_assets.core.common import IdSet
from bizy_assets.core.state.id_ranges import SourceIds
from bizy_assets.core.state.runs import TableLoad
from bizy_assets.core.transform import UtcUpdates

_DAYS = range(68 * 366)
"""Days since 1970 for which the rules of a zone may differ between zone databases."""


def load_fingerprint(
    load: TableLoad,
    parents: Mapping[str, IdSet],
    updates: UtcUpdates | None,
    ids: SourceIds,
    table_identity: str,
    transaction_id: str,
) -> str:
    """Return four words: release, table, inputs and transaction.

    The table is a hash of ``catalog.table_identity``, the inputs are a hash of all others. They
    include the ids that can be parents, by table, and the shifts of ids. Which updates are UTC
    depends on when the snapshot was taken, which alone is no reason to load again.
    """
    run = load.run
    inputs = [
        run.source.key,
        run.snapshot.sha256,
        run.zone,
        _offsets_digest(run.zone),
        run.tasks_local_since,
        run.user_id,
        sorted(load.skipped),
    ]
    digest = hashlib.sha256(repr(inputs).encode())
    for table, existing in sorted(parents.items()):
        digest.update(table.encode())
        digest.update(np.sort(existing.array()).tobytes())
    for table, mapping in sorted(ids.by_table.items()):
        if not mapping.is_identity:
            digest.update(repr((table, mapping.ranges)).encode())
    for rule, noted in (updates.notes if updates else {}).items():
        digest.update(rule.encode())
        digest.update(noted.tobytes())
    table_digest = hashlib.sha256(table_identity.encode()).hexdigest()
    return " ".join((_release(), table_digest, digest.hexdigest(), transaction_id))


def is_same_work(load: TableLoad, previous: TableLoad) -> bool:
    """Return True if two loads had the same release, table and inputs."""
    return _work(load) == _work(previous)


def _work(load: TableLoad) -> list[str]:
    return load.fingerprint.split(" ")[:3]


def is_of_this_release(load: TableLoad) -> bool:
    """Return True if this release did a load; another one may judge the same bytes otherwise."""
    return load.fingerprint.partition(" ")[0] == _release()


def is_of_same_table(fingerprint: sa.ColumnElement[str], load: TableLoad) -> sa.ColumnElement[bool]:
    """Return the SQL condition that a load had the very table that another load has.

    It had not if the table was created again in between. Loads without a fingerprint are unlike all
    others.
    """
    table_digest = load.fingerprint.split(" ")[1:2]
    return sa.func.split_part(fingerprint, " ", 2).in_(table_digest)


def transaction_of(fingerprint: sa.ColumnElement[str]) -> sa.ColumnElement[str | None]:
    """Return the SQL expression of the number of a load's transaction, NULL if it has none."""
    return sa.func.nullif(sa.func.split_part(fingerprint, " ", 4), "")


@functools.cache
def _release() -> str:
    """Return this release's version, which is read from a file."""
    return metadata.version("bizy-assets")


@functools.lru_cache(maxsize=64)
def _offsets_digest(zone: str) -> str:
    """Return a hash of a zone's offsets, day by day."""
    rules, start = ZoneInfo(zone), datetime(1970, 1, 1)  # noqa: DTZ001 - wall clock time
    offsets = [rules.utcoffset(start + timedelta(days=day)) for day in _DAYS]
    return hashlib.sha256(repr(offsets).encode()).hexdigest()
