"""The cutover of ``tasks.created_at`` from UTC to local time.

Before the cutover Bizy wrote UTC, after it local time, and the text does not state which. Far from
the cutover only one interpretation is possible. Within a zone's offset of it both are possible
west of Greenwich, and none is east of it. Ids follow the order of creation, so the rows with two
possible interpretations are UTC up to some id and local from there. The rows around them often
show which id that is. Where they do not, the interpretation is taken that falls into the waking
hours of the file's other rows, if only one of them does.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from bizy_assets.core.contracts import Column, Rule
from bizy_assets.core.source import SnapshotTable
from bizy_assets.core.transform import timestamps
from bizy_assets.core.transform.id_map import Ids
from bizy_assets.core.transform.timestamps import ParsedTimes, parse_times
from bizy_assets.core.transform.timezone import HOUR, Mask, Microseconds, TimezoneConverter
from bizy_assets.core.transform.waking_hours import waking_hours, within

_MARGIN = timedelta(days=2)
"""More than any zone's offset: further from the cutover only one interpretation is possible."""

_SURROUNDING = 10_000
"""Distance in ids up to which rows show waking hours, so that no large file is read whole."""


@dataclass(frozen=True)
class UtcCutover:
    """The rows around the cutover (microseconds since 1970 UTC) that are local time.

    Of rows that the cutover alone does not decide, ``local_ids`` are local and all others UTC.
    The waking hours decided ``by_hours_ids``. Nothing decides ``undecided_ids``, which are taken
    as UTC. All are ascending.
    """

    since: int
    local_ids: Ids
    undecided_ids: Ids
    by_hours_ids: Ids = field(default_factory=lambda: np.empty(0, np.int64))

    @property
    def notes(self) -> dict[str, Ids]:
        """Ids of the rows whose interpretation is not certain, by rule."""
        return {
            timestamps.UNDECIDED_CUTOVER: self.undecided_ids,
            timestamps.CUTOVER_BY_HOURS: self.by_hours_ids,
        }

    def local(self, ids: Ids, written: ParsedTimes, converter: TimezoneConverter) -> Mask:
        """Return the mask of a batch's rows that are local time."""
        _, only_local, _ = possible_interpretations(written, self.since, converter)
        return only_local | np.isin(ids, self.local_ids)


def find_cutover(
    table: SnapshotTable, converter: TimezoneConverter, since: datetime
) -> UtcCutover | None:
    """Decide the rows around the cutover, or return None for a table without such a column."""
    column = next((c for c in table.contract.columns if c.rule is Rule.UTC_UNTIL_CUTOVER), None)
    if column is None:
        return None
    moment = (since.replace(tzinfo=None) - datetime(1970, 1, 1)) // timedelta(microseconds=1)  # noqa: DTZ001
    text = table.expression(column.name)
    low, high = ((since + step).strftime("%Y-%m-%d") for step in (-_MARGIN, _MARGIN))
    ids, written = _rows(table, column, sa.and_(text >= low, text < high))
    last_before = _first_id(table, sa.func.max(sa.column("id")), text < low)
    first_after = _first_id(table, sa.func.min(sa.column("id")), text >= high)
    cutover = decide_cutover(ids, written, converter, moment, last_before, first_after)
    if not len(cutover.undecided_ids):
        return cutover
    undecided = np.isin(ids, cutover.undecided_ids)
    hours = waking_hours(_certain_local_times(table, column, cutover, converter))
    return decide_by_hours(cutover, ids[undecided], written.value[undecided], converter, hours)


def possible_interpretations(
    written: ParsedTimes, since: int, converter: TimezoneConverter
) -> tuple[Mask, Mask, Mask]:
    """Return the masks of naive times that can only be UTC, can only be local, or can be both."""
    as_local = np.zeros(len(written.value), dtype=np.int64)
    naive = written.naive
    as_local[naive] = converter.to_utc(written.value[naive]).utc
    fits_utc = naive & (written.value < since)
    fits_local = naive & (as_local >= since)
    return fits_utc & ~fits_local, fits_local & ~fits_utc, fits_utc & fits_local


def decide_cutover(
    ids: Ids,
    written: ParsedTimes,
    converter: TimezoneConverter,
    since: int,
    last_before: int | None = None,
    first_after: int | None = None,
) -> UtcCutover:
    """Decide the rows with two possible interpretations by the order of ids.

    The rows around the cutover come in any order. The cutover is in microseconds since 1970 UTC.
    ``last_before`` and ``first_after`` are the nearest ids of rows that were certainly created
    before and after it.
    """
    order = np.argsort(ids, kind="stable")
    ids = ids[order]
    written = ParsedTimes(written.value[order], written.present[order], written.absolute[order])
    only_utc, only_local, either = possible_interpretations(written, since, converter)
    neither = written.naive & ~(only_utc | only_local | either)
    before = ids[only_utc | (written.absolute & (written.value < since))]
    after = ids[only_local | (written.absolute & (written.value >= since))]
    last = max((i for i in (last_before, *before[-1:].tolist()) if i is not None), default=None)
    first = min((i for i in (first_after, *after[:1].tolist()) if i is not None), default=None)
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
    undecided = neither | (either & ~not_before & ~not_after) | (between & (cut is None))
    return UtcCutover(since=since, local_ids=ids[local], undecided_ids=ids[undecided])


def decide_by_hours(
    cutover: UtcCutover,
    ids: Ids,
    written: Microseconds,
    converter: TimezoneConverter,
    hours: Mask | None,
) -> UtcCutover:
    """Decide undecided rows by the waking hours (24 hours of the day), if these are known.

    Local time cannot precede UTC in the order of ids. Where the hours suggest that, they decide
    nothing.
    """
    if hours is None:
        return cutover
    as_utc, as_local = within(hours, converter.to_local(written)), within(hours, written)
    utc, local = ids[as_utc & ~as_local], ids[as_local & ~as_utc]
    if len(utc) and len(local) and utc.max() > local.min():
        return cutover
    by_hours = np.sort(np.concatenate([utc, local]))
    return replace(
        cutover,
        local_ids=np.sort(np.concatenate([cutover.local_ids, local])),
        undecided_ids=np.setdiff1d(cutover.undecided_ids, by_hours),
        by_hours_ids=by_hours,
    )


def _certain_local_times(
    table: SnapshotTable, column: Column, cutover: UtcCutover, converter: TimezoneConverter
) -> Microseconds:
    """Return the local times of the surrounding rows with one interpretation only.

    Of the times within an hour only one is returned.
    """
    columns = [column, *(c for c in table.contract.timestamps if c.rule is Rule.LOCAL)]
    low, high = cutover.undecided_ids[[0, -1]].tolist()
    nearby = sa.column("id").between(low - _SURROUNDING, high + _SURROUNDING)
    found = [np.empty(0, np.int64)]
    for batch in table.query(columns, [table.expression(c.name) for c in columns], nearby):
        created, *others = map(parse_times, batch.columns)
        utc, local, _ = possible_interpretations(created, cutover.since, converter)
        times = [
            converter.to_local(created.value[utc | created.absolute]),
            created.value[local],
            *(other.value[other.naive] for other in others),
        ]
        found.append(np.unique(np.concatenate(times) // HOUR) * HOUR)
    return np.concatenate(found)


def _find_step_back(values: Ids, before: Ids, after: Ids) -> int | None:
    """Return how many rows with two interpretations are UTC, or None if the times do not show it.

    West of Greenwich the written time steps back where UTC changes to local time, and only there.
    The times are those of these rows in id order, and of the row before and after them, if any.
    """
    steps_back = np.flatnonzero(np.diff(np.concatenate([before, values, after])) < 0)
    if len(steps_back) != 1:
        return None
    return int(steps_back[0]) + 1 - len(before)


def _rows(
    table: SnapshotTable, column: Column, where: sa.ColumnElement[bool]
) -> tuple[Ids, ParsedTimes]:
    columns = (table.contract.columns[0], column)
    times = table.expression(column.name)
    batches = list(table.query(columns, (sa.column("id"), times), where))
    ids = _column(batches, 0, pa.int64())
    return ids.to_numpy(), parse_times(_column(batches, 1, pa.string()))


def _first_id(
    table: SnapshotTable, expression: sa.ColumnElement[int], where: sa.ColumnElement[bool]
) -> int | None:
    batches = list(table.query(table.contract.columns[:1], (expression,), where))
    ids = _column(batches, 0, pa.int64())
    value: int | None = ids[0].as_py() if len(ids) else None
    return value


def _column(batches: list[pa.RecordBatch], index: int, type_: pa.DataType) -> pa.Array:
    arrays = [batch.column(index) for batch in batches]
    return pa.concat_arrays(arrays) if arrays else pa.array([], type_)
