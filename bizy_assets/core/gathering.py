"""Gathers a report from the target's own records.

Counts come from the journal, and of ids and values just the first ones are read, so that a report
of a large migration costs little more than one of a small one.
"""

import codecs
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from bizy_assets.core.common import IDS_SHOWN
from bizy_assets.core.contracts import BY_TABLE
from bizy_assets.core.errors import TargetError
from bizy_assets.core.postgres import describe_url, url_template
from bizy_assets.core.report import BadValue, History, Owner, Repaired, Report
from bizy_assets.core.state import TableLoad, latest_loads, newest_load
from bizy_assets.core.target import (
    OWNER_FULL_NAME,
    REJECTED_ROWS_TABLE,
    REPAIRS_TABLE,
    USERS_TABLE,
    password_file,
)

SHOWN_VALUES = 100
"""How many bad values are shown."""

_BYTES = 320
"""How many bytes of a bad value are fetched; fewer characters than that are shown."""


def loads_of(connection: sa.Connection) -> list[TableLoad]:
    """Returns the last load of every table.

    Raises:
        TargetError: None was ever loaded.
    """
    loads = latest_loads(connection, BY_TABLE)
    if not loads:
        raise TargetError(
            f"Nothing was migrated into {describe_url(connection.engine.url)}, so there is "
            "nothing to report; run the job migrate first."
        )
    return loads


def read(
    connection: sa.Connection,
    loads: list[TableLoad],
    history: History,
    home: Path,
    run_id: str,
    *,
    embedded: bool,
) -> Report:
    """Gathers a report.

    Args:
        connection: In a transaction; only read from.
        loads: Of ``loads_of``.
        history: What Dagster knows of them.
        home: ``BIZY_HOME``.
        run_id: Dagster's run that makes the report.
        embedded: Whether the target is the embedded server.
    """
    url = connection.engine.url
    made_at = datetime.now(UTC)
    values, in_all = _bad_values(connection, loads)
    # Nobody but this account gets to the embedded server, which asks it for no password.
    login = (str(url.username), None) if embedded else ("USER", "PASSWORD")
    return Report(
        made_at=made_at,
        file=home / "reports" / f"migration_{made_at:%Y%m%d_%H%M%S}_{run_id[:8]}.html",
        where=describe_url(url),
        address=url_template(url, user=login[0], password=login[1]),
        embedded=embedded,
        owner=_owner(connection, loads, home),
        loads=loads,
        history=history,
        repaired=_repaired(connection, loads),
        bad_values=values,
        bad_values_in_all=in_all,
    )


def _owner(connection: sa.Connection, loads: list[TableLoad], home: Path) -> Owner:
    user_id = newest_load(loads).run.user_id
    columns = USERS_TABLE.c
    found = connection.execute(
        sa.select(columns.email, columns.full_name).where(columns.id == user_id)
    ).one_or_none()
    if found is None:
        return Owner(user_id=user_id, email=None, ours=False, password_file=None)
    file = password_file(home, connection.engine.url, found.email)
    return Owner(
        user_id=user_id,
        email=found.email,
        ours=found.full_name == OWNER_FULL_NAME,
        password_file=file if file.exists() else None,
    )


def _repaired(connection: sa.Connection, loads: list[TableLoad]) -> list[Repaired]:
    c = REPAIRS_TABLE.c
    kinds = (c.source, c.table_name, c.column_name, c.rule)
    groups = connection.execute(
        sa.select(*kinds, sa.func.count().label("number"))
        .where(_about(REPAIRS_TABLE, loads))
        .group_by(*kinds)
        .order_by(*kinds)
    ).all()
    return [
        Repaired(
            table=group.table_name,
            column=group.column_name,
            rule=group.rule,
            values=group.number,
            ids=list(
                connection.scalars(
                    sa.select(c.source_id)
                    .where(*(column == group._mapping[column.name] for column in kinds))
                    .order_by(c.source_id)
                    .limit(IDS_SHOWN)
                )
            ),
        )
        for group in groups
    ]


def _bad_values(connection: sa.Connection, loads: list[TableLoad]) -> tuple[list[BadValue], int]:
    table = REJECTED_ROWS_TABLE
    c = table.c
    about = _about(table, loads)
    in_all = connection.execute(sa.select(sa.func.count()).where(about)).scalar_one()
    rows = connection.execute(
        sa.select(
            c.table_name,
            c.source_id,
            c.position,
            c.column_name,
            c.rule,
            sa.func.substring(c.raw, 1, _BYTES).label("raw"),
        )
        .where(about)
        .order_by(c.table_name, c.position, c.column_name)
        .limit(SHOWN_VALUES)
    )
    values = [
        BadValue(
            table=row.table_name,
            id=row.source_id,
            position=row.position,
            column=row.column_name,
            rule=row.rule,
            value=None if row.raw is None else _text(bytes(row.raw)),
        )
        for row in rows
    ]
    return values, in_all


def _about(table: sa.Table, loads: list[TableLoad]) -> sa.ColumnElement[bool]:
    """Restricts what is written down about single values to the tables' present sources."""
    pairs = [(str(load.snapshot.source), load.table) for load in loads]
    return sa.tuple_(table.c.source, table.c.table_name).in_(pairs)


def _text(raw: bytes) -> str:
    """Shows bytes as text where they are, else in hexadecimal; the last may be cut in two."""
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(raw, final=len(raw) < _BYTES)
    except UnicodeDecodeError:
        return f"0x{raw.hex()}"
