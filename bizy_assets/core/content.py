"""Compares every cell of a loaded table with its snapshot, by a second reading of both.

Nothing that the load did is taken for granted but what it wrote down about itself: the snapshot,
the zone and the switch, when it was, and the times that it gave to rows without one. Columns that
the migration makes itself are compared with what it makes; the owner has a check of its own.

Times are a second opinion in a stricter sense: ``rereading`` finds their instants without the
load's clock. It shares the zone's rules, the parsing of texts and the decision which of a column's
rows are local; all other cells share the load's conversion, ``converting``.
"""

import time
from contextlib import closing
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from bizy_assets.core import comparing, sides
from bizy_assets.core.ahead import Ahead
from bizy_assets.core.auditing import Verdict
from bizy_assets.core.contracts import BY_TABLE, Column, Contract
from bizy_assets.core.idsets import IdSet
from bizy_assets.core.journal import Load
from bizy_assets.core.sides import TargetRows, ids_of
from bizy_assets.core.switch import Ids

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
class Content:
    """What comparing a table found.

    Attributes:
        rows: Rows of the snapshot.
        cells: Cells that were compared.
        differing: For each column, the rows where it differs; under ``id`` the missing rows.
        first: The first differences, by id.
        seconds: How long it took.
    """

    rows: int = 0
    cells: int = 0
    differing: dict[str, IdSet] = field(default_factory=dict)
    first: list[Difference] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def differences(self) -> int:
        """How many cells differ; a missing row counts once."""
        return sum(map(len, self.differing.values()))

    def add(self, contract: Contract, expected: pa.RecordBatch, actual: pa.Table | None) -> None:
        """Compares a batch of the snapshot's rows with PostgreSQL's rows of the same ids."""
        self.rows += expected.num_rows
        ids = ids_of(expected)
        if actual is None:
            self._show(self._blame_rows(ids, NO_ROW))
            return
        actual, several = _unique(actual)
        there = np.isin(ids, ids_of(actual))
        cells = self._blame_rows(ids[~there], NO_ROW) + self._blame_rows(several, SEVERAL_ROWS)
        if not there.all():
            expected = expected.filter(pa.array(there))
        for column in sides.compared(contract):
            cells += self._compare(column, expected, actual)
        self._show(cells)

    def _blame_rows(self, ids: Ids, target: str) -> list[Difference]:
        """Notes rows as a whole, and returns the first."""
        self.differing["id"].add(ids)
        return [Difference(number, "id", str(number), target) for number in ids[:SHOWN].tolist()]

    def _compare(
        self, column: Column, expected: pa.RecordBatch, actual: pa.Table
    ) -> list[Difference]:
        """Compares a column of the same rows, and returns the first differences."""
        wanted, have = sides.wanted(column, expected, actual), sides.found(column, actual)
        mask = comparing.differing(column.kind, wanted, have)
        self.cells += len(mask)
        if not mask.any():
            return []
        ids = ids_of(expected)[mask]
        self.differing[column.name].add(ids)
        places = np.flatnonzero(mask)[: SHOWN - len(self.first)]
        return [
            Difference(number, column.name, *comparing.shown(column.kind, wanted[at], have[at]))
            for number, at in zip(ids.tolist(), places.tolist(), strict=False)
        ]

    def _show(self, cells: list[Difference]) -> None:
        """Keeps the first differences; batches come by ascending id."""
        order = list(self.differing)
        cells.sort(key=lambda cell: (cell.id, order.index(cell.column)))
        self.first += cells[: SHOWN - len(self.first)]


def compare(connection: sa.Connection, load: Load) -> Content:
    """Compares a table with the snapshot that it was loaded from.

    Args:
        connection: In a transaction; what it has not committed itself is not seen.
        load: The table's last load.

    Raises:
        SnapshotError: The snapshot is gone or altered.
        TargetError: PostgreSQL cannot be reached or refuses.
    """
    started = time.monotonic()
    contract = BY_TABLE[load.table]
    found = Content(differing={column.name: IdSet() for column in sides.compared(contract)})
    with (
        Ahead(sides.source_rows(contract, load), _AHEAD) as batches,
        closing(TargetRows(connection, contract, load)) as target,
    ):
        for expected in batches:
            found.add(contract, expected, target.take(ids_of(expected)))
    found.seconds = time.monotonic() - started
    return found


def judge(found: Content, load: Load) -> Verdict:
    """Every cell of every row of the snapshot is in PostgreSQL as it should be, to the last bit."""
    verdict = Verdict(
        check=CONTENT,
        summary=f"All {found.cells:,} cells of {found.rows:,} rows are what the snapshot says, "
        f"read in {load.zone}.",
        figures={"cells compared": found.cells, "differences": found.differences},
    )
    for name, ids in found.differing.items():
        verdict.blame("missing in PostgreSQL" if name == "id" else f"with another {name}", ids)
    if found.first:
        verdict.tables["first differences"] = [
            {
                "id": cell.id,
                "column": cell.column,
                "source value": cell.source,
                "target value": cell.target,
            }
            for cell in found.first
        ]
    return verdict


def _unique(rows: pa.Table) -> tuple[pa.Table, Ids]:
    """Leaves one row of each id, and returns which ids there were several of."""
    ids = ids_of(rows)
    again = np.flatnonzero(np.diff(ids) == 0) + 1
    if not len(again):
        return rows, ids[:0]
    return rows.take(np.setdiff1d(np.arange(len(ids)), again)), np.unique(ids[again])
