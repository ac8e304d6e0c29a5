"""Runs a whole migration for real, and undoes it: what the job ``dry_run`` reports.

Everything happens in one transaction that ends with a rollback. The backend's tables are not
touched: the same statements, which name no schema, work on temporary copies with the same rows,
indexes, foreign keys and sequences, so that nobody who uses the tables has to wait. Triggers are
not copied. The migration's own schema is written to and rolled back, since nobody else uses it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import sqlalchemy as sa

from bizy_assets.core.common import AuditError
from bizy_assets.core.contracts import CONTRACTS
from bizy_assets.core.errors import BizyError
from bizy_assets.core.load.table_load import LoadRequest, LoadResult, load_table
from bizy_assets.core.postgres import dry_run_transaction
from bizy_assets.core.reconcile import audit, check_failure
from bizy_assets.core.settings import OwnerSettings
from bizy_assets.core.target import Owner, create_shadow_tables, ensure_owner


@dataclass
class DryRunResult:
    """What a migration would do.

    Attributes:
        owner: Who would own the rows; None where it would fail before.
        loaded: What each table's load would do, as far as it would come.
        failure: Why it would fail, if it would.
    """

    owner: Owner | None = None
    loaded: list[LoadResult] = field(default_factory=list)
    failure: BizyError | None = None


def dry_run_migration(
    connection: sa.Connection, order: LoadRequest, owner: OwnerSettings, home: Path
) -> DryRunResult:
    """Migrates, says what that did, and leaves the target as it was.

    Args:
        connection: Holds the target's lock; outside a transaction.
        order: What to load; its owner is found here.
        owner: Who shall own the rows.
        home: ``BIZY_HOME``; nothing is written there.

    Raises:
        TargetError: PostgreSQL cannot be reached or refuses.
    """
    done = DryRunResult()
    with _undone(connection):
        try:
            done.owner = ensure_owner(
                connection, owner, home, lock_wait_seconds=order.lock_wait_seconds
            )
            order = replace(order, owner_id=done.owner.user_id)
            for contract in CONTRACTS:
                done.loaded.append(load_table(connection, contract, order))
                if not done.loaded[-1].verdicts:
                    done.loaded[-1] = _checked(connection, done.loaded[-1])
        except BizyError as error:
            done.failure = error
    return done


def _checked(connection: sa.Connection, loaded: LoadResult) -> LoadResult:
    """Judges what a load left to the checks, and fails with their words.

    Raises:
        AuditError: A check would fail.
    """
    verdicts = audit(connection, loaded.load)
    asset = f"pg_{loaded.load.table}"
    failures = [check_failure(v.check, asset, v.text) for v in verdicts if v.errors]
    if failures:
        raise AuditError(" ".join(failures), verdicts)
    return replace(loaded, verdicts=verdicts)


@contextmanager
def _undone(connection: sa.Connection) -> Iterator[None]:
    """Lets a block write to copies of the backend's tables, and undoes all of it."""
    with dry_run_transaction(connection):
        create_shadow_tables(connection)
        yield
