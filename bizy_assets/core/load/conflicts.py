"""Rows that the migration did not write, under ids that the rows of a source need."""

from collections.abc import Iterator

import sqlalchemy as sa

from bizy_assets.core.common import IdSet, cures, format_ids, user_command
from bizy_assets.core.contracts import Contract
from bizy_assets.core.errors import ConflictError
from bizy_assets.core.postgres import describe_url
from bizy_assets.core.state import Run, Source, sources
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
    where = f"Table {contract.table} in {describe_url(connection.engine.url)}"
    if foreign:
        raise ConflictError(
            f"{where} has rows of other users with ids that Bizy uses too: {format_ids(foreign)}. "
            f"Nothing was changed. {_free_ids()}, or leave these rows out with "
            f"{skip_ids(contract, foreign)}."
        )
    raise ConflictError(
        f"{where} has rows of the owner account with ids that {run.snapshot.source} uses too, "
        f"but that were written {_origin(connection, contract, own)}: {format_ids(own)}. Nothing "
        f"was changed. {' '.join(_remedies(connection, contract, run, own))}"
    )


def _remedies(connection: sa.Connection, contract: Contract, run: Run, own: IdSet) -> Iterator[str]:
    """Yield what to do about rows of the owner, the safest first."""
    other = sources.newest_source(connection, run.user_id)
    if other is not None:
        yield (
            f"If {other.path} was a trial, undo its migration with {cures.job('rollback')}; "
            "otherwise set DATABASE_URL to another database for this file."
        )
    else:
        yield (f"Set DATABASE_URL to another database for this file, or keep both: {_free_ids()}.")
    yield f"Rows of Bizy are left out if they are listed in {skip_ids(contract, own)}."
    if _is_adoptable(connection, contract, other, own):
        yield (
            "Only if they are the same tasks and goals, set adopt: true in the configuration of "
            f"the resource target {cures.in_launchpad('target', 'adopt', 'true')}, which replaces "
            "their values by Bizy's; the job dry_run shows old and new values first."
        )


def _is_adoptable(
    connection: sa.Connection, contract: Contract, other: Source | None, own: IdSet
) -> bool:
    """Return whether rows of the owner may be those of the file to load.

    They are not if the file from which they were loaded was not moved, or if one of them was made
    in PostgreSQL after the last load.
    """
    try:
        is_moved = other is None or not other.path.exists()
    except OSError:
        is_moved = False
    loads = state_tables.LOADS.c
    of_table = loads.table_name == contract.table
    young = connection.scalar(sa.select(sa.func.max(loads.next_id)).where(of_table))
    return is_moved and not (young and own.highest() >= young)


def _free_ids() -> str:
    command = user_command("migrate", BIZY_ID_POLICY="move")
    return (
        "Set BIZY_ID_POLICY=move to give the rows of Bizy free ids "
        f"{cures.in_launchpad('source', 'id_policy', 'move', command)}"
    )


def skip_ids(contract: Contract, ids: IdSet) -> str:
    """Return how rows are left out: the setting with its place in the UI and the first ids."""
    listed = f"{{{contract.table}: [{format_ids(ids)}]}}"
    return (
        f"skip_ids: {{{contract.table}: [...]}} in the configuration of the resource target "
        f"{cures.in_launchpad('target', 'skip_ids', listed)}"
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
