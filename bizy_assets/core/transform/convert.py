"""Turns a source table's batches into the target's, by the contract's rule for each column.

Whole columns at a time. What a rule changed rather than copied comes out beside the batch as
repairs, so that it can be recorded and shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bizy_assets.core.contracts import Column, Contract, Kind, Rule
from bizy_assets.core.transform.timestamps import (
    UNDECIDED_CUTOVER,
    Instants,
    ParsedTimes,
    parse_times,
    to_instants,
    to_mask,
    updated_after_creation,
)
from bizy_assets.core.transform.timezone import Mask, TimezoneConverter
from bizy_assets.core.transform.utc_cutover import Ids, UtcCutover

ORPHAN_PARENT = "orphan_parent"
MISSING_TIMESTAMP = "missing_timestamp"

ARROW_TYPES = {
    Kind.INTEGER: pa.int32(),
    Kind.FLOAT: pa.float64(),
    Kind.TEXT: pa.string(),
    Kind.JSON: pa.string(),
    Kind.BOOLEAN: pa.bool_(),
    Kind.TIMESTAMP: pa.timestamp("us"),
}

REPAIRS_SCHEMA = pa.schema(
    [
        ("source_id", pa.int64()),
        ("column_name", pa.string()),
        ("rule", pa.string()),
        ("raw", pa.string()),
        ("written", pa.string()),
    ]
)

_JSON_NULL = r"^[ \t\r\n]*null[ \t\r\n]*$"


@dataclass(frozen=True, kw_only=True)
class ConversionContext:
    """What a conversion needs to know beside the rows.

    Attributes:
        clock: The wall clock of the laptop that wrote the source.
        switch: How times around the switch are read, for a table that has such.
        owner_id: ``users.id`` of the owner.
        migrated_at: Time of the migration, in microseconds since 1970 UTC.
        fill: Whether a missing time that the target demands is filled in here.
        parents: For each referenced table, the ids that exist there.
    """

    clock: TimezoneConverter
    switch: UtcCutover | None
    owner_id: int
    migrated_at: int
    fill: bool
    parents: Mapping[str, NDArray[np.int32]]


@dataclass(frozen=True)
class ConvertedBatch:
    """A batch for the target, and the repairs that were made in it (schema ``REPAIRS``)."""

    batch: pa.RecordBatch
    repairs: pa.Table


def arrow_schema(columns: tuple[Column, ...]) -> pa.Schema:
    """Returns the Arrow schema that a batch for these target columns has."""
    return pa.schema([(column.name, ARROW_TYPES[column.kind]) for column in columns])


def convert_batch(
    batch: pa.RecordBatch, contract: Contract, by: ConversionContext
) -> ConvertedBatch:
    """Converts one batch of a source table.

    Args:
        batch: Columns as ``SnapshotTable.batches`` yields them.
        contract: The table's contract.
        by: What the rules need to know.
    """
    work = _Batch(batch, contract, by)
    arrays = [work.column(column) for column in contract.columns]
    return ConvertedBatch(
        pa.record_batch(arrays, schema=arrow_schema(contract.columns)),
        pa.concat_tables([REPAIRS_SCHEMA.empty_table(), *work.repairs]),
    )


@dataclass
class _Batch:
    """One batch under conversion; keeps what several columns need."""

    rows: pa.RecordBatch
    contract: Contract
    by: ConversionContext
    repairs: list[pa.Table] = field(default_factory=list)
    _written: dict[str, ParsedTimes] = field(default_factory=dict)
    _found: dict[str, Instants] = field(default_factory=dict)

    def column(self, column: Column) -> pa.Array:
        if column.from_source and column.kind is Kind.TIMESTAMP:
            return self._timestamp(column)
        match column.rule:
            case Rule.OWNER:
                return self._constant(self.by.owner_id, column)
            case Rule.MIGRATED_AT:
                return self._constant(self.by.migrated_at, column)
            case Rule.EMPTY:
                return pa.nulls(self.rows.num_rows, ARROW_TYPES[column.kind])
            case Rule.PARENT:
                return self._parent(column)
        values = self.rows.column(column.name)
        if column.kind is Kind.JSON:
            is_null = pc.match_substring_regex(values, _JSON_NULL)
            return pc.if_else(pc.fill_null(is_null, False), None, values)
        return values.cast(ARROW_TYPES[column.kind])

    @property
    def ids(self) -> Ids:
        return np.asarray(self.rows.column("id").to_numpy(), dtype=np.int64)

    def _constant(self, value: int, column: Column) -> pa.Array:
        return pa.repeat(pa.scalar(value, ARROW_TYPES[column.kind]), self.rows.num_rows)

    def _parent(self, column: Column) -> pa.Array:
        values = self.rows.column(column.name)
        existing = self.by.parents[str(column.references)]
        known = np.isin(pc.fill_null(values, 0).to_numpy(), existing)
        lost = ~known & to_mask(pc.is_valid(values))
        self._repair(column, ORPHAN_PARENT, lost, values, pa.nulls(len(values), pa.string()))
        kept = pc.if_else(pa.array(lost), None, values)
        return kept.cast(ARROW_TYPES[column.kind])

    def _timestamp(self, column: Column) -> pa.Array:
        found = self._instants(column)
        result = pa.array(found.utc, mask=~found.present).cast(pa.timestamp("us"))
        raw, text = self.rows.column(column.name), None
        for rule, where in found.notes.items():
            if where.any():
                text = result.cast(pa.string()) if text is None else text
                self._repair(column, rule, where, raw, text)
        if column.filled and not found.present.all():
            filled = pc.fill_null(result, pa.scalar(self.by.migrated_at, pa.timestamp("us")))
            self._repair(column, MISSING_TIMESTAMP, ~found.present, raw, filled.cast(pa.string()))
            return filled if self.by.fill else result
        return result

    def _instants(self, column: Column) -> Instants:
        """Finds the instants of a column; another column's rule may ask for them again."""
        if column.name not in self._found:
            written = parse_times(self.rows.column(column.name))
            local = None
            if column.rule is Rule.UTC_UNTIL_TOUCHED:
                created = self.contract.column("created_at")
                assert created is not None  # noqa: S101
                local = updated_after_creation(written, self._instants(created))
            if column.rule is Rule.UTC_UNTIL_SWITCH and self.by.switch is not None:
                local = self.by.switch.local(self.ids, written, self.by.clock)
            found = to_instants(written, column.rule, self.by.clock, local)
            if column.rule is Rule.UTC_UNTIL_SWITCH and self.by.switch is not None:
                found.notes[UNDECIDED_CUTOVER] = np.isin(self.ids, self.by.switch.undecided_ids)
            self._found[column.name] = found
        return self._found[column.name]

    def _repair(
        self, column: Column, rule: str, where: Mask, raw: pa.Array, written: pa.Array
    ) -> None:
        if not where.any():
            return
        count = int(where.sum())
        chosen = pa.array(where)
        self.repairs.append(
            pa.Table.from_arrays(
                [
                    pa.array(self.ids[where]),
                    pa.repeat(column.name, count),
                    pa.repeat(rule, count),
                    raw.filter(chosen).cast(pa.string()),
                    written.filter(chosen),
                ],
                schema=REPAIRS_SCHEMA,
            )
        )
