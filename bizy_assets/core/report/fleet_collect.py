"""Collect the data of a fleet's report from the target's own records.

Counts are aggregated by PostgreSQL, so ten thousand sources take as many statements as one.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from bizy_assets.core.common import CheckOutcome, RowCounts, row_counts
from bizy_assets.core.contracts import BY_TABLE
from bizy_assets.core.postgres import describe_url
from bizy_assets.core.report.fleet import FailedRun, FleetReport, FleetSource, TableTotal
from bizy_assets.core.state import check_results
from bizy_assets.core.target import (
    USERS_TABLE,
    has_current_state,
    require_current_state,
    state_tables,
)

_LONGEST = 400
"""Length at which a finding is cut, in characters."""

_SOURCES, _RUNS, _LOADS = state_tables.SOURCES, state_tables.RUNS, state_tables.LOADS


class ListedSource(Protocol):
    """A source as the manifest lists it."""

    @property
    def key(self) -> str:
        """The key of the source."""

    @property
    def path(self) -> Path:
        """The Bizy file."""

    @property
    def email(self) -> str:
        """The email of the owner account."""


def collect_fleet(
    connection: sa.Connection,
    listed: Iterable[ListedSource],
    *,
    checks: int,
    failures: Mapping[str, FailedRun] | None = None,
) -> FleetReport:
    """Collect the data of a report in a transaction, which is only read from.

    Sources that the manifest lists but that were never loaded are included, and loaded ones that
    it does not list.

    Args:
        connection: A connection to the target.
        listed: The sources of the manifest.
        checks: The number of checks of each source.
        failures: The last runs that failed, by key, as Dagster recorded them. A file that cannot
            be read fails before anything is written to the target.

    Raises:
        SchemaError: Another release of bizy-assets wrote the target's records.
    """
    require_current_state(connection)
    found, totals = {}, []
    if has_current_state(connection):
        rows = connection.execute(_sources_statement())
        found = {row.key: FleetSource(**row._mapping) for row in rows}
        totals = [_total(row) for row in connection.execute(_totals_statement())]
    return FleetReport(
        target=describe_url(connection.engine.url),
        collected_at=datetime.now(UTC),
        sources=sorted(_merged(found, listed, checks, failures or {}), key=lambda each: each.rank),
        totals=totals,
    )


def _merged(
    found: Mapping[str, FleetSource],
    listed: Iterable[ListedSource],
    checks: int,
    failures: Mapping[str, FailedRun],
) -> Iterator[FleetSource]:
    """Yield the sources of the manifest with what was found of them, then those found besides."""
    keys = set()
    for entry in listed:
        keys.add(entry.key)
        source = found.get(entry.key) or FleetSource(key=entry.key, path="")
        failure = failures.get(entry.key)
        ran = source.passed + source.warned + source.failed
        yield replace(
            source,
            path=str(entry.path),
            email=source.email or entry.email,
            not_run=max(0, checks - ran),
            **(asdict(failure) if failure else {}),
        )
    yield from (
        replace(source, listed=False)
        for key, source in found.items()
        if key not in keys and source.tables
    )


def _sources_statement() -> sa.Select[Any]:
    """Select the fields of each ``FleetSource`` that the target records."""
    last_run, last_load = _last_runs(), _last_loads()
    per_source = (
        _loads_by_source(last_load, last_run),
        _checks_by_source(last_load, last_run),
        _count(state_tables.REPAIRS, "adjusted"),
        _count(state_tables.ID_RANGES, "moved_ranges", state_tables.ID_RANGES.c.shift != 0),
    )
    finding = _findings(last_load, last_run)
    rows = (
        sa.join(_SOURCES, USERS_TABLE, USERS_TABLE.c.id == _SOURCES.c.user_id, isouter=True)
        .outerjoin(last_run, last_run.c.source_id == _SOURCES.c.id)
        .outerjoin(finding, finding.c.source_id == _SOURCES.c.id)
    )
    for counts in per_source:
        rows = rows.outerjoin(counts, counts.c.source_id == _SOURCES.c.id)
    return sa.select(
        *(_SOURCES.c[name] for name in ("key", "path", "user_id", "id_policy")),
        USERS_TABLE.c.email,
        last_run.c.dagster_run_id.label("run_id"),
        *(last_run.c[name] for name in ("started_at", "ended_at", "outcome")),
        sa.func.coalesce(finding.c.finding, "").label("finding"),
        *(
            sa.func.coalesce(column, 0).label(column.name)
            for counts in per_source
            for column in counts.c
            if column.name != "source_id"
        ),
    ).select_from(rows)


def _totals_statement() -> sa.Select[Any]:
    """Select the sums of the last loads of each table."""
    load, repair = _last_loads().c, state_tables.REPAIRS.c
    sums = (_sum(load[name]).label(name) for name in row_counts.COUNTS)
    total = (
        sa.select(load.table_name, sa.func.count().label("sources"), *sums)
        .group_by(load.table_name)
        .subquery("total")
    )
    adjusted = (
        sa.select(repair.table_name, sa.func.count().label("adjusted"))
        .group_by(repair.table_name)
        .subquery("adjusted")
    )
    return (
        sa.select(total, sa.func.coalesce(adjusted.c.adjusted, 0).label("adjusted"))
        .outerjoin(adjusted, adjusted.c.table_name == total.c.table_name)
        .order_by(sa.func.array_position(list(BY_TABLE), total.c.table_name))
    )


def _total(row: sa.Row[Any]) -> TableTotal:
    return TableTotal(
        table=row.table_name,
        sources=row.sources,
        adjusted=row.adjusted,
        counts=RowCounts(**{name: getattr(row, name) for name in row_counts.COUNTS}),
    )


def _last_runs() -> sa.CTE:
    return (
        sa.select(_RUNS)
        .ext(postgresql.distinct_on(_RUNS.c.source_id))
        .order_by(_RUNS.c.source_id, _RUNS.c.id.desc())
        .cte("last_run")
    )


def _last_loads() -> sa.CTE:
    """Select the last load of each table of each source, with its run.

    Each is looked up in the index, which takes no longer after many loads than after one.
    """
    names = sa.func.unnest(sa.cast(list(BY_TABLE), postgresql.ARRAY(sa.Text)))
    table = names.table_valued("name", name="contract").render_derived()
    last = (
        sa.select(_LOADS)
        .where(_LOADS.c.source_id == _SOURCES.c.id, _LOADS.c.table_name == table.c.name)
        .order_by(_LOADS.c.run_id.desc())
        .limit(1)
        .lateral("last")
    )
    return (
        sa.select(last, _RUNS.c.dagster_run_id, _RUNS.c.snapshot_sha256)
        .select_from(_SOURCES)
        .join(table, sa.true())
        .join(last, sa.true())
        .join(_RUNS, _RUNS.c.id == last.c.run_id)
        .cte("last_load")
    )


def _loads_by_source(last_load: sa.CTE, last_run: sa.CTE) -> sa.Subquery:
    load = last_load.c
    is_current = load.snapshot_sha256 == last_run.c.snapshot_sha256
    return (
        sa.select(
            load.source_id,
            sa.func.count().label("tables"),
            sa.func.count().filter(is_current).label("current_tables"),
            _sum(load.source_rows).label("source_rows"),
            _sum(load.inserted + load.updated + load.unchanged).label("loaded"),
            _sum(load.preserved_edits + load.preserved_deletions).label("preserved"),
            _sum(load.retained).label("retained"),
            _sum(load.rejected).label("rejected"),
        )
        .join(last_run, last_run.c.source_id == load.source_id)
        .group_by(load.source_id)
        .subquery("loaded")
    )


def _checks_by_source(last_load: sa.CTE, last_run: sa.CTE) -> sa.Subquery:
    result = check_results.current_results(last_load, last_run).subquery().c
    outcomes = {
        "passed": CheckOutcome.PASSED,
        "warned": CheckOutcome.WARNED,
        "failed": CheckOutcome.FAILED,
    }
    counts = (
        sa.func.count().filter(result.status == outcome.value).label(name)
        for name, outcome in outcomes.items()
    )
    return sa.select(result.source_id, *counts).group_by(result.source_id).subquery("checked")


def _findings(last_load: sa.CTE, last_run: sa.CTE) -> sa.Subquery:
    """Select the finding of the first failed check of each source, else of the first warning."""
    result = check_results.current_results(last_load, last_run).subquery().c
    is_snapshot = result.table_name == check_results.SNAPSHOT
    asset = sa.case((is_snapshot, result.table_name), else_="pg_" + result.table_name)
    finding = result.check_name + " of " + asset + ": " + sa.func.left(result.summary, _LONGEST)
    return (
        sa.select(result.source_id, finding.label("finding"))
        .where(result.status.in_([CheckOutcome.FAILED.value, CheckOutcome.WARNED.value]))
        .ext(postgresql.distinct_on(result.source_id))
        .order_by(
            result.source_id,
            result.status != CheckOutcome.FAILED.value,
            sa.func.array_position([check_results.SNAPSHOT, *BY_TABLE], result.table_name),
            result.check_name,
        )
        .subquery("found")
    )


def _count(table: sa.Table, name: str, *where: sa.ColumnElement[bool]) -> sa.Subquery:
    """Count the rows of a state table by source."""
    source = table.c.source_id
    return sa.select(source, sa.func.count().label(name)).where(*where).group_by(source).subquery()


def _sum(column: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    """Return the sum of a count as an integer; PostgreSQL's own is numeric."""
    return sa.cast(sa.func.sum(column), sa.BigInteger)
