"""Whether a Bizy file has times whose meaning depends on a time zone."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from bizy_assets.core.contracts import BY_TABLE, Column, Rule
from bizy_assets.core.source.sqlite import bizy_columns, open_source

_MARGIN = timedelta(days=2)
"""More than any zone's offset: that long before the cutover a time can only be UTC."""

_NAIVE = (
    """typeof("{0}") = 'text' AND "{0}" NOT GLOB '*Z' """
    """AND "{0}" NOT GLOB '*[+-][0-9][0-9]:[0-9][0-9]'"""
)
_IS_LOCAL = {
    Rule.LOCAL: "1",
    # Midnight is a date.
    Rule.LOCAL_OR_DAY: """substr("{0}", 11) GLOB '*[1-9]*'""",
    Rule.UTC_UNTIL_CUTOVER: """"{0}" >= '{1}'""",
    Rule.UTC_UNTIL_TOUCHED: (
        """NOT coalesce(abs(julianday("{0}") - julianday(created_at)) * 86400 <= 1, 0)"""
    ),
}
"""Conditions under which a time without an offset may be local, by the rule of its column."""


def has_local_times(path: Path, tasks_local_since: datetime) -> bool:
    """Return whether a file that programs may be writing has times that may be local.

    Raises:
        SourceError: The file cannot be read, or is not a Bizy file.
    """
    cutover = f"{tasks_local_since - _MARGIN:%Y-%m-%d}"
    with open_source(path) as connection:
        return any(
            connection.execute(query).fetchone()[0]
            for table, present in bizy_columns(connection).items()
            for query in _queries(table, present, cutover)
        )


def _queries(table: str, present: tuple[str, ...], cutover: str) -> Iterator[str]:
    """Yield a query for each column of a table that may have local times."""
    columns = BY_TABLE[table].timestamps
    for column in (c for c in columns if c.name in present and c.rule in _IS_LOCAL):
        condition = f"{_NAIVE} AND {_condition(column, present)}".format(column.name, cutover)
        yield f'SELECT EXISTS (SELECT 1 FROM "{table}" WHERE {condition})'  # noqa: S608


def _condition(column: Column, present: tuple[str, ...]) -> str:
    if column.rule is Rule.UTC_UNTIL_TOUCHED and "created_at" not in present:
        return _IS_LOCAL[Rule.LOCAL]
    return _IS_LOCAL[column.rule]
