"""The job ``rollback``: takes a migration out of the target again."""

from collections.abc import Iterator

import dagster as dg
from pydantic import Field

from bizy_assets.core.common import format_ids
from bizy_assets.core.errors import EditedRowsError
from bizy_assets.core.postgres import describe_url
from bizy_assets.core.rollback import RollbackResult, roll_back
from bizy_assets.core.settings import bizy_home
from bizy_assets.metadata import markdown_metadata
from bizy_assets.resources import WRITES, BizyTarget
from bizy_assets.runtime import CONSOLE, user_errors


class RollbackConfig(dg.Config):
    """How far a rollback goes."""

    keep_edited: bool = Field(
        default=False,
        description="Whether rows that were edited in PostgreSQL since they were migrated are "
        "given up as the backend's own, so that everything else of the migration can go. Without "
        "it they stay under the migration's watch, and the job fails after taking out the rest.",
    )


@dg.op(name="roll_back")
def roll_back_op(
    context: dg.OpExecutionContext, config: RollbackConfig, target: BizyTarget
) -> None:
    """Takes out exactly what was migrated and nobody has edited, in one transaction.

    Then the user that the migration created, if nothing else belongs to it and it never logged
    in, and every table, column, index and constraint that the migration made; sequences go back
    to where they were unless they were used since.
    """
    with user_errors(context):
        with target.writing() as connection:
            done = roll_back(
                connection,
                bizy_home(),
                keep_edited=config.keep_edited,
                lock_wait_seconds=target.settings().lock_wait_seconds,
            )
            where = describe_url(connection.engine.url)
        for line in _lines(done, where):
            context.log.info(line)
        metadata = _metadata(done, where)
        if done.edited and not config.keep_edited:
            with user_errors(context, metadata):
                raise EditedRowsError(_sentence(done, where))
    context.add_output_metadata(metadata)


@dg.job(
    executor_def=dg.in_process_executor,
    config=CONSOLE,
    tags=WRITES,
)
def rollback() -> None:
    """Takes the migration out of the target again: rows that nobody has edited, then objects."""
    roll_back_op()


def _lines(done: RollbackResult, where: str) -> Iterator[str]:
    if not done.tables:
        yield f"nothing was ever migrated into {where}, so there is nothing to take out"
    for table in done.tables:
        line = f"{table.table}: {table.deleted:,} rows taken out"
        if table.restored:
            line += f", {table.restored:,} put back as they were"
        if table.already_deleted:
            line += f", {table.already_deleted:,} gone already"
        if len(table.edited):
            line += f"; {len(table.edited):,} edited since and left: {format_ids(table.edited)}"
        yield line
    for column, ids in done.orphaned.items():
        yield f"{len(ids):,} other rows lost their {column}: {format_ids(ids)}"
    if done.objects is not None:
        if done.objects.dropped:
            yield f"removed: {', '.join(done.objects.dropped)}"
        if done.objects.kept:
            yield f"left: {'; '.join(done.objects.kept)}"


def _metadata(done: RollbackResult, where: str) -> dict[str, dg.MetadataValue | str]:
    metadata: dict[str, dg.MetadataValue | str] = {"target": where}
    if done.tables:
        metadata["rows"] = markdown_metadata(
            {
                "table": table.table,
                "taken out": table.deleted,
                "put back": table.restored,
                "gone already": table.already_deleted,
                "edited, left": len(table.edited),
                "ids of these": format_ids(table.edited),
            }
            for table in done.tables
        )
    for column, ids in done.orphaned.items():
        metadata[f"rows that lost their {column}"] = format_ids(ids)
    if done.objects is not None:
        metadata["removed"] = ", ".join(done.objects.dropped)
        metadata["left"] = "; ".join(done.objects.kept)
    return metadata


def _sentence(done: RollbackResult, where: str) -> str:
    rows = "; ".join(
        f"{table.table} {format_ids(table.edited)}" for table in done.tables if len(table.edited)
    )
    return (
        f"{done.edited:,} rows in {where} were edited since they were migrated and stay ({rows}); "
        "everything else that was migrated is taken out. Run the job again with keep_edited: true "
        "to leave them to the backend and to take out the rest of the migration, or delete them "
        "and run it again."
    )
