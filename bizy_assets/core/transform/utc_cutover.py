"""Decides how ``tasks.created_at`` is read around the moment when Bizy's clock switched.

Before that moment Bizy wrote UTC, after it local time, and a text does not say which. Far from
the moment only one reading is possible. Within a zone's offset of it both are, west of
Greenwich, or neither, east of it. Tasks are numbered in the order in which they were made, so
among the rows that could be either there is one place in id order where UTC ends and local
time begins; often the others show where it is.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from bizy_assets.core.contracts import BY_TABLE, Column, Rule
from bizy_assets.core.source import SnapshotTable
from bizy_assets.core.transform.timestamps import ParsedTimes, parse_times
from bizy_assets.core.transform.timezone import Mask, TimezoneConverter

Ids = np.ndarray[tuple[int], np.dtype[np.int64]]

_MARGIN = timedelta(days=2)
"""More than any zone's offset: outside it only one reading is possible, whatever the zone."""


@dataclass(frozen=True)
class UtcCutover:
    """Which rows are local time around the moment of the switch.

    Attributes:
        since: The moment, in microseconds since 1970 UTC.
        local_ids: Ids of rows that could be either and are local, ascending.
        open_ids: Ids of rows for which nothing decides, read as UTC, ascending.
    """

    since: int
    local_ids: Ids
    open_ids: Ids

    def local(self, ids: Ids, written: ParsedTimes, clock: TimezoneConverter) -> Mask:
        """Tells which rows of a batch are local time."""
        _, only_local, _ = possible_readings(written, self.since, clock)
        return only_local | np.isin(ids, self.local_ids)


def find_cutover(
    table: SnapshotTable, clock: TimezoneConverter, since: datetime
) -> UtcCutover | None:
    """Looks at the rows around the switch; None where the contract has no such column."""
    column = next((c for c in table.contract.columns if c.rule is Rule.UTC_UNTIL_CUTOVER), None)
    if column is None:
        return None
    moment = (since.replace(tzinfo=None) - datetime(1970, 1, 1)) // timedelta(microseconds=1)  # noqa: DTZ001
    text = table.expression(column.name)
    low, high = ((since + step).strftime("%Y-%m-%d") for step in (-_MARGIN, _MARGIN))
    ids, written = _rows(table, column, sa.and_(text >= low, text < high))
    last_before = _first_id(table, sa.func.max(sa.column("id")), text < low)
    first_after = _first_id(table, sa.func.min(sa.column("id")), text >= high)
    return decide_cutover(ids, written, clock, moment, last_before, first_after)


def possible_readings(
    written: ParsedTimes, since: int, clock: TimezoneConverter
) -> tuple[Mask, Mask, Mask]:
    """Tells which naive times can only be UTC, can only be local, and could be either."""
    as_local = np.zeros(len(written.value), dtype=np.int64)
    naive = written.naive
    as_local[naive] = clock.read(written.value[naive]).utc
    fits_utc = naive & (written.value < since)
    fits_local = naive & (as_local >= since)
    return fits_utc & ~fits_local, fits_local & ~fits_utc, fits_utc & fits_local


def decide_cutover(
    ids: Ids,
    written: ParsedTimes,
    clock: TimezoneConverter,
    since: int,
    last_before: int | None = None,
    first_after: int | None = None,
) -> UtcCutover:
    """Decides the rows that could be either by the order of ids.

    Args:
        ids: The rows around the switch, in any order.
        written: Their times.
        clock: The laptop's clock.
        since: The switch, in microseconds since 1970 UTC.
        last_before: Highest id of a row that was surely made before the switch.
        first_after: Lowest id of a row that was surely made after it.
    """
    order = np.argsort(ids, kind="stable")
    ids = ids[order]
    written = ParsedTimes(written.value[order], written.present[order], written.absolute[order])
    only_utc, only_local, either = possible_readings(written, since, clock)
    neither = written.naive & ~(only_utc | only_local | either)
    surely_before = ids[only_utc | (written.absolute & (written.value < since))]
    surely_after = ids[only_local | (written.absolute & (written.value >= since))]
    last = max(
        [i for i in (last_before, *surely_before[-1:].tolist()) if i is not None], default=None
    )
    first = min(
        [i for i in (first_after, *surely_after[:1].tolist()) if i is not None], default=None
    )
    not_before = ids > last if last is not None else np.ones(len(ids), dtype=bool)
    not_after = ids < first if first is not None else np.ones(len(ids), dtype=bool)
    between = either & not_before & not_after
    cut = _find_step_back(
        written.value[between],
        written.value[written.present & ~not_before][-1:],
        written.value[written.naive & ~not_after][:1],
    )
    local = either & not_before & ~not_after
    local[np.flatnonzero(between)[cut:]] = cut is not None
    unsure = neither | (either & ~not_before & ~not_after) | (between & (cut is None))
    return UtcCutover(since=since, local_ids=ids[local], open_ids=ids[unsure])


def _find_step_back(values: Ids, before: Ids, after: Ids) -> int | None:
    """Finds how many of the rows that could be either are UTC, where the clock shows it.

    Where UTC gives way to local time west of Greenwich the clock steps back, and only there.

    Args:
        values: The rows' texts read as numbers, in id order.
        before: The one before them, if any.
        after: The one after them, if any.
    """
    steps_back = np.flatnonzero(np.diff(np.concatenate([before, values, after])) < 0)
    if len(steps_back) != 1:
        return None
    return int(steps_back[0]) + 1 - len(before)


def _rows(
    table: SnapshotTable, column: Column, where: sa.ColumnElement[bool]
) -> tuple[Ids, ParsedTimes]:
    """Reads id and time of the rows that fulfil a condition."""
    identity = BY_TABLE[table.contract.table].columns[0]
    batches = list(
        table.query(
            (identity, column), (sa.column("id"), table.expression(column.name)), where=where
        )
    )
    ids = _column(batches, 0, pa.int64())
    return ids.to_numpy(), parse_times(_column(batches, 1, pa.string()))


def _first_id(
    table: SnapshotTable, expression: sa.ColumnElement[int], where: sa.ColumnElement[bool]
) -> int | None:
    """Reads one id, or None where there is none."""
    identity = table.contract.columns[0]
    ids = _column(list(table.query((identity,), (expression,), where=where)), 0, pa.int64())
    value: int | None = ids[0].as_py() if len(ids) else None
    return value


def _column(batches: list[pa.RecordBatch], index: int, kind: pa.DataType) -> pa.Array:
    arrays = [batch.column(index) for batch in batches]
    return pa.concat_arrays(arrays) if arrays else pa.array([], kind)
