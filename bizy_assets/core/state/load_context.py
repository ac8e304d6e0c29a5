"""The inputs of a load, assembled once for the load, its audit and its checks.

The parent of a row is a valid row of the same snapshot that PostgreSQL has. A row that was deleted
in PostgreSQL after its migration is not a parent, and neither is one that was never migrated.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np
import sqlalchemy as sa

from bizy_assets.core.common import IdPolicy, IdSet
from bizy_assets.core.contracts import BY_TABLE, Contract, Rule
from bizy_assets.core.postgres import Intervals, ids_where
from bizy_assets.core.source import Snapshot, SnapshotTable
from bizy_assets.core.state import row_log, sources
from bizy_assets.core.state.fingerprint import is_of_this_release
from bizy_assets.core.state.id_ranges import SourceIds, read_ids
from bizy_assets.core.state.ledger import ledger_states
from bizy_assets.core.state.runs import TableLoad, latest_loads, utc_naive
from bizy_assets.core.target import TARGET_TABLES
from bizy_assets.core.transform import (
    ConversionContext,
    IdMap,
    TimezoneConverter,
    UtcUpdates,
    converter_of,
    find_cutover,
    find_utc_updates,
    timestamps,
)
from bizy_assets.core.validation import TableValidation, ValidationResult, validate


@dataclass(frozen=True, kw_only=True)
class LoadContext:
    """The inputs of one table's load, past or present.

    The validation is that of the whole snapshot, with skipped rows rejected. ``ids`` are those of
    the source's rows in the target. ``parents`` has for each referenced table the ids in the source
    that can be parents, ``updates`` the update times that are UTC.
    """

    contract: Contract
    load: TableLoad
    validation: ValidationResult
    ids: SourceIds
    parents: Mapping[str, IdSet]
    updates: UtcUpdates | None

    @property
    def table_validation(self) -> TableValidation:
        """Validation of this table."""
        return self.validation.tables[self.contract.table]

    @property
    def table_ids(self) -> IdMap:
        """The ids of this table's rows."""
        return self.ids.of(self.contract.table)

    @property
    def within(self) -> Intervals:
        """A few intervals with all ids of this table's rows in the target."""
        return self.table_ids.intervals()

    def rows(self, only: IdSet | None = None) -> SnapshotTable:
        """Return the table's valid rows in the snapshot, or only those with some ids there."""
        return self.validation.valid_rows(self.contract, only)

    @cached_property
    def conversion(self) -> ConversionContext:
        """Parameters of the conversion; finding the UTC cutover reads the snapshot once."""
        run, converter = self.load.run, _converter(self.load)
        migrated_at = np.datetime64(utc_naive(self.load.loaded_at), "us")
        return ConversionContext(
            converter=converter,
            cutover=find_cutover(self.rows(), converter, run.tasks_local_since),
            updates=self.updates,
            owner_id=run.user_id,
            migrated_at=int(migrated_at.astype(np.int64)),
            parents={table: ids.array() for table, ids in self.parents.items()},
            ids=self.ids.by_table,
            drop_unknown_ids=run.source.id_policy is IdPolicy.MOVE,
        )


def build_load_context(connection: sa.Connection, load: TableLoad) -> LoadContext:
    """Assemble the inputs of a load, past or present, in the caller's transaction.

    Raises:
        SnapshotError: The snapshot is missing or was altered.
    """
    contract = BY_TABLE[load.table]
    source = load.run.source
    loads = latest_loads(connection, contract.loaded_after, source.id)
    skipped = {other.table: other.skipped for other in loads}
    validation = validation_of(connection, load.snapshot, source.key)
    validation = validation.without({**skipped, load.table: load.skipped})
    ids = read_ids(connection, source.id)
    parents = {
        table: existing - _lost(connection, BY_TABLE[table], ids, source.user_id)
        for table, existing in parents_in_snapshot(validation, contract).items()
    }
    updates = None
    if any(column.rule is Rule.UTC_UNTIL_TOUCHED for column in contract.columns):
        updates = _find_updates(connection, load, validation)
    return LoadContext(
        contract=contract,
        load=load,
        validation=validation,
        ids=ids,
        parents=parents,
        updates=updates,
    )


def _lost(connection: sa.Connection, contract: Contract, ids: SourceIds, owner_id: int) -> IdSet:
    """Return the ids in the source of rows that PostgreSQL lost, or gave to another owner."""
    table = TARGET_TABLES[contract.table]
    states = ledger_states(connection, contract, ids)
    is_foreign = {"foreign": table.c.user_id != owner_id}
    foreign = ids_where(connection, table, is_foreign, within=ids.within(contract.table))["foreign"]
    return ids.of(contract.table).sources(states.deleted | (foreign & states.entries))


def _find_updates(
    connection: sa.Connection, load: TableLoad, validation: ValidationResult
) -> UtcUpdates:
    return find_utc_updates(
        validation.valid_rows(BY_TABLE[load.table]),
        validation.valid_rows(BY_TABLE["tasks"]),
        _converter(load),
        tasks_local_since=load.run.tasks_local_since,
        taken_at=load.snapshot.taken_at,
        sightings=row_log.first_sightings(connection, load, timestamps.UPDATE_IN_UTC),
    )


def _converter(load: TableLoad) -> TimezoneConverter:
    return converter_of(ZoneInfo(load.run.zone))


def parents_in_snapshot(validation: ValidationResult, contract: Contract) -> dict[str, IdSet]:
    """Return for each table that a contract references the ids of its valid rows."""
    tables = {str(column.references) for column in contract.parents}
    return {table: validation.valid_ids(BY_TABLE[table]) for table in tables}


def validation_of(connection: sa.Connection, snapshot: Snapshot, key: str) -> ValidationResult:
    """Return the validation of a snapshot; scan it only where no earlier load proves it valid.

    Reads the target's records of the source with the key, in the caller's transaction, once for a
    snapshot.

    Raises:
        SnapshotError: The snapshot is missing or was altered.
    """
    if snapshot not in _VALIDATED:
        result = _validate_once(connection, snapshot, key)
        _VALIDATED.clear()
        _VALIDATED[snapshot] = result
    return _VALIDATED[snapshot]


_VALIDATED: dict[Snapshot, ValidationResult] = {}
"""The result of the last snapshot, whose bytes stay the same."""


def _validate_once(connection: sa.Connection, snapshot: Snapshot, key: str) -> ValidationResult:
    source = sources.find_source(connection, key)
    known = {
        load.table: load.counts
        for load in latest_loads(connection, BY_TABLE, source.id if source else 0)
        if load.snapshot.sha256 == snapshot.sha256 and is_of_this_release(load)
    }
    if known.keys() == BY_TABLE.keys() and not any(c.rejected for c in known.values()):
        rows = {table: known[table].source_rows for table in BY_TABLE}
        return ValidationResult.without_violations(snapshot, rows, reused=True)
    return validate(snapshot)
