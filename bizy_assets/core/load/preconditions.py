"""Conditions that a load requires of the loads before it."""

import sqlalchemy as sa

from bizy_assets.core.contracts import Contract
from bizy_assets.core.errors import ConflictError, SnapshotError
from bizy_assets.core.postgres import describe_url
from bizy_assets.core.source import Snapshot
from bizy_assets.core.state import Run, runs


def require_same_owner(connection: sa.Connection, contract: Contract, run: Run) -> None:
    """Check that rows that were migrated for one user are not loaded for another.

    Raises:
        ConflictError: The table was loaded from this source for another user.
    """
    last = runs.latest_load(connection, contract.table)
    if last is None or last.snapshot.source != run.snapshot.source:
        return
    if last.run.user_id != run.user_id:
        raise ConflictError(
            f"Table {contract.table} in {describe_url(connection.engine.url)} was migrated from "
            f"{last.snapshot.source} for user {last.run.user_id}, but this run is for user "
            f"{run.user_id}. Set DEFAULT_USER_EMAIL to the first user's again, or run the job "
            "rollback first."
        )


def require_same_snapshot(
    connection: sa.Connection, contract: Contract, snapshot: Snapshot
) -> None:
    """Check that parents and children come from the same snapshot.

    Raises:
        TargetError: A parent table was never loaded.
        SnapshotError: It was loaded from another snapshot.
    """
    for table in contract.loaded_after:
        load = runs.require_load(connection, table)
        if load.snapshot.sha256 != snapshot.sha256:
            raise SnapshotError(
                f"pg_{contract.table} would load the snapshot {snapshot.path}, but pg_{table} "
                f"was loaded from {load.snapshot.path}, which has other content. Materialize "
                f"pg_{table} and pg_{contract.table} together."
            )
