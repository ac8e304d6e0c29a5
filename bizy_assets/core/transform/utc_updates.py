"""The goals whose ``updated_at`` is UTC although they were updated after their creation.

Recalculating the progress of a goal writes local time, assigning a project to it UTC, and the text
does not state which was last. Only a goal with a project can be either. Often only one
interpretation is possible: an update is not later than the first snapshot that has it, nor earlier
than the goal. Adding or completing a task of the goal recalculates its progress at that moment.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from bizy_assets.core.contracts import Kind, Rule
from bizy_assets.core.source import SnapshotTable, expressions
from bizy_assets.core.transform import timestamps
from bizy_assets.core.transform.id_map import Ids
from bizy_assets.core.transform.timezone import SECOND, Mask, Microseconds, TimezoneConverter
from bizy_assets.core.transform.utc_cutover import find_cutover

SIGHTINGS_SCHEMA = pa.schema(
    [("row_id", pa.int64()), ("raw", pa.string()), ("taken_at", pa.timestamp("us"))]
)
"""Values and the time in UTC of the first snapshot that had them, each id once and ascending."""

_DELAY = 60 * SECOND
"""A snapshot has what was written shortly after its time, which is that of its start."""

_SAME_MOMENT = 2 * SECOND
"""Time in which Bizy writes a task and the progress of its goal."""


@dataclass(frozen=True)
class UtcUpdates:
    """The updated goals whose update time is not certainly local; ids are ascending.

    ``utc_ids`` can only be UTC. Nothing decides ``undecided_ids``, which are taken as local time.
    """

    utc_ids: Ids
    undecided_ids: Ids

    @property
    def notes(self) -> dict[str, Ids]:
        """Ids of the rows whose interpretation was inferred or is not certain, by rule."""
        return {
            timestamps.UPDATE_IN_UTC: self.utc_ids,
            timestamps.UNDECIDED_UPDATE: self.undecided_ids,
        }

    def local(
        self, ids: Ids, updated: timestamps.ParsedTimes, created: timestamps.Instants
    ) -> Mask:
        """Return the mask of a batch's rows whose update time is local."""
        touched = timestamps.updated_after_creation(updated, created)
        return np.logical_and(touched, ~np.isin(ids, self.utc_ids))


def find_utc_updates(
    goals: SnapshotTable,
    tasks: SnapshotTable,
    converter: TimezoneConverter,
    *,
    tasks_local_since: datetime,
    taken_at: datetime,
    sightings: pa.Table,
) -> UtcUpdates:
    """Decide the goals with a project.

    The snapshot was taken at a time in UTC. ``sightings`` (``SIGHTINGS_SCHEMA``) has the values
    that an earlier snapshot proved to be UTC; a later one alone would not prove it.
    """
    rows = _rows_with_project(goals)
    ids, raw = rows["id"].to_numpy(), rows["updated_at"].combine_chunks()
    updated = timestamps.parse_times(raw)
    created = timestamps.parse_times(rows["created_at"].combine_chunks())
    created_at = timestamps.to_instants(created, Rule.UTC, converter)
    latest = _first_seen(ids, raw, taken_at, sightings) + _DELAY
    as_local = converter.to_utc(updated.value).utc

    def fits(instants: Microseconds) -> Mask:
        after_creation = (instants >= created_at.utc) | ~created_at.present
        return np.logical_and(after_creation, instants <= latest)

    touched = updated.naive & timestamps.updated_after_creation(updated, created_at)
    utc = touched & fits(updated.value) & ~fits(as_local)
    undecided = touched & fits(updated.value) & fits(as_local) & (as_local != updated.value)
    by_task = _written_with_a_task(
        tasks, converter, tasks_local_since, ids[undecided], as_local[undecided]
    )
    return UtcUpdates(utc_ids=ids[utc], undecided_ids=ids[undecided][~by_task])


def _rows_with_project(goals: SnapshotTable) -> pa.Table:
    """Read the goals that have a project, by ascending id."""
    columns = [c for c in goals.contract.columns if c.name in {"id", "created_at", "updated_at"}]
    selected = [goals.expression(column.name).label(column.name) for column in columns]
    project = (goals.expression(name) for name in ("project_name", "repository_path"))
    where = sa.or_(*(value.is_not(None) for value in project))
    schema = pa.schema(
        [("id", pa.int64()), ("created_at", pa.string()), ("updated_at", pa.string())]
    )
    batches = goals.query(columns, selected, where, order=sa.column("id"))
    return pa.Table.from_batches(batches, schema)


def _first_seen(ids: Ids, raw: pa.Array, taken_at: datetime, sightings: pa.Table) -> Microseconds:
    """Return for each value the time of the first snapshot that is known to have it."""
    taken = int(np.datetime64(taken_at.replace(tzinfo=None), "us").astype(np.int64))
    result = np.full(len(ids), taken, dtype=np.int64)
    position, known = _positions(ids, sightings["row_id"].to_numpy())
    earlier = sightings.take(pa.array(position[known]))
    same = timestamps.to_mask(
        pc.equal(earlier["raw"].combine_chunks(), raw.filter(pa.array(known)))
    )
    seen = earlier["taken_at"].cast(pa.int64()).to_numpy()
    result[known] = np.where(same, np.minimum(seen, taken), taken)
    return result


def _written_with_a_task(
    tasks: SnapshotTable,
    converter: TimezoneConverter,
    tasks_local_since: datetime,
    goal_ids: Ids,
    instants: Microseconds,
) -> Mask:
    """Return the mask of goals that a task was added to or completed in at these instants."""
    result = np.zeros(len(goal_ids), dtype=bool)
    if not len(goal_ids):
        return result
    for parents, times in _task_times(tasks, converter, tasks_local_since, goal_ids):
        goal, _ = _positions(parents, goal_ids)
        near = times.present & (np.abs(times.utc - instants[goal]) <= _SAME_MOMENT)
        result[goal[near]] = True
    return result


def _task_times(
    tasks: SnapshotTable, converter: TimezoneConverter, tasks_local_since: datetime, goal_ids: Ids
) -> Iterator[tuple[Ids, timestamps.Instants]]:
    """Yield the goals of tasks with the times of their creation and completion, in batches."""
    cutover = find_cutover(tasks, converter, tasks_local_since)
    names = {"id", "parent_goal_id", "created_at", "completed_at"}
    columns = [column for column in tasks.contract.columns if column.name in names]
    selected = [tasks.expression(column.name) for column in columns]
    where = tasks.expression("parent_goal_id").in_(expressions.number_list(goal_ids))
    for batch in tasks.query(columns, selected, where):
        ids, parents = (batch.column(name).to_numpy() for name in ("id", "parent_goal_id"))
        for column in (column for column in columns if column.kind is Kind.TIMESTAMP):
            written, local = timestamps.parse_times(batch.column(column.name)), None
            if column.rule is Rule.UTC_UNTIL_CUTOVER and cutover is not None:
                local = cutover.local(ids, written, converter)
            yield parents, timestamps.to_instants(written, column.rule, converter, local)


def _positions(values: Ids, within: Ids) -> tuple[Ids, Mask]:
    """Return the positions of values in ascending ones, and the mask of those that are there."""
    if not len(within):
        return np.zeros(len(values), dtype=np.int64), np.zeros(len(values), dtype=bool)
    position = np.minimum(np.searchsorted(within, values), len(within) - 1)
    return position, np.equal(within[position], values)
