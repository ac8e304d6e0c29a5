"""The job ``rollback``, which undoes the migration."""

import logging
from collections.abc import Iterator
from contextlib import suppress

import dagster as dg
import sqlalchemy as sa
from pydantic import Field

from bizy_assets.core import pipeline
from bizy_assets.core.common import format_ids, label_ids, quantity
from bizy_assets.core.errors import BizyError
from bizy_assets.core.postgres import describe_url
from bizy_assets.core.rollback import RollbackResult, TableRollback
from bizy_assets.core.settings import SourceFileSettings, bizy_home
from bizy_assets.core.source import Snapshot
from bizy_assets.jobs.launchpad import launchpad
from bizy_assets.jobs.rows_left import record_rows_left
from bizy_assets.metadata import tables
from bizy_assets.resources import WRITES, BizyTarget
from bizy_assets.runtime import log_lines, tag_run, user_errors

ROWS_LEFT = "rows_left"
"""Metadata of the op: number of edited rows that stay until the rollback is finished."""


class RollbackConfig(dg.Config):
    """Configuration of `roll_back`."""

    keep_edited: bool = Field(
        default=False,
        description="Whether to release rows that were edited in PostgreSQL to the backend, so "
        "that everything else of the migration is removed. Otherwise edited rows stay under the "
        "control of the migration, together with the objects it created, and a warning lists them.",
    )


@dg.op(name="roll_back")
def roll_back_op(
    context: dg.OpExecutionContext, config: RollbackConfig, target: BizyTarget
) -> None:
    """Deletes the migrated rows that were not edited since, in one transaction.

    Restores adopted rows. Then drops every table, column, index and constraint that the migration
    created, and deletes its owner account unless the account has logged in or owns other rows.
    Sequences return to their previous values unless they were used since.
    """
    with user_errors(context), target.writing() as connection:
        settings = target.settings()
        target_name = describe_url(connection.engine.url)
        tag_run(context, target_name, _loaded_last(connection))
        result = pipeline.roll_back(
            connection,
            bizy_home(),
            keep_edited=config.keep_edited,
            lock_wait_seconds=settings.lock_wait_seconds,
            trigger_policy=settings.triggers,
        )
    record_rows_left(context, result, target_name, keep_edited=config.keep_edited)
    report_rollback(context, result, target_name, keep_edited=config.keep_edited)


@dg.job(config=launchpad(roll_back={"keep_edited": False}), tags=WRITES)
def rollback() -> None:
    """Undoes the migration: deletes the rows that were not edited since, then drops its objects."""
    roll_back_op()


def _loaded_last(connection: sa.Connection) -> Snapshot | None:
    """Return the snapshot that was loaded last, unless only another release can read which."""
    with suppress(BizyError), connection.begin():
        run = pipeline.loaded_run(connection, SourceFileSettings.read().key)
        return run.snapshot if run else None
    return None


def report_rollback(
    context: dg.OpExecutionContext,
    result: RollbackResult,
    target_name: str,
    *,
    keep_edited: bool,
) -> None:
    """Report a rollback as log lines and metadata of its op.

    A rollback that preserves edited rows is done, with a remainder: a warning names the rows and
    how to finish.
    """
    for line in _lines(result, target_name):
        log_lines(context, line)
    metadata = _metadata(result, target_name)
    rows_left = 0 if keep_edited else result.edited
    if rows_left:
        metadata["remaining"] = _remaining_rows_message(result, target_name)
        log_lines(context, str(metadata["remaining"]), level=logging.WARNING)
    context.add_output_metadata({ROWS_LEFT: rows_left, **metadata})


def _lines(result: RollbackResult, target_name: str) -> Iterator[str]:
    if not result.tables:
        yield f"nothing was ever migrated into {target_name}; there is nothing to roll back"
    yield from map(_table_line, result.tables)
    for column, ids in result.orphaned.items():
        rows = quantity(len(ids), "other row lost its", "other rows lost their")
        yield f"{rows} {column} ({label_ids(ids)})"
    if result.objects is not None:
        if result.objects.dropped:
            yield f"dropped: {', '.join(result.objects.dropped)}"
        if result.objects.kept:
            yield f"kept: {'; '.join(result.objects.kept)}"


def _table_line(table: TableRollback) -> str:
    line = f"{table.table}: {quantity(table.deleted, 'row')} deleted"
    if table.restored:
        line += f", {table.restored:,} restored"
    if table.already_deleted:
        line += f", {table.already_deleted:,} already deleted"
    if table.edited:
        line += f"; preserved edits: {len(table.edited):,} ({label_ids(table.edited)})"
    return line


def _metadata(result: RollbackResult, target_name: str) -> dict[str, dg.MetadataValue | str]:
    metadata: dict[str, dg.MetadataValue | str] = {"target": target_name}
    if result.tables:
        metadata["rows"] = tables.markdown_metadata(
            {
                "table": table.table,
                "deleted": table.deleted,
                "restored": table.restored,
                "already deleted": table.already_deleted,
                "preserved edits": len(table.edited),
                "ids of preserved edits": format_ids(table.edited),
            }
            for table in result.tables
        )
    for column, ids in result.orphaned.items():
        metadata[f"rows that lost their {column}"] = format_ids(ids)
    if result.objects is not None:
        metadata["removed"] = ", ".join(result.objects.dropped)
        metadata["left"] = "; ".join(result.objects.kept)
    return metadata


def _remaining_rows_message(result: RollbackResult, target_name: str) -> str:
    edited = "; ".join(
        f"{table.table}: {label_ids(table.edited)}" for table in result.tables if table.edited
    )
    rows = quantity(result.edited, "row", "rows")
    verb, stays = ("was", "stays") if result.edited == 1 else ("were", "stay")
    return (
        f"Rolled back, except for {rows} in {target_name} that {verb} edited since the migration "
        f"and {stays} ({edited}). To finish, start the job again with keep_edited: true: "
        "the backend keeps these rows, and everything else of the migration is removed. Or delete "
        "these rows and start the job again."
    )
