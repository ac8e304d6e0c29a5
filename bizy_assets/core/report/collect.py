"""Collect the data of a report from the target's own records.

Counts come from the records of loads, and only the first ids and values are read, so that the
report of a large migration costs little more than that of a small one.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from bizy_assets.core.common import IDS_SHOWN, IdPolicy, decode
from bizy_assets.core.contracts import BY_TABLE
from bizy_assets.core.errors import TargetError
from bizy_assets.core.postgres import describe_url, urls
from bizy_assets.core.report.model import (
    Adjustment,
    History,
    MovedRows,
    Owner,
    RejectedValue,
    Report,
)
from bizy_assets.core.state import Source, TableLoad, ledger, runs
from bizy_assets.core.target import OWNER_FULL_NAME, USERS_TABLE, password_file, state_tables
from bizy_assets.core.validation import ReasonCode

_REJECTED = 100

_BYTES = 320
"""The number of bytes that are read of a rejected value; the page shows at most 80 characters."""


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
    values, value_count = _rejected_values(connection, loads)
    return Report(
        file=home / "reports" / f"migration_{datetime.now(UTC):%Y%m%d_%H%M%S}_{run_id[:8]}.html",
        target=describe_url(url),
        connection_url=urls.url_template(url, user=login[0], password=login[1]),
        embedded=embedded,
        owner=_owner(connection, loads, home),
        loads=loads,
        history=history(loads),
        adjustments=_adjustments(connection, loads),
        rejected_values=values,
        rejected_value_count=value_count,
        moved=list(_moved_rows(connection, source)),
        skipped_rows=_skipped_rows(connection, loads),
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


def _adjustments(connection: sa.Connection, loads: list[TableLoad]) -> list[Adjustment]:
    c = state_tables.REPAIRS.c
    kinds = (c.source_id, c.table_name, c.column_name, c.rule)
    groups = connection.execute(
        sa.select(*kinds, sa.func.count().label("number"))
        .where(_of(state_tables.REPAIRS, loads))
        .group_by(*kinds)
        .order_by(*kinds)
    ).all()
    return [
        Adjustment(
            table=group.table_name,
            column=group.column_name,
            rule=group.rule,
            values=group.number,
            ids=list(
                connection.scalars(
                    sa.select(c.row_id)
                    .where(*(column == group._mapping[column.name] for column in kinds))
                    .order_by(c.row_id)
                    .limit(IDS_SHOWN)
                )
            ),
        )
        for group in groups
    ]


def _rejected_values(
    connection: sa.Connection, loads: list[TableLoad]
) -> tuple[list[RejectedValue], int]:
    table = state_tables.REJECTED_ROWS
    c = table.c
    condition = _of(table, loads)
    value_count = connection.execute(sa.select(sa.func.count()).where(condition)).scalar_one()
    rows = connection.execute(
        sa.select(
            c.table_name,
            c.row_id,
            c.position,
            c.column_name,
            c.rule,
            sa.func.substring(c.raw, 1, _BYTES).label("raw"),
        )
        .where(condition)
        .order_by(c.table_name, c.position, c.column_name)
        .limit(_REJECTED)
    )
    values = [
        RejectedValue(
            table=row.table_name,
            id=row.row_id,
            rowid=row.position,
            column=row.column_name,
            rule=row.rule,
            value=None if row.raw is None else decode(bytes(row.raw), cut=len(row.raw) == _BYTES),
        )
        for row in rows
    ]
    return values, value_count


def _skipped_rows(connection: sa.Connection, loads: list[TableLoad]) -> int:
    table = state_tables.REJECTED_ROWS
    is_skipped = table.c.rule == ReasonCode.SKIPPED
    count = sa.select(sa.func.count()).where(_of(table, loads), is_skipped)
    return int(connection.execute(count).scalar_one())


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


def _of(table: sa.Table, loads: list[TableLoad]) -> sa.ColumnElement[bool]:
    """Restrict records of single values to those of the loads of a source."""
    [source_id] = {load.run.source.id for load in loads}
    tables = [load.table for load in loads]
    return sa.and_(table.c.source_id == source_id, table.c.table_name.in_(tables))
