"""Conditions that a load requires of the loads before it."""

import sqlalchemy as sa

from bizy_assets.core.common import IdPolicy
from bizy_assets.core.contracts import BY_TABLE, Contract
from bizy_assets.core.errors import ConflictError, SnapshotError
from bizy_assets.core.postgres import describe_url
from bizy_assets.core.state import Run, runs, sources


def require_same_owner(connection: sa.Connection, run: Run) -> None:
    """Check that a source that was migrated for one user is not loaded for another.

    If the source's ids are moved, a file under another key would be loaded a second time, since no
    id would be in use. So its owner account must not own the rows of another source.

    Raises:
        ConflictError: A table was loaded from the source for another user, or from another source
            for this one.
    """
    known = sources.find_source(connection, run.source.key)
    if known is None and run.source.id_policy is IdPolicy.MOVE:
        _require_no_other_source(connection, run)
    if known is None or known.user_id == run.user_id:
        return
    if loads := runs.latest_loads(connection, BY_TABLE, known.id):
        raise ConflictError(
            f"Table {loads[0].table} in {describe_url(connection.engine.url)} was migrated from "
            f"{known.path} for user {known.user_id}, but this run is for user {run.user_id}. Set "
            "DEFAULT_USER_EMAIL to the first user's again, or run the job rollback first."
        )


def _require_no_other_source(connection: sa.Connection, run: Run) -> None:
    other = sources.find_other_source(connection, run.source)
    if other is not None:
        raise ConflictError(
            f"User {run.user_id} in {describe_url(connection.engine.url)} owns rows that were "
            f"migrated from {other.path} (key {other.key}), so the rows of {run.source.path} could "
            "be there twice. Nothing was changed. If this is the same file, use that key again or "
            "roll that migration back first; otherwise choose another owner account."
        )


def require_same_snapshot(connection: sa.Connection, contract: Contract, run: Run) -> None:
    """Check that parents and children come from the same snapshot of a source.

    Raises:
        TargetError: A parent table was never loaded from the source.
        SnapshotError: It was loaded from another snapshot.
    """
    source = sources.find_source(connection, run.source.key)
    for table in contract.loaded_after:
        load = runs.require_load(connection, table, source.id if source else 0)
        if load.snapshot.sha256 != run.snapshot.sha256:
            raise SnapshotError(
                f"pg_{contract.table} would load the snapshot {run.snapshot.path}, but pg_{table} "
                f"was loaded from {load.snapshot.path}, which has other content. Materialize "
                f"pg_{table} and pg_{contract.table} together."
            )
