"""Conditions that a load requires of the loads before it.

``known`` is the source as the target records it, None for a new one.
"""

import sqlalchemy as sa

from bizy_assets.core.common import IdPolicy
from bizy_assets.core.contracts import BY_TABLE, Contract
from bizy_assets.core.errors import ConflictError, SnapshotError
from bizy_assets.core.postgres import describe_url
from bizy_assets.core.state import Run, Source, runs, sources


def require_same_owner(
    connection: sa.Connection, known: Source | None, user_id: int | None
) -> None:
    """Check that a source that was migrated for one user is not loaded for another, or a new one.

    Raises:
        ConflictError: A table was loaded from the source for another user.
    """
    if known is None or known.user_id == user_id:
        return
    if loads := runs.latest_loads(connection, BY_TABLE, known.id):
        raise ConflictError(
            f"Table {loads[0].table} in {describe_url(connection.engine.url)} was migrated from "
            f"{known.path} for user {known.user_id}, but this run is for "
            f"{'a new user' if user_id is None else f'user {user_id}'}. Set the email of the first "
            "user again (DEFAULT_USER_EMAIL; in the manifest of a fleet, email), or roll the "
            "migration of the file back first."
        )


def require_no_other_source(connection: sa.Connection, source: Source) -> None:
    """Check that the owner of a source without loads, whose ids are moved, has no other source.

    A file under another key would be loaded a second time, since no id would be in use. The source
    is recorded, and the transaction holds the allocation lock: of two keys whose first runs start
    at once, the second one finds the first, which may have loaded no table yet.

    Raises:
        ConflictError: The owner has another source.
    """
    if source.id_policy is IdPolicy.KEEP:
        return
    other = sources.find_other_source(connection, source)
    if other is None:
        return
    what = f"{other.path} (key {other.key})"
    if runs.latest_loads(connection, BY_TABLE, other.id):
        owns = f"owns rows that were migrated from {what}"
    else:
        owns = f"is the owner account of {what}, whose first run has loaded no table yet"
    raise ConflictError(
        f"User {source.user_id} in {describe_url(connection.engine.url)} {owns}, so the rows of "
        f"{source.path} could be there twice. Nothing was changed. If this is the same file, use "
        "that key again or roll that migration back first; otherwise choose another owner account."
    )


def require_same_snapshot(
    connection: sa.Connection, contract: Contract, known: Source | None, run: Run
) -> None:
    """Check that parents and children come from the same snapshot of a source.

    Raises:
        TargetError: A parent table was never loaded from the source.
        SnapshotError: It was loaded from another snapshot.
    """
    for table in contract.loaded_after:
        load = runs.require_load(connection, table, known.id if known else 0)
        if load.snapshot.sha256 != run.snapshot.sha256:
            raise SnapshotError(
                f"pg_{contract.table} would load the snapshot {run.snapshot.path}, but pg_{table} "
                f"was loaded from {load.snapshot.path}, which has other content. Materialize "
                f"pg_{table} and pg_{contract.table} together."
            )
