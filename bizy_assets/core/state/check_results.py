"""The last result of each check, by source, so that a report of many sources can read them."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from bizy_assets.core.common import CheckResult
from bizy_assets.core.target import state_tables

SNAPSHOT = "sqlite_backup"
"""The table name of results of the checks of the snapshot."""

_RESULTS = state_tables.CHECK_RESULTS


def record_results(
    connection: sa.Connection,
    source_id: int,
    results: Mapping[str, Sequence[CheckResult]],
    run_id: str,
) -> None:
    """Record results of checks by table, or of the snapshot, in place of earlier ones.

    ``run_id`` is Dagster's. The time is that of the server, as is the time of a load.
    """
    rows = [
        {
            "source_id": source_id,
            "table_name": table,
            "check_name": result.check,
            "dagster_run_id": run_id,
            "status": result.outcome.value,
            "summary": result.text,
            "figures": result.figures,
        }
        for table, each in results.items()
        for result in each
    ]
    if not rows:
        return
    now = sa.func.timezone("UTC", sa.func.clock_timestamp())
    # The rows are parameters, since SQLAlchemy would compile a statement of them each time.
    new = postgresql.insert(_RESULTS).values(checked_at=now)
    keys = _RESULTS.primary_key.columns.keys()
    replaced = {c.name: new.excluded[c.name] for c in _RESULTS.c if c.name not in keys}
    connection.execute(new.on_conflict_do_update(index_elements=keys, set_=replaced), rows)


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
