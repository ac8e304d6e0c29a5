"""A table's good rows on their way from the snapshot: read and converted, batch by batch."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from bizy_assets.core.common import IdSet
from bizy_assets.core.contracts import BY_TABLE
from bizy_assets.core.state import TableLoad, existing_parents, utc_naive, validation_of_load
from bizy_assets.core.transform import (
    REPAIRS_SCHEMA,
    ConversionContext,
    TimezoneConverter,
    arrow_schema,
    convert_batch,
    find_cutover,
)


class RowStream:
    """The rows of one load.

    Attributes:
        census: What the load sees of the snapshot.
        parents: For each referenced table, the ids that can be parents.
        schema: Of the batches.
    """

    def __init__(self, connection: sa.Connection, load: TableLoad) -> None:
        self.contract = BY_TABLE[load.table]
        self.load = load
        self.schema = arrow_schema(self.contract.columns)
        self.census = validation_of_load(connection, load)
        self.parents = existing_parents(connection, self.census, self.contract)
        self._repairs = [REPAIRS_SCHEMA.empty_table()]

    @property
    def repairs(self) -> pa.Table:
        """What was changed rather than copied, of the rows that have passed."""
        return pa.concat_tables(self._repairs)

    def batches(self, *, fill: bool, only: IdSet | None = None) -> Iterator[pa.RecordBatch]:
        """Yields the batches for the target; runs in the thread that feeds COPY.

        Args:
            fill: Whether missing times are filled in here.
            only: Ids of the rows to yield, where not all.
        """
        run = self.load.run
        clock = TimezoneConverter(ZoneInfo(run.zone))
        table = self.census.valid_rows(self.contract)
        migrated_at = np.datetime64(utc_naive(self.load.loaded_at), "us")
        by = ConversionContext(
            clock=clock,
            switch=find_cutover(table, clock, run.tasks_local_since),
            owner_id=run.user_id,
            migrated_at=int(migrated_at.astype(np.int64)),
            fill=fill,
            parents={name: ids.array() for name, ids in self.parents.items()},
        )
        for batch in self.census.valid_rows(self.contract, only).batches():
            converted = convert_batch(batch, self.contract, by)
            self._repairs.append(converted.repairs)
            yield converted.batch
