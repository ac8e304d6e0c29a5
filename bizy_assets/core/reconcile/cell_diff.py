"""Compares every cell of a loaded table with its snapshot, by a second reading of both.

Nothing that the load did is taken for granted but what it wrote down about itself: the snapshot,
the zone and the switch, when it was, and the times that it gave to rows without one. Columns that
the migration makes itself are compared with what it makes; the owner has a check of its own.

Times are a second opinion in a stricter sense: ``rereading`` finds their instants without the
load's clock. It shares the zone's rules, the parsing of texts and the decision which of a column's
rows are local; all other cells share the load's conversion, ``converting``.
"""

import time
from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from bizy_assets.core.common import CheckResult, IdSet, Prefetcher, Progress
from bizy_assets.core.contracts import Column, Contract
from bizy_assets.core.reconcile.cells import describe_cells, differing_cells
from bizy_assets.core.reconcile.row_streams import (
    TargetRows,
    actual_values,
    compared_columns,
    expected_values,
    ids_of,
    source_batches,
)
from bizy_assets.core.state import LedgerStates, LoadContext, TableLoad
from bizy_assets.core.transform import Ids

CONTENT = "content"

SHOWN = 20
"""How many differences are shown with their values."""

NO_ROW = "no such row"
SEVERAL_ROWS = "several rows"

_AHEAD = 2
"""How many batches of the snapshot may wait to be compared."""


@dataclass(frozen=True)
class Difference:
    """A cell that is not what it should be, its values in a form to be shown."""

    id: int
    column: str
    source: str
    target: str


@dataclass
class Differences:
    """Cells that are not what the snapshot says.

    Attributes:
        ids: For each column, the rows where it differs; under ``id`` the missing rows.
        first: The first of them, by id.
    """

    ids: dict[str, IdSet] = field(default_factory=lambda: defaultdict(IdSet))
    first: list[Difference] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many cells differ; a missing row counts once."""
        return sum(map(len, self.ids.values()))


@dataclass
class CellDiff:
    """What comparing a table found.

    Attributes:
        states: Which rows the load did not leave as it would have written them.
        rows: Rows of the snapshot.
        cells: Cells that were compared.
        wrong: Differences that nothing explains.
        drift: Differences of rows that the load found edited or deleted, and left so.
        seconds: How long it took.
    """

    states: LedgerStates
    rows: int = 0
    cells: int = 0
    wrong: Differences = field(default_factory=Differences)
    drift: Differences = field(default_factory=Differences)
    seconds: float = 0.0

    def add(self, contract: Contract, expected: pa.RecordBatch, actual: pa.Table | None) -> None:
        """Compares a batch of the snapshot's rows with PostgreSQL's rows of the same ids."""
        self.rows += expected.num_rows
        ids = ids_of(expected)
        if actual is None:
            self._missing(ids)
            return
        actual, several = _unique(actual)
        there = np.isin(ids, ids_of(actual))
        self._missing(ids[~there])
        _blame_rows(self.wrong, several, SEVERAL_ROWS)
        if not there.all():
            expected = expected.filter(pa.array(there))
        for column in compared_columns(contract):
            self._compare(column, expected, actual)
        for differences in (self.wrong, self.drift):
            order = [column.name for column in compared_columns(contract)]
            differences.first.sort(key=lambda cell: (cell.id, order.index(cell.column)))
            del differences.first[SHOWN:]

    def _missing(self, ids: Ids) -> None:
        deleted = np.isin(ids, self.states.deleted.array())
        _blame_rows(self.drift, ids[deleted], NO_ROW)
        _blame_rows(self.wrong, ids[~deleted], NO_ROW)

    def _compare(self, column: Column, expected: pa.RecordBatch, actual: pa.Table) -> None:
        """Compares a column of the same rows."""
        wanted, have = expected_values(column, expected, actual), actual_values(column, actual)
        mask = differing_cells(column.kind, wanted, have)
        self.cells += len(mask)
        if not mask.any():
            return
        places = np.flatnonzero(mask)
        ids = ids_of(expected)[places]
        if not column.from_source:
            # What the migration would have made stands there only where it wrote the row.
            places = places[~np.isin(ids, self.states.found.array())]
            ids = ids_of(expected)[places]
        edited = np.isin(ids, self.states.edited.array())
        for differences, chosen in ((self.drift, edited), (self.wrong, ~edited)):
            if chosen.any():
                differences.ids[column.name].add(ids[chosen])
            differences.first += [
                Difference(number, column.name, *describe_cells(column.kind, wanted[at], have[at]))
                for number, at in zip(
                    ids[chosen][:SHOWN].tolist(), places[chosen][:SHOWN].tolist(), strict=True
                )
            ]


def compare_cells(connection: sa.Connection, known: LoadContext) -> CellDiff:
    """Compares a table with the snapshot that it was loaded from.

    Args:
        connection: In a transaction; what it has not committed itself is not seen.
        known: What the table is held against.

    Raises:
        SnapshotError: The snapshot is gone or altered.
        TargetError: PostgreSQL cannot be reached or refuses.
    """
    started = time.monotonic()
    contract, load, census = known.contract, known.load, known.census
    found = CellDiff(states=known.states)
    progress = Progress(f"{load.table} compared", census.tables[load.table].valid_row_count)
    rows = source_batches(contract, load.run, census.valid_rows(contract), known.parents)
    with (
        Prefetcher(rows, _AHEAD) as batches,
        closing(TargetRows(connection, contract, load)) as target,
    ):
        for expected in batches:
            found.add(contract, expected, target.take(ids_of(expected)))
            progress.add(expected.num_rows)
    found.seconds = time.monotonic() - started
    return found


def check_content(found: CellDiff, load: TableLoad) -> CheckResult:
    """Every cell of every row of the snapshot is in PostgreSQL as it should be, to the last bit.

    Warns of cells that were edited and rows that were deleted in PostgreSQL, and left so.
    """
    verdict = CheckResult(
        check=CONTENT,
        summary=f"All {found.cells:,} cells of {found.rows:,} rows are what the snapshot says, "
        f"read in {load.run.zone}.",
        figures={
            "cells compared": found.cells,
            "differences": found.wrong.count,
            "drift": found.drift.count,
        },
    )
    for name, ids in found.wrong.ids.items():
        verdict.blame("missing in PostgreSQL" if name == "id" else f"with another {name}", ids)
    for name, ids in found.drift.ids.items():
        done = "deleted in PostgreSQL" if name == "id" else f"edited in PostgreSQL, in {name}"
        verdict.blame(f"{done}, and left so", ids, warning=True)
    for title, differences in (("first differences", found.wrong), ("first drift", found.drift)):
        if differences.first:
            verdict.tables[title] = [
                {
                    "id": cell.id,
                    "column": cell.column,
                    "source value": cell.source,
                    "target value": cell.target,
                }
                for cell in differences.first
            ]
    return verdict


def _blame_rows(differences: Differences, ids: Ids, target: str) -> None:
    """Notes rows as a whole."""
    if len(ids):
        differences.ids["id"].add(ids)
    differences.first += [
        Difference(number, "id", str(number), target) for number in ids[:SHOWN].tolist()
    ]


def _unique(rows: pa.Table) -> tuple[pa.Table, Ids]:
    """Leaves one row of each id, and returns which ids there were several of."""
    ids = ids_of(rows)
    again = np.flatnonzero(np.diff(ids) == 0) + 1
    if not len(again):
        return rows, ids[:0]
    return rows.take(np.setdiff1d(np.arange(len(ids)), again)), np.unique(ids[again])
