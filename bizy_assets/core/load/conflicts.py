"""Rows that the migration did not write, under ids that the rows of a source need."""

import sqlalchemy as sa

from bizy_assets.core.common import IdSet, format_ids
from bizy_assets.core.contracts import Contract
from bizy_assets.core.errors import ConflictError
from bizy_assets.core.postgres import describe_url
from bizy_assets.core.state import Run
from bizy_assets.core.target import state_tables


def require_no_conflicts(
    connection: sa.Connection,
    contract: Contract,
    run: Run,
    *,
    foreign: IdSet,
    own: IdSet,
    adopt: bool,
) -> None:
    """Require that no id is in use by a row of another user (``foreign``), or ``own`` row.

    The owner's own rows may be adopted.

    Raises:
        ConflictError: Some ids are in use.
    """
    if not foreign and (adopt or not own):
        return
    table = contract.table
    where = f"Table {table} in {describe_url(connection.engine.url)}"
    skip = f"skip_ids: {{{table}: [...]}}"
    if foreign:
        raise ConflictError(
            f"{where} has rows of other users with ids that Bizy uses too: {format_ids(foreign)}. "
            "Nothing was changed. Set BIZY_ID_POLICY=move to give the rows of Bizy free ids, or "
            f"exclude them with {skip} in the configuration of the resource target."
        )
    raise ConflictError(
        f"{where} has rows of the owner account with ids that {run.snapshot.source} uses too, "
        f"but that were written {_origin(connection, contract, own)}: {format_ids(own)}. Nothing "
        "was changed. If they are the same tasks and goals, set adopt: true in the configuration "
        "of the resource target to adopt them, which replaces their values by Bizy's (the job "
        f"dry_run shows old and new values); {skip} excludes them."
    )


def _origin(connection: sa.Connection, contract: Contract, ids: IdSet) -> str:
    """Describe who wrote rows, by the first ones' entries of other sources in the ledger."""
    entry, runs = state_tables.LEDGERS[contract.table], state_tables.RUNS
    sources = state_tables.SOURCES
    paths = connection.scalars(
        sa.select(sources.c.path)
        .distinct()
        .join(runs, runs.c.source_id == sources.c.id)
        .where(entry.c.run == runs.c.id, entry.c.id.in_(ids.first()))
    )
    writers = [f"from {path}" for path in paths]
    return " and ".join(writers) or "by another script or an earlier release"
