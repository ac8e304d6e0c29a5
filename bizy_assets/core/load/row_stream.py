"""The valid rows of a snapshot's table, read and converted batch by batch."""

from collections.abc import Iterator

import pyarrow as pa

from bizy_assets.core.common import IdSet
from bizy_assets.core.state import LoadContext
from bizy_assets.core.transform import REPAIRS_SCHEMA, arrow_schema, convert_batch


class RowStream:
    """Converted rows for COPY, and the adjusted values of the batches read so far."""

    def __init__(self, context: LoadContext) -> None:
        self.schema = arrow_schema(context.contract.columns)
        self._context = context
        self._repairs = [REPAIRS_SCHEMA.empty_table()]

    @property
    def repairs(self) -> pa.Table:
        """The adjusted values so far (schema ``REPAIRS_SCHEMA``)."""
        return pa.concat_tables(self._repairs)

    def batches(self, *, fill_missing: bool, only: IdSet | None = None) -> Iterator[pa.RecordBatch]:
        """Yield the batches, or those of some ids; runs in the thread that feeds COPY.

        The ids are those of the target. ``fill_missing`` is that of ``convert_batch``.
        """
        context = self._context
        contract, conversion = context.contract, context.conversion
        in_source = None if only is None else context.table_ids.sources(only)
        for batch in context.rows(in_source).batches():
            converted = convert_batch(batch, contract, conversion, fill_missing=fill_missing)
            self._repairs.append(converted.repairs)
            yield converted.batch
