"""The last result of each check, by source, so that a report of many sources can read them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from bizy_assets.core.common import CheckResult
from bizy_assets.core.target import state_tables

SNAPSHOT = "sqlite_backup"
"""The table name of results of the checks of the snapshot."""

_RESULTS, _LOADS = state_tables.CHECK_RESULTS, state_tables.LOADS


@dataclass(frozen=True, kw_only=True)
class LoadResults:
    """The results of the checks of a load, or of a snapshot.

    ``run`` is the number of the run that loaded the table or the snapshot, or None for a snapshot
    that was not loaded when it was checked.
    """

    results: Sequence[CheckResult]
    run: int | None


def record_results(
    connection: sa.Connection, source_id: int, results: Mapping[str, LoadResults], run_id: str
) -> None:
    """Record results of checks by table, or of the snapshot, in place of earlier ones.

    Results of a load that is no longer the last one are left out, since a run may load the table
    again while another one checks it. ``run_id`` is Dagster's. The time is that of the server, as
    is the time of a load.
    """
    rows = [
        {
            "table_name": table,
            "check_name": result.check,
            "status": result.outcome.value,
            "summary": result.text,
            "figures": result.figures,
            "run": checked.run,
        }
        for table, checked in results.items()
        for result in checked.results
    ]
    if rows:
        values = {"rows": rows, "source_id": source_id, "run_id": run_id}
        connection.execute(_RECORD, values)


def _record_statement() -> sa.Insert:
    """Return the statement that records results, which are one parameter of it.

    SQLAlchemy would compile a statement of many values each time.
    """
    source_id = sa.bindparam("source_id", type_=sa.Integer)
    names = ("table_name", "check_name", "status", "summary", "figures")
    columns = [sa.column(name, _RESULTS.c[name].type) for name in names]
    given = (
        sa.func.json_to_recordset(sa.bindparam("rows", type_=sa.JSON))
        .table_valued(*columns, sa.column("run", sa.Integer))
        .render_derived("given", with_types=True)
    )
    is_of_table = (_LOADS.c.table_name == given.c.table_name) | (given.c.table_name == SNAPSHOT)
    last_run = (
        sa.select(sa.func.max(_LOADS.c.run_id))
        .where(_LOADS.c.source_id == source_id, is_of_table)
        .scalar_subquery()
    )
    rows = sa.select(
        source_id,
        sa.bindparam("run_id", type_=sa.Text),
        sa.func.timezone("UTC", sa.func.clock_timestamp()),
        *(given.c[name] for name in names),
    ).where(given.c.run.is_(None) | (given.c.run == last_run))
    targets = ["source_id", "dagster_run_id", "checked_at", *names]
    new = postgresql.insert(_RESULTS).from_select(targets, rows)
    keys = _RESULTS.primary_key.columns.keys()
    replaced = {name: new.excluded[name] for name in targets if name not in keys}
    return new.on_conflict_do_update(index_elements=keys, set_=replaced)


_RECORD = _record_statement()


def current_results(last_load: sa.FromClause, last_run: sa.FromClause) -> sa.Select[tuple[object]]:
    """Select the results of checks that ran since the last load of their table.

    Checks of a snapshot run before its load; they are current since the snapshot was taken.
    """
    c, load, run = _RESULTS.c, last_load.c, last_run.c
    since = sa.func.coalesce(load.loaded_at, run.snapshot_taken_at)
    run_id = sa.func.coalesce(load.dagster_run_id, run.dagster_run_id)
    return (
        sa.select(_RESULTS)
        .outerjoin(last_load, (load.source_id == c.source_id) & (load.table_name == c.table_name))
        .outerjoin(last_run, run.source_id == c.source_id)
        .where(since.is_(None) | (c.checked_at >= since) | (c.dagster_run_id == run_id))
    )
