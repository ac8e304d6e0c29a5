"""Sets of ids for audits and checks, from one scan of each side.

PostgreSQL is read on every call, by aggregates that return packed numbers. The snapshot is read by
columns. Neither costs a Python object per row. A process reads a table of a snapshot once, as its
digest identifies the content.
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
from bizy_assets.core.postgres import Intervals, catalog, ids_where
from bizy_assets.core.source import SnapshotTable, verify_snapshot
from bizy_assets.core.target import TARGET_TABLES, sequences
from bizy_assets.core.transform import ID_LIST, IdMap
from bizy_assets.core.validation import TableValidation, ValidationResult

EARLIEST = datetime(2000, 1, 1)  # noqa: DTZ001 - as the target stores UTC
AROUND_CUTOVER = timedelta(days=2)
"""More than any zone's offset: farther from the UTC cutover, it does not affect a time."""

_MOMENTS = {Rule.UTC, Rule.LOCAL, Rule.UTC_UNTIL_TOUCHED, Rule.UTC_UNTIL_CUTOVER}
"""Rules of times of past events, which cannot lie in the future."""


_SIMPLE_LIST, _LONG_NUMBER = r"^\[[0-9, ]*\]$", "[0-9]{19}"
"""Patterns of most lists of ids, and of what is none; they take a third of the full one's time."""


@dataclass(frozen=True)
class SourceKeys:
    """Ids in the target of the valid rows of a snapshot's table: all, and by column.

    For each parent column there are the rows without a value and those whose parent does not exist
    (``orphans``), for each timestamp column the rows with a value.
    """

    rows: IdSet = field(default_factory=IdSet)
    without_parent: dict[str, IdSet] = field(default_factory=dict)
    orphans: dict[str, IdSet] = field(default_factory=dict)
    with_time: dict[str, IdSet] = field(default_factory=dict)


@dataclass(frozen=True)
class TargetKeys:
    """Ids of the rows of a target table in the source's ranges, and the table's definition.

    Attributes:
        rows: All ids in these ranges, also those of rows of others.
        without_owner: Rows whose user is NULL.
        other_owner: Rows of another user than the expected one.
        without_parent: For each parent column, rows in which it is NULL.
        dangling: For each foreign key column, rows whose reference does not exist.
        foreign: For each column that refers to rows, rows that refer to another owner's row.
        with_time: For each timestamp column, rows with a value.
        around_cutover: Rows created so close to the UTC cutover that it affects them.
        finished_before_start: Rows completed before they were created.
        future: For each column of past events, rows with a time after the snapshot was taken.
        ancient: Rows with a time before the year 2000.
        columns: The columns as PostgreSQL describes them.
        foreign_keys: The foreign keys.
        sequence: The sequence of ``id``, and the ids of the whole table.
    """

    rows: IdSet
    without_owner: IdSet
    other_owner: IdSet
    without_parent: Mapping[str, IdSet]
    dangling: Mapping[str, IdSet]
    foreign: Mapping[str, IdSet]
    with_time: Mapping[str, IdSet]
    around_cutover: IdSet
    finished_before_start: IdSet
    future: Mapping[str, IdSet]
    ancient: IdSet
    columns: Mapping[str, catalog.ColumnInfo]
    foreign_keys: list[catalog.ForeignKeyInfo]
    sequence: sequences.SequenceUse


def source_keys(
    validation: ValidationResult,
    contract: Contract,
    parents: Mapping[str, IdSet],
    ids: IdMap | None = None,
) -> SourceKeys:
    """Return the keys of a snapshot's table, read once in a process while the inputs are the same.

    For each referenced table, ``parents`` has the ids in the source that can be parents. The keys
    are ids in the target, or in the source if their mapping is not given.

    Raises:
        SnapshotError: The snapshot is missing or was altered.
    """
    verify_snapshot(validation.snapshot)
    mapping = ids or IdMap()
    inputs = (validation.snapshot.sha256, validation.tables[contract.table], parents, mapping)
    known = _last_read.get(contract.table)
    if known is None or known[0] != inputs:
        keys = _read_source(validation, contract, parents, mapping)
        known = _last_read[contract.table] = inputs, keys
    return known[1]


_Inputs = tuple[str, TableValidation, Mapping[str, IdSet], IdMap]
_last_read: dict[str, tuple[_Inputs, SourceKeys]] = {}
"""The inputs and keys of each table, as this process read them last."""


def _read_source(
    validation: ValidationResult,
    contract: Contract,
    parents: Mapping[str, IdSet],
    mapping: IdMap,
) -> SourceKeys:
    table = validation.valid_rows(contract)
    parent_ids = {c.name: parents[str(c.references)].array() for c in contract.parents}
    columns, expressions = _source_query(table)
    keys = SourceKeys(
        with_time={column.name: IdSet() for column in contract.timestamps},
        without_parent={name: IdSet() for name in parent_ids},
        orphans={name: IdSet() for name in parent_ids},
    )
    for batch in table.query(columns, expressions):
        ids, _ = mapping.to_target(batch.column("id").to_numpy())
        keys.rows.add(ids)
        for name, existing in parent_ids.items():
            values = batch.column(name)
            missing = pc.is_null(values).to_numpy(zero_copy_only=False)
            exists = np.isin(pc.fill_null(values, 0).to_numpy(), existing)
            keys.without_parent[name].add(ids[missing])
            keys.orphans[name].add(ids[~missing & ~exists])
        for column in contract.timestamps:
            present = batch.column(_has(column)).to_numpy() == 1
            keys.with_time[column.name].add(ids[present])
    return keys


def target_keys(
    connection: sa.Connection,
    contract: Contract,
    *,
    owner_id: int,
    taken_at: datetime,
    cutover: datetime,
    within: Intervals,
    only: sa.Table | None = None,
) -> TargetKeys:
    """Read a target table within intervals of ids in one scan, in the caller's transaction.

    The owner is the expected one. Times are UTC. If given, a table has the ids to read ``only``.
    """
    table = TARGET_TABLES[contract.table]
    references = [column for column in contract.columns if column.references]
    joined, dangling, foreign = _join_references(table, references)
    if only is not None:
        joined = joined.join(only, only.c.id == table.c.id)
    foreign |= {
        column.name: _lists_foreign(table, column)
        for column in contract.columns
        # Reading the lists takes as long as everything else.
        if column.lists and _has_other_owners(connection, TARGET_TABLES[column.lists], owner_id)
    }
    moments = [column.name for column in contract.timestamps if column.rule in _MOMENTS]
    conditions = _conditions(contract, table, owner_id, cutover)
    conditions |= {f"dangling {name}": condition for name, condition in dangling.items()}
    conditions |= {f"foreign {name}": condition for name, condition in foreign.items()}
    conditions |= {f"future {name}": table.c[name] > taken_at for name in moments}
    ids = ids_where(connection, table, conditions, joined=joined, within=within)
    return TargetKeys(
        rows=ids["rows"],
        without_owner=ids["without_owner"],
        other_owner=ids["other_owner"],
        without_parent={p.name: ids[f"without {p.name}"] for p in contract.parents},
        dangling={column.name: ids[f"dangling {column.name}"] for column in references},
        foreign={name: ids[f"foreign {name}"] for name in foreign},
        with_time={
            t.name: ids["rows"] - ids[f"without {t.name}"] if t.filled else ids[f"with {t.name}"]
            for t in contract.timestamps
        },
        around_cutover=ids["around_cutover"],
        finished_before_start=ids["finished_before_start"],
        future={name: ids[f"future {name}"] for name in moments},
        ancient=ids["ancient"],
        columns=catalog.table_columns(connection, table),
        foreign_keys=catalog.foreign_keys(connection, table),
        sequence=sequences.sequence_use(connection, table),
    )


def _conditions(
    contract: Contract, table: sa.Table, owner_id: int, cutover: datetime
) -> dict[str, sa.ColumnElement[bool]]:
    """Return the conditions on a row's own columns, by the name of their set of ids."""
    c = table.c
    times = [column.name for column in contract.timestamps]
    decided = [c.name for c in contract.timestamps if c.rule is Rule.UTC_UNTIL_CUTOVER]
    around = (cutover - AROUND_CUTOVER, cutover + AROUND_CUTOVER)
    return {
        "rows": sa.true(),
        "without_owner": c.user_id.is_(None),
        "other_owner": c.user_id != owner_id,
        "ancient": sa.or_(sa.false(), *(c[name] < EARLIEST for name in times)),
        "around_cutover": sa.or_(sa.false(), *(c[name].between(*around) for name in decided)),
        "finished_before_start": c.completed_at < c.created_at
        if {"completed_at", "created_at"} <= set(times)
        else sa.false(),
        **{f"without {p.name}": c[p.name].is_(None) for p in contract.parents},
        # Of each column the rarer case is read, which costs less.
        **{f"without {t.name}": c[t.name].is_(None) for t in contract.timestamps if t.filled},
        **{f"with {t.name}": c[t.name].is_not(None) for t in contract.timestamps if not t.filled},
    }


def _source_query(table: SnapshotTable) -> tuple[list[Column], list[sa.ColumnElement[Any]]]:
    """Return the columns and expressions to read: ids, parents, and whether times are present."""
    contract = table.contract
    columns = [contract.columns[0], *contract.parents]
    expressions = [table.expression(column.name) for column in columns]
    for column in contract.timestamps:
        columns.append(Column(name=_has(column), kind=Kind.BOOLEAN))
        expressions.append(table.expression(column.name).is_not(None))
    return columns, expressions


def _has(column: Column) -> str:
    return f"has_{column.name}"


_Conditions = dict[str, sa.ColumnElement[bool]]


def _join_references(
    table: sa.Table, references: list[Column]
) -> tuple[sa.FromClause, _Conditions, _Conditions]:
    """Join the referenced tables, and return the conditions of wrong references by column.

    These are the references that dangle, and those to a row of another owner.

    ``NOT IN`` would be equivalent, but PostgreSQL scans the other table for each row once it does
    not fit into ``work_mem``.
    """
    joined: sa.FromClause = table
    dangling, foreign = {}, {}
    for reference in references:
        column = table.c[reference.name]
        [key] = column.foreign_keys
        # An alias, since a table may refer to itself.
        other = key.column.table.alias()
        joined = joined.outerjoin(other, column == other.c.id)
        dangling[reference.name] = sa.and_(column.is_not(None), other.c.id.is_(None))
        if "user_id" in other.c:
            foreign[reference.name] = other.c.user_id != table.c.user_id
    return joined, dangling, foreign


def _has_other_owners(connection: sa.Connection, table: sa.Table, owner_id: int) -> bool:
    # An index of the owner serves ranges, not inequality.
    user_id = table.c.user_id
    others = sa.select(table.c.id).where((user_id < owner_id) | (user_id > owner_id))
    return bool(connection.scalar(sa.select(sa.exists(others))))


def _lists_foreign(table: sa.Table, column: Column) -> sa.ColumnElement[bool]:
    """Return the condition that a JSON list has the id of a row of another owner.

    Other values than integers refer to nothing.
    """
    value, other = table.c[column.name], TARGET_TABLES[str(column.lists)].alias()
    listed = sa.func.json_array_elements_text(value).table_valued("value").alias("listed")
    foreign = sa.exists(
        sa.select(sa.literal(1))
        .select_from(listed, other)
        .where(
            other.c.id == sa.cast(listed.c.value, sa.BigInteger),
            other.c.user_id != table.c.user_id,
        )
        .correlate(table)
    )
    text = sa.cast(value, sa.Text)
    is_simple = text.regexp_match(_SIMPLE_LIST) & ~text.regexp_match(_LONG_NUMBER)
    is_list = is_simple | text.regexp_match(ID_LIST)
    return sa.case(((text != "[]") & is_list, foreign), else_=sa.false())
