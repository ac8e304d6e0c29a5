"""Convert batches of a source table into batches of the target table, a column at a time.

The contract's rule for each column decides. Values that a rule adjusted are returned beside the
batch, to be recorded and reported.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bizy_assets.core.contracts import Column, Contract, Kind, Rule
from bizy_assets.core.errors import TargetError
from bizy_assets.core.transform import id_lists, timestamps
from bizy_assets.core.transform.id_map import IdMap, Ids
from bizy_assets.core.transform.timezone import Mask, TimezoneConverter
from bizy_assets.core.transform.utc_cutover import UtcCutover
from bizy_assets.core.transform.utc_updates import UtcUpdates

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
        ("row_id", pa.int64()),
        ("column_name", pa.string()),
        ("rule", pa.string()),
        ("raw", pa.string()),
        ("written", pa.string()),
    ]
)

_JSON_NULL = r"^[ \t\r\n]*null[ \t\r\n]*$"


@dataclass(frozen=True, kw_only=True)
class ConversionContext:
    """Parameters of a conversion.

    The cutover is that of a table with such a column, likewise the updates that are UTC. The time
    of the migration is in microseconds since 1970 UTC. ``parents`` has for each referenced table
    the ids of the source that exist, ``ids`` for each table their mapping to the target. Listed ids
    that are unknown are dropped or stay.
    """

    converter: TimezoneConverter
    cutover: UtcCutover | None
    updates: UtcUpdates | None
    owner_id: int
    migrated_at: int
    parents: Mapping[str, NDArray[np.int32]]
    ids: Mapping[str, IdMap] = field(default_factory=dict)
    drop_unknown_ids: bool = False

    def ids_of(self, table: str | None) -> IdMap:
        """Return the mapping of a table's ids."""
        return self.ids.get(str(table), IdMap())


@dataclass(frozen=True)
class ConvertedBatch:
    """A batch for the target and its adjusted values (schema ``REPAIRS_SCHEMA``)."""

    batch: pa.RecordBatch
    repairs: pa.Table


def arrow_schema(columns: tuple[Column, ...]) -> pa.Schema:
    """Return the Arrow schema of a batch of these target columns."""
    return pa.schema([(column.name, ARROW_TYPES[column.kind]) for column in columns])


def convert_batch(
    batch: pa.RecordBatch,
    contract: Contract,
    context: ConversionContext,
    *,
    fill_missing: bool = True,
) -> ConvertedBatch:
    """Convert one batch of a source table, with columns as ``SnapshotTable.batches`` yields them.

    ``fill_missing`` makes a missing time that the target requires the time of the migration. A
    merge leaves it NULL, since an existing row keeps the time that it has.
    """
    conversion = _BatchConversion(batch, contract, context, fill_missing)
    arrays = [conversion.column(column) for column in contract.columns]
    return ConvertedBatch(
        pa.record_batch(arrays, schema=arrow_schema(contract.columns)),
        pa.concat_tables([REPAIRS_SCHEMA.empty_table(), *conversion.repairs]),
    )


@dataclass
class _BatchConversion:
    """The conversion of one batch; keeps instants that the rules of several columns need."""

    rows: pa.RecordBatch
    contract: Contract
    context: ConversionContext
    fill_missing: bool
    repairs: list[pa.Table] = field(default_factory=list)
    _known_instants: dict[str, timestamps.Instants] = field(default_factory=dict)

    def column(self, column: Column) -> pa.Array:
        if column.from_source and column.kind is Kind.TIMESTAMP:
            return self._timestamp(column)
        match column.rule:
            case Rule.OWNER:
                return self._constant(self.context.owner_id, column)
            case Rule.MIGRATED_AT:
                return self._constant(self.context.migrated_at, column)
            case Rule.EMPTY:
                return pa.nulls(self.rows.num_rows, ARROW_TYPES[column.kind])
            case Rule.ID:
                return self._to_target(self.rows.column(column.name), self.contract.table)
            case Rule.PARENT:
                return self._parent(column)
            case Rule.ID_LIST:
                return self._id_lists(column)
        return self._copied(column)

    def _copied(self, column: Column) -> pa.Array:
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
        parents = self.context.parents[str(column.references)]
        exists = np.isin(pc.fill_null(values, 0).to_numpy(), parents)
        orphans = ~exists & timestamps.to_mask(pc.is_valid(values))
        self._record(column, ORPHAN_PARENT, orphans, values, pa.nulls(len(values), pa.string()))
        found = pc.if_else(pa.array(orphans), None, values)
        return self._to_target(found, str(column.references))

    def _to_target(self, ids: pa.Array, table: str) -> pa.Array:
        """Return the ids in the target of rows of a table, as integers."""
        mapping = self.context.ids_of(table)
        if self.context.drop_unknown_ids or not mapping.is_identity:
            targets, known = mapping.to_target(pc.fill_null(ids, 0).to_numpy())
            absent = timestamps.to_mask(ids.is_null())
            if self.context.drop_unknown_ids and not (known | absent).all():
                # Its own id may be that of another source's row.
                raise TargetError(f"Rows of {table} have no id in the target; start a new run.")
            ids = pa.array(targets, mask=absent)
        return ids.cast(ARROW_TYPES[Kind.INTEGER])

    def _id_lists(self, column: Column) -> pa.Array:
        values, mapping = self._copied(column), self.context.ids_of(column.lists)
        if mapping.is_identity and not self.context.drop_unknown_ids:
            return values
        lists = id_lists.map_id_lists(values, mapping, drop_unknown=self.context.drop_unknown_ids)
        self._record(column, id_lists.UNKNOWN_ID, lists.with_unknown, values, lists.values)
        self._record(column, id_lists.NO_ID_LIST, lists.not_lists, values, lists.values)
        return lists.values

    def _timestamp(self, column: Column) -> pa.Array:
        instants = self._instants(column)
        times = pa.array(instants.utc, mask=~instants.present).cast(pa.timestamp("us"))
        raw = self.rows.column(column.name)
        for rule, where in instants.notes.items():
            if where.any():
                self._record(column, rule, where, raw, times.cast(pa.string()))
        if not column.filled or instants.present.all():
            return times
        filled = pc.fill_null(times, pa.scalar(self.context.migrated_at, pa.timestamp("us")))
        missing = ~instants.present
        self._record(column, MISSING_TIMESTAMP, missing, raw, filled.cast(pa.string()))
        return filled if self.fill_missing else times

    def _instants(self, column: Column) -> timestamps.Instants:
        """Return the instants of a column, computed once for all columns whose rule needs them."""
        if column.name not in self._known_instants:
            self._known_instants[column.name] = self._to_instants(column)
        return self._known_instants[column.name]

    def _to_instants(self, column: Column) -> timestamps.Instants:
        converter = self.context.converter
        cutover, updates = self.context.cutover, self.context.updates
        parsed = timestamps.parse_times(self.rows.column(column.name))
        local, notes = None, {}
        if column.rule is Rule.UTC_UNTIL_TOUCHED and updates is not None:
            created = self.contract.column("created_at")
            assert created is not None  # noqa: S101
            local, notes = updates.local(self.ids, parsed, self._instants(created)), updates.notes
        elif column.rule is Rule.UTC_UNTIL_CUTOVER and cutover is not None:
            local, notes = cutover.local(self.ids, parsed, converter), cutover.notes
        instants = timestamps.to_instants(parsed, column.rule, converter, local)
        instants.note(self.ids, notes)
        return instants

    def _record(
        self, column: Column, rule: str, where: Mask, raw: pa.Array, written: pa.Array
    ) -> None:
        if not where.any():
            return
        count = int(where.sum())
        adjusted = pa.array(where)
        self.repairs.append(
            pa.Table.from_arrays(
                [
                    pa.array(self.ids[where]),
                    pa.repeat(column.name, count),
                    pa.repeat(rule, count),
                    raw.filter(adjusted).cast(pa.string()),
                    written.filter(adjusted),
                ],
                schema=REPAIRS_SCHEMA,
            )
        )
