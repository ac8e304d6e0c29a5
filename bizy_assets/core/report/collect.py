"""Collect the data of a report from the target's own records.

Counts come from the records of loads, and only the first ids and values are read, so that the
report of a large migration costs little more than that of a small one.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from bizy_assets.core.common import IDS_SHOWN, IdPolicy
from bizy_assets.core.contracts import BY_TABLE
from bizy_assets.core.errors import TargetError
from bizy_assets.core.postgres import describe_url, urls
from bizy_assets.core.report import values
from bizy_assets.core.report.model import History, MovedRows, Owner, Report
from bizy_assets.core.state import Source, TableLoad, ledger, runs
from bizy_assets.core.target import OWNER_FULL_NAME, USERS_TABLE, password_file, state_tables
from bizy_assets.core.validation import ReasonCode


def collect(
    connection: sa.Connection,
    source: Source | None,
    history: Callable[[list[TableLoad]], History],
    home: Path,
    run_id: str,
    *,
    embedded: bool,
) -> Report:
    """Collect the data of a report on a source, in a transaction which is only read from.

    ``history`` returns what Dagster recorded of the loads; ``run_id`` is the run that makes the
    report. ``embedded`` is true if the target is the embedded server.

    Raises:
        TargetError: No table was ever loaded.
    """
    url = connection.engine.url
    loads = runs.latest_loads(connection, BY_TABLE, source.id) if source else []
    if source is None or not loads:
        raise TargetError(
            f"Nothing was migrated into {describe_url(url)}, so there is nothing to report; run "
            "the job migrate first."
        )
    # Only this operating-system account can reach the embedded server, which asks for no password.
    login = (str(url.username), None) if embedded else ("USER", "PASSWORD")
    rejected = values.rejections(connection, loads)
    now = datetime.now(UTC)
    file = home / "reports" / f"migration_{now:%Y%m%d_%H%M%S}_{run_id[:8]}.html"
    return Report(
        file=file,
        created_at=now,
        target=describe_url(url),
        connection_url=urls.url_template(url, user=login[0], password=login[1]),
        embedded=embedded,
        owner=_owner(connection, loads, home),
        loads=loads,
        history=history(loads),
        adjustments=values.adjustments(connection, loads),
        rejections=rejected,
        rejected_values=values.rejected_values(connection, loads) if rejected else [],
        rejected_value_count=sum(one.values for one in rejected),
        # One record for each row that is skipped.
        skipped_rows=sum(one.values for one in rejected if one.rule == ReasonCode.SKIPPED),
        rejected_file=file.with_name(f"rejected_{run_id[:8]}.csv") if rejected else None,
        moved=list(_moved_rows(connection, source)),
    )


def _owner(connection: sa.Connection, loads: list[TableLoad], home: Path) -> Owner:
    user_id = runs.newest_load(loads).run.user_id
    columns = USERS_TABLE.c
    found = connection.execute(
        sa.select(columns.email, columns.full_name).where(columns.id == user_id)
    ).one_or_none()
    if found is None:
        return Owner(user_id=user_id, email=None, created=False, password_file=None)
    file = password_file(home, connection, found.email)
    return Owner(
        user_id=user_id,
        email=found.email,
        created=found.full_name == OWNER_FULL_NAME,
        password_file=file if file.exists() else None,
    )


def _moved_rows(connection: sa.Connection, source: Source) -> Iterator[MovedRows]:
    """Yield the rows of each table whose ids were taken, of a source that keeps its ids."""
    if source.id_policy is not IdPolicy.KEEP:
        return
    c = state_tables.ID_RANGES.c
    for table, entries in state_tables.LEDGERS.items():
        entry = entries.c
        rows = connection.execute(
            sa.select(entry.id - c.shift, entry.id, sa.func.count().over())
            .where(
                c.source_id == source.id,
                c.table_name == table,
                c.shift != 0,
                entry.id.between(c.first_id + c.shift, c.last_id + c.shift),
                entry.state.is_distinct_from(ledger.DELETED),
            )
            .order_by(entry.id)
            .limit(IDS_SHOWN)
        ).all()
        if rows:
            ids = [(before, after) for before, after, _ in rows]
            yield MovedRows(table=table, rows=rows[0][2], ids=ids)
