"""The times of a snapshot that show how its time zone is read, and whether it can be the right one.

Bizy writes some columns in UTC and others in local time. Rows that have both relate them, and so
does the time of the snapshot, before which everything but plans was written. Of a large table a
sample of rows is read.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from bizy_assets.core.contracts import CONTRACTS, Column, Kind, Rule
from bizy_assets.core.source import Snapshot, SnapshotTable
from bizy_assets.core.transform import timestamps
from bizy_assets.core.transform.timezone import DAY, Mask, Microseconds, TimezoneConverter

_SAMPLE = 12_000
"""Number of rows to read of a table, evenly spread."""

_EDGE = 2_000
"""Number of rows to read from its beginning and from its end besides."""

_SMALL_FILE = 4 * 2**20
"""Size in bytes of a file that is read whole."""

_MARGIN = timedelta(days=2)
"""More than any zone's offset: further from the cutover no zone decides between UTC and local."""

_LONGEST = len("2025-12-31 23:59:59.999999999+00:00")

_NONE = np.empty(0, np.int64)
_UTC = Rule.UTC
_LOCAL = (Rule.LOCAL, Rule.LOCAL_OR_DAY, Rule.UTC_UNTIL_TOUCHED, Rule.UTC_UNTIL_CUTOVER)


@dataclass(frozen=True)
class TimePairs:
    """Pairs of a local time and a time in UTC, each of one row."""

    local: Microseconds = field(default_factory=_NONE.copy)
    utc: Microseconds = field(default_factory=_NONE.copy)

    def __len__(self) -> int:
        """Return the number of pairs."""
        return len(self.local)


@dataclass(frozen=True)
class ZoneTimes:
    """What a snapshot shows of its zone; times without an offset only.

    Attributes:
        taken_at: Time of the snapshot in UTC.
        local: Local times by table, plans included.
        past: Local times of things that had happened when the snapshot was taken.
        utc: Times that were written in UTC.
        plans: Plans, with the creation of their rows in UTC. Bizy computes a plan from the time of
            the creation, in whole days, unless it is typed.
        ordered: Times that cannot be earlier than the creation of their rows, which is in UTC.
    """

    taken_at: int
    local: dict[str, Microseconds]
    past: Microseconds
    utc: Microseconds
    plans: TimePairs
    ordered: TimePairs


def read_zone_times(snapshot: Snapshot, tasks_local_since: datetime) -> ZoneTimes:
    """Read the times of a snapshot, whose values may be invalid.

    Raises:
        SnapshotError: The snapshot is missing or was altered.
    """
    tables = [
        _TableTimes(SnapshotTable(snapshot, contract), _microseconds(tasks_local_since))
        for contract in CONTRACTS
    ]
    return ZoneTimes(
        taken_at=_microseconds(snapshot.taken_at),
        local={t.contract.table: times for t in tables if len(times := t.local())},
        past=_joined([t.past() for t in tables]),
        utc=_joined([t.utc() for t in tables]),
        plans=_pairs([t.pairs(Rule.LOCAL_OR_DAY) for t in tables]),
        ordered=_pairs([t.pairs(Rule.LOCAL, Rule.UTC_UNTIL_TOUCHED) for t in tables]),
    )


def show_times(times: ZoneTimes, converter: TimezoneConverter) -> list[str]:
    """Return the oldest, a middle and the newest local time with their instants, as texts.

    They are those of the tasks, or of the first table that has any.
    """
    if not times.local:
        return []
    local = np.unique(times.local.get("tasks", next(iter(times.local.values()))))
    chosen = local[np.unique([0, len(local) // 2, len(local) - 1])]
    instants = converter.to_utc(chosen).utc
    return [_show(*pair) for pair in zip(_datetimes(chosen), _datetimes(instants), strict=True)]


def _show(wall: datetime, instant: datetime) -> str:
    form = "%H:%M" if wall.date() == instant.date() else "%Y-%m-%d %H:%M"
    return f"{wall:%Y-%m-%d %H:%M} → {instant.strftime(form)} UTC"


class _TableTimes:
    """The times of one table, with the masks of those that are certainly local or UTC."""

    def __init__(self, table: SnapshotTable, since: int) -> None:
        self.contract = table.contract
        columns = [c for c in table.contract.timestamps if c.rule is _UTC or c.rule in _LOCAL]
        self._times = dict(
            zip(columns, map(timestamps.parse_times, _read(table, columns)), strict=True)
        )
        self._since = since
        created = table.contract.column("created_at")
        self._created = created if created in self._times else None

    def local(self) -> Microseconds:
        return _joined([self._times[c].value[self._is_local(c)] for c in self._times])

    def past(self) -> Microseconds:
        past = [c for c in self._times if c.rule is not Rule.LOCAL_OR_DAY]
        return _joined([self._times[c].value[self._is_local(c)] for c in past])

    def utc(self) -> Microseconds:
        return _joined([self._times[c].value[self._is_utc(c)] for c in self._times])

    def pairs(self, *rules: Rule) -> TimePairs:
        """Return the local times of these rules with the creation of their rows in UTC."""
        if self._created is None:
            return TimePairs()
        created, is_utc = self._times[self._created], self._is_utc(self._created)
        return _pairs(
            [
                TimePairs(self._times[c].value[both], created.value[both])
                for c in self._times
                if c.rule in rules and (both := self._is_local(c) & is_utc).any()
            ]
        )

    def _is_local(self, column: Column) -> Mask:
        times = self._times[column]
        match column.rule:
            case Rule.LOCAL:
                return times.naive
            case Rule.LOCAL_OR_DAY:
                return np.logical_and(times.naive, np.not_equal(times.value % DAY, 0))
            case Rule.UTC_UNTIL_CUTOVER:
                return np.logical_and(times.naive, times.value >= self._since + _step())
            case Rule.UTC_UNTIL_TOUCHED if self._created is not None:
                created = self._times[self._created]
                instants = timestamps.Instants(created.value, created.naive, {})
                touched = timestamps.updated_after_creation(times, instants)
                return np.logical_and(times.naive & created.naive, touched)
        return np.zeros(len(times.value), dtype=bool)

    def _is_utc(self, column: Column) -> Mask:
        times = self._times[column]
        if column.rule is Rule.UTC_UNTIL_CUTOVER:
            return np.logical_and(times.naive, times.value < self._since - _step())
        return times.naive if column.rule is _UTC else np.zeros_like(times.naive)


def _read(table: SnapshotTable, columns: list[Column]) -> Iterator[pa.Array]:
    """Yield the datetimes of columns as texts, with NULL for all values that are rejected."""
    selected = [_datetime_text(table, column).label(column.name) for column in columns]
    batches = list(table.query(columns, selected, _sample(table))) if columns else []
    schema = pa.schema([(column.name, pa.string()) for column in columns])
    rows = pa.Table.from_batches(batches, schema) if batches else schema.empty_table()
    for column in columns:
        texts = rows[column.name].combine_chunks()
        outside = pa.array(timestamps.outside_calendar(texts, column.rule))
        yield pc.if_else(pc.and_not(timestamps.is_datetime(texts), outside), texts, None)


def _datetime_text(table: SnapshotTable, column: Column) -> sa.ColumnElement[Any]:
    """Return SQL for a value if it may be a datetime whose meaning the zone alone decides."""
    value = table.expression(column.name)
    conditions = [
        sa.func.typeof(value) == "text",
        sa.func.octet_length(value) <= _LONGEST,
        value.op("GLOB")("[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*"),
    ]
    if column.rule is Rule.UTC_UNTIL_TOUCHED:
        # Assigning a project writes UTC.
        names = ("project_name", "repository_path")
        conditions += [table.expression(name).is_(None) for name in names]
    return sa.case((sa.and_(*conditions), value))


def _sample(table: SnapshotTable) -> sa.ColumnElement[bool] | None:
    """Return SQL for: the row is in the sample; None if all rows are."""
    if table.snapshot.path.stat().st_size <= _SMALL_FILE:
        return None
    id_ = Column(name="rowid", kind=Kind.INTEGER)
    ends = [sa.func.min(table.rowid), sa.func.max(table.rowid)]
    found = [
        value
        for end in ends
        for batch in table.query([id_], [end])
        for value in batch.column(0).to_pylist()
    ]
    if len(found) < 2 or None in found or found[1] - found[0] < _SAMPLE:
        return None
    return table.rowid.in_(_spread(table, *found))


def _spread(table: SnapshotTable, low: int, high: int) -> sa.Select[Any]:
    """Return a subquery for the rows next to evenly spaced numbers, and those at both ends."""
    points = np.linspace(low, high, _SAMPLE).astype(np.int64)
    values = sa.func.json_each(json.dumps(points.tolist())).table_valued("value")
    name = table.rowid.name
    rows = sa.table(table.contract.table, sa.column(name))
    following = rows.alias("following")
    next_ = sa.select(sa.func.min(following.c[name])).where(following.c[name] >= values.c.value)
    ends = [
        sa.select(rows.alias("ends").c[name]).order_by(order).limit(_EDGE).subquery()
        for order in (sa.text(name), sa.text(f"{name} DESC"))
    ]
    return sa.union_all(  # type: ignore[return-value]
        sa.select(next_.scalar_subquery()).select_from(values), *(sa.select(each) for each in ends)
    )


def _step() -> int:
    return _MARGIN // timedelta(microseconds=1)


def _joined(parts: list[Microseconds]) -> Microseconds:
    return np.concatenate([_NONE, *parts])


def _pairs(parts: list[TimePairs]) -> TimePairs:
    return TimePairs(_joined([p.local for p in parts]), _joined([p.utc for p in parts]))


def _microseconds(instant: datetime) -> int:
    return int(np.datetime64(instant.replace(tzinfo=None), "us").astype(np.int64))


def _datetimes(times: Microseconds) -> list[datetime]:
    result: list[datetime] = times.view("datetime64[us]").tolist()
    return result
