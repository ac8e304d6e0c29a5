"""Gathers what audits and checks judge: sets of ids, from one scan of each side.

PostgreSQL is read afresh each time, by aggregates that come back as packed numbers, and the
snapshot by its columns, so that neither costs a Python object per row. A process reads a
snapshot once, since its digest tells that it is still the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pyarrow.compute as pc
import sqlalchemy as sa

from bizy_assets.core.common import IdSet
from bizy_assets.core.contracts import Column, Contract, Kind, Rule
from bizy_assets.core.postgres import (
    ColumnInfo,
    ForeignKeyInfo,
    foreign_keys,
    ids_where,
    table_columns,
)
from bizy_assets.core.source import SnapshotTable, verify_snapshot
from bizy_assets.core.target import PUBLIC_METADATA, TARGET_TABLES, Sequence, find_sequence
from bizy_assets.core.validation import TableValidation, ValidationResult

EARLIEST = datetime(2000, 1, 1)  # noqa: DTZ001 - as the target stores UTC
AROUND_SWITCH = timedelta(days=2)
"""More than any zone's offset: farther from the switch no time is read otherwise for it."""

_MOMENTS = {Rule.UTC, Rule.LOCAL, Rule.UTC_UNTIL_TOUCHED, Rule.UTC_UNTIL_SWITCH}
"""Rules of times at which something happened, which cannot lie in the future."""


@dataclass(frozen=True)
class SourceKeys:
    """The good rows of a snapshot's table.

    Attributes:
        rows: Their ids.
        without_parent: For each parent column, the rows that name none.
        orphans: For each parent column, the rows whose parent the snapshot does not have.
        with_time: For each timestamp column, the rows that have one.
    """

    rows: IdSet = field(default_factory=IdSet)
    without_parent: dict[str, IdSet] = field(default_factory=dict)
    orphans: dict[str, IdSet] = field(default_factory=dict)
    with_time: dict[str, IdSet] = field(default_factory=dict)


@dataclass(frozen=True)
class TargetKeys:
    """A target's table, rows of others included.

    Attributes:
        rows: All ids.
        without_owner: Rows whose user is NULL.
        other_owner: Rows that belong to another user than the expected one.
        without_parent: For each parent column, the rows where it is NULL.
        dangling: For each foreign key's column, the rows that point nowhere.
        with_time: For each timestamp column, the rows that have one.
        around_switch: Rows created so near to the switch that it matters how they are read.
        finished_before_start: Rows completed before they were created.
        future: For each column of moments, the rows where it is after the snapshot was taken.
        ancient: Rows with a time before the year 2000.
        columns: The columns as PostgreSQL describes them.
        foreign_keys: The foreign keys that there are.
        sequence: The sequence behind ``id``.
    """

    rows: IdSet
    without_owner: IdSet
    other_owner: IdSet
    without_parent: Mapping[str, IdSet]
    dangling: Mapping[str, IdSet]
    with_time: Mapping[str, IdSet]
    around_switch: IdSet
    finished_before_start: IdSet
    future: Mapping[str, IdSet]
    ancient: IdSet
    columns: Mapping[str, ColumnInfo]
    foreign_keys: list[ForeignKeyInfo]
    sequence: Sequence | None


def source_keys(
    census: ValidationResult, contract: Contract, parents: Mapping[str, IdSet]
) -> SourceKeys:
    """Returns the evidence of a snapshot's table, read once in a process while nothing changes.

    Args:
        census: Of the snapshot.
        contract: The table.
        parents: For each referenced table, the rows that can be parents.

    Raises:
        SnapshotError: The snapshot is gone or altered.
    """
    verify_snapshot(census.snapshot)
    stands_on = (census.snapshot.sha256, census.tables[contract.table], parents)
    known = _known.get(contract.table)
    if known is None or known[0] != stands_on:
        known = _known[contract.table] = stands_on, _read_source(census, contract, parents)
    return known[1]


_known: dict[str, tuple[tuple[str, TableValidation, Mapping[str, IdSet]], SourceKeys]] = {}
"""What this process read last of each table: what it stands on, and what was found."""


def _read_source(
    census: ValidationResult, contract: Contract, parents: Mapping[str, IdSet]
) -> SourceKeys:
    table = census.valid_rows(contract)
    existing = {c.name: parents[str(c.references)].array() for c in contract.parents}
    columns, expressions = _source_query(table)
    found = SourceKeys(
        with_time={column.name: IdSet() for column in contract.timestamps},
        without_parent={name: IdSet() for name in existing},
        orphans={name: IdSet() for name in existing},
    )
    for batch in table.query(columns, expressions):
        ids = batch.column("id").to_numpy()
        found.rows.add(ids)
        for name, ids_of_parents in existing.items():
            values = batch.column(name)
            missing = pc.is_null(values).to_numpy(zero_copy_only=False)
            known = np.isin(pc.fill_null(values, 0).to_numpy(), ids_of_parents)
            found.without_parent[name].add(ids[missing])
            found.orphans[name].add(ids[~missing & ~known])
        for column in contract.timestamps:
            present = batch.column(_has(column)).to_numpy() == 1
            found.with_time[column.name].add(ids[present])
    return found


def target_keys(
    connection: sa.Connection,
    contract: Contract,
    *,
    owner_id: int,
    taken_at: datetime,
    switch: datetime,
) -> TargetKeys:
    """Reads a target's table once.

    Args:
        connection: In a transaction.
        contract: The table.
        owner_id: The expected owner.
        taken_at: When the snapshot was taken, in UTC without a zone.
        switch: When Bizy's clock switched, in UTC without a zone.
    """
    table = TARGET_TABLES[contract.table]
    c = table.c
    keys = [column for column in contract.columns if column.references]
    joined, dangling = _with_references(table, keys)
    times = [column.name for column in contract.timestamps]
    moments = [column.name for column in contract.timestamps if column.rule in _MOMENTS]
    switched = [
        column.name for column in contract.timestamps if column.rule is Rule.UTC_UNTIL_SWITCH
    ]
    around = (switch - AROUND_SWITCH, switch + AROUND_SWITCH)
    conditions: dict[str, sa.ColumnElement[bool]] = {
        "rows": sa.true(),
        "without_owner": c.user_id.is_(None),
        "other_owner": c.user_id != owner_id,
        "ancient": sa.or_(sa.false(), *(c[name] < EARLIEST for name in times)),
        "around_switch": sa.or_(sa.false(), *(c[name].between(*around) for name in switched)),
        "finished_before_start": c.completed_at < c.created_at
        if {"completed_at", "created_at"} <= set(times)
        else sa.false(),
        **{f"without {p.name}": c[p.name].is_(None) for p in contract.parents},
        **{f"dangling {name}": condition for name, condition in dangling.items()},
        # What few rows have, or are without, is what costs little to fetch.
        **{f"without {t.name}": c[t.name].is_(None) for t in contract.timestamps if t.filled},
        **{f"with {t.name}": c[t.name].is_not(None) for t in contract.timestamps if not t.filled},
        **{f"future {name}": c[name] > taken_at for name in moments},
    }
    found = ids_where(connection, table, conditions, joined=joined)
    return TargetKeys(
        rows=found["rows"],
        without_owner=found["without_owner"],
        other_owner=found["other_owner"],
        without_parent={p.name: found[f"without {p.name}"] for p in contract.parents},
        dangling={key.name: found[f"dangling {key.name}"] for key in keys},
        with_time={
            t.name: found["rows"] - found[f"without {t.name}"]
            if t.filled
            else found[f"with {t.name}"]
            for t in contract.timestamps
        },
        around_switch=found["around_switch"],
        finished_before_start=found["finished_before_start"],
        future={name: found[f"future {name}"] for name in moments},
        ancient=found["ancient"],
        columns=table_columns(connection, contract.table),
        foreign_keys=foreign_keys(connection, contract.table),
        sequence=find_sequence(connection, contract.table),
    )


def _source_query(table: SnapshotTable) -> tuple[list[Column], list[sa.ColumnElement[Any]]]:
    """Selects what the evidence needs: the id, the parents, and which times there are."""
    contract = table.contract
    columns = [contract.columns[0], *contract.parents]
    expressions = [table.expression(column.name) for column in columns]
    for column in contract.timestamps:
        columns.append(Column(name=_has(column), kind=Kind.BOOLEAN))
        expressions.append(table.expression(column.name).is_not(None))
    return columns, expressions


def _has(column: Column) -> str:
    return f"has_{column.name}"


def _with_references(
    table: sa.Table, keys: list[Column]
) -> tuple[sa.FromClause, dict[str, sa.ColumnElement[bool]]]:
    """Joins what a table points to, and says for each key which rows point nowhere.

    ``NOT IN`` would say the same, but PostgreSQL goes through the whole of the other table for
    each row once that no longer fits into ``work_mem``.
    """
    joined: sa.FromClause = table
    dangling = {}
    for key in keys:
        column = table.c[key.name]
        # An alias, as a table may point to itself.
        other = PUBLIC_METADATA.tables[str(key.references)].alias()
        joined = joined.outerjoin(other, column == other.c.id)
        dangling[key.name] = sa.and_(column.is_not(None), other.c.id.is_(None))
    return joined, dangling
