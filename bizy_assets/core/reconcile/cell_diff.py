"""The check ``content``: compare every value of a loaded table with its snapshot.

Both sides are read again. The comparison relies only on the records of the load: the snapshot, the
zone and the UTC cutover, its time, and the times that it gave to rows without one. Columns that
only the migration fills are compared with its values. The owner has a check of its own.

Times are verified independently, see ``independent_times``. All other values share the load's
conversion, ``transform.convert``.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from bizy_assets.core.common import CheckResult, IdSet, Prefetcher, Progress, quantity
from bizy_assets.core.contracts import Column, Contract
from bizy_assets.core.postgres import open_reader
from bizy_assets.core.reconcile import remedies, row_streams
from bizy_assets.core.reconcile.cells import describe_cells, differing_cells
from bizy_assets.core.reconcile.evidence import NO_ROWS
from bizy_assets.core.state import LoadContext, ledger
from bizy_assets.core.transform import Ids, timestamps

CONTENT = "content"

SHOWN = 20
"""Number of differences that are shown with their values."""

FIRST_DIFFERENCES = "first differences"
"""Title of the table with the first values that differ, unless edits explain them."""

NO_ROW = "no such row"
SEVERAL_ROWS = "several rows"

_PREFETCHED = 2
"""Number of batches of the snapshot that may wait to be compared."""


@dataclass(frozen=True)
class Difference:
    """A value that differs, in a form to be shown."""

    id: int
    column: str
    source: str
    target: str


@dataclass
class Differences:
    """Values that differ from the snapshot: for each column the rows, and the first values by id.

    Missing rows are under ``id``.
    """

    ids: dict[str, IdSet] = field(default_factory=lambda: defaultdict(IdSet))
    first: list[Difference] = field(default_factory=list)

    @property
    def count(self) -> int:
        """Number of differing values; a missing row counts once."""
        return sum(map(len, self.ids.values()))

    def add_rows(self, ids: Ids, target: str) -> None:
        """Add rows that differ as a whole."""
        if len(ids):
            self.ids["id"].add(ids)
        self.first += [
            Difference(number, "id", str(number), target) for number in ids[:SHOWN].tolist()
        ]

    def add_values(self, column: str, ids: Ids, values: list[tuple[str, str]]) -> None:
        """Add differing values of a column, the first of them with their values to show."""
        if len(ids):
            self.ids[column].add(ids)
        self.first += [
            Difference(number, column, *shown)
            for number, shown in zip(ids[:SHOWN].tolist(), values, strict=True)
        ]

    def keep_first(self, order: list[str]) -> None:
        """Restrict the differences shown to the first by id and column order."""
        self.first.sort(key=lambda cell: (cell.id, order.index(cell.column)))
        del self.first[SHOWN:]


@dataclass
class CellDiff:
    """The result of comparing a table: numbers of rows of the snapshot and of compared values.

    Differences are ``wrong`` unless the load found the row edited or deleted in PostgreSQL.
    """

    states: ledger.LedgerStates
    rows: int = 0
    cells: int = 0
    wrong: Differences = field(default_factory=Differences)
    edited: Differences = field(default_factory=Differences)
    seconds: float = 0.0

    def add(self, contract: Contract, expected: pa.RecordBatch, actual: pa.Table | None) -> None:
        """Compare a batch of the snapshot's rows with PostgreSQL's rows of the same ids."""
        self.rows += expected.num_rows
        ids = row_streams.ids_of(expected)
        if actual is None:
            self._add_missing(ids)
            return
        actual, repeated = _without_repeated_ids(actual)
        exists = np.isin(ids, row_streams.ids_of(actual))
        self._add_missing(ids[~exists])
        self.wrong.add_rows(repeated, SEVERAL_ROWS)
        if not exists.all():
            expected = expected.filter(pa.array(exists))
        columns = row_streams.compared_columns(contract)
        for column in columns:
            self._compare(column, expected, actual)
        for differences in (self.wrong, self.edited):
            differences.keep_first([column.name for column in columns])

    def _add_missing(self, ids: Ids) -> None:
        deleted = np.isin(ids, self.states.deleted.array())
        self.edited.add_rows(ids[deleted], NO_ROW)
        self.wrong.add_rows(ids[~deleted], NO_ROW)

    def _compare(self, column: Column, expected: pa.RecordBatch, actual: pa.Table) -> None:
        source = row_streams.expected_values(column, expected, actual)
        target = row_streams.actual_values(column, actual)
        integers = row_streams.inexact_integers(column, expected)
        differs = differing_cells(column.kind, source, target)
        differs |= timestamps.to_mask(integers.is_valid())
        self.cells += len(differs)
        if not differs.any():
            return
        positions = np.flatnonzero(differs)
        ids = row_streams.ids_of(expected)[positions]
        if not column.from_source:
            # The row has the migration's own values only where the migration wrote it.
            written = ~np.isin(ids, self.states.matched.array())
            positions, ids = positions[written], ids[written]
        edited = np.isin(ids, self.states.edited.array())
        for differences, chosen in ((self.edited, edited), (self.wrong, ~edited)):
            shown = [
                describe_cells(
                    column.kind,
                    integers[at] if integers[at].is_valid else source[at],
                    target[at],
                )
                for at in positions[chosen][:SHOWN].tolist()
            ]
            differences.add_values(column.name, ids[chosen], shown)


@contextmanager
def comparison(
    connection: sa.Connection, context: LoadContext, states: ledger.LedgerStates
) -> Iterator[Callable[[], CellDiff]]:
    """Compare a table with the snapshot that it was loaded from while a block runs.

    The block calls what it gets for the result, at its end. It may use the connection: many rows
    come by another one, and another thread compares them. If the block fails, that is stopped.
    Few rows are compared when the result is called for.
    Uncommitted changes of the connection's own transaction are not seen.

    Raises:
        SnapshotError: The snapshot is missing or was altered.
        TargetError: PostgreSQL cannot be reached or refuses a statement.
    """
    diff, stopped = CellDiff(states=states), threading.Event()
    if not context.rows().has_rows:
        yield lambda: diff
        return
    rows = context.table_validation.valid_row_count
    is_separate = open_reader(connection, expected_rows=rows)
    with (
        ThreadPoolExecutor(1) as pool,
        closing(row_streams.TargetRows(connection, context)) as target,
    ):
        if not is_separate:
            yield lambda: _compare_all(diff, context, target, stopped)
            return
        target.start()
        compared = pool.submit(_compare_all, diff, context, target, stopped)
        try:
            yield compared.result
        finally:
            stopped.set()
            wait([compared])


def _compare_all(
    diff: CellDiff,
    context: LoadContext,
    target: row_streams.TargetRows,
    stopped: threading.Event,
) -> CellDiff:
    started = time.monotonic()
    contract, rows = context.contract, context.table_validation.valid_row_count
    progress = Progress(f"{contract.table} compared", rows)
    with Prefetcher(row_streams.source_batches(context), _PREFETCHED) as batches:
        for expected in batches:
            if stopped.is_set():
                break
            diff.add(contract, expected, target.take(row_streams.ids_of(expected)))
            progress.add(expected.num_rows)
    diff.seconds = time.monotonic() - started
    return diff


def check_content(diff: CellDiff, context: LoadContext) -> CheckResult:
    """Every value in PostgreSQL is what the snapshot's value converts to, to the last bit.

    Warns of values that were edited and of rows that were deleted in PostgreSQL.
    """
    result = CheckResult(
        check=CONTENT,
        summary=f"All {quantity(diff.cells, 'value')} in {quantity(diff.rows, 'row')} match the "
        f"snapshot (local times read in {context.load.run.zone})."
        if diff.rows
        else NO_ROWS,
        figures={
            "cells compared": diff.cells,
            "differences": diff.wrong.count,
            "edited values": diff.edited.count,
        },
        label=context.table_ids.label,
    )
    _add_wrong(diff, result)
    for name, ids in diff.edited.ids.items():
        if name == "id":
            key, change, kept = "deleted in PostgreSQL", "deleted in PostgreSQL", "deletions"
        else:
            key, kept = f"edited in PostgreSQL, in {name}", "edits"
            change = f"edited in PostgreSQL in column {name}"
        result.add_rows(
            f"{key}, and left so", ids, f"was {change}", note=f"{kept} are preserved", warning=True
        )
    for title, differences in (
        (FIRST_DIFFERENCES, diff.wrong),
        ("first edited values", diff.edited),
    ):
        if differences.first:
            result.tables[title] = [
                {
                    "id": cell.id,
                    **_id_in_source(context, cell.id),
                    "column": cell.column,
                    "source value": cell.source,
                    "target value": cell.target,
                }
                for cell in differences.first
            ]
    return result


def _add_wrong(diff: CellDiff, result: CheckResult) -> None:
    for name, ids in diff.wrong.ids.items():
        if name == "id":
            key = "missing in PostgreSQL"
            result.add_rows(key, ids, f"is {key}", cure=remedies.for_missing_rows)
        else:
            result.add_rows(
                f"with another {name}",
                ids,
                f"has a different {name}",
                cure=remedies.for_changed_values,
            )


def _id_in_source(context: LoadContext, id_: int) -> dict[str, str | int]:
    """Return a row's id in Bizy for a table of differences, if ids differ."""
    if context.table_ids.is_identity:
        return {}
    found, _ = context.table_ids.to_source(np.array([id_], dtype=np.int64))
    return {"id in Bizy": int(found[0])}


def _without_repeated_ids(rows: pa.Table) -> tuple[pa.Table, Ids]:
    """Return one row of each id, and the ids of which there are several."""
    ids = row_streams.ids_of(rows)
    repeated = np.flatnonzero(np.diff(ids) == 0) + 1
    if not len(repeated):
        return rows, ids[:0]
    return rows.take(np.setdiff1d(np.arange(len(ids)), repeated)), np.unique(ids[repeated])
