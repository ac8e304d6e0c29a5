"""Run a whole migration in a transaction and roll it back, for the job ``dry_run``.

The backend's tables are not touched. The same statements, which name no schema, work on temporary
copies with the same rows, indexes, foreign keys and sequences, so that sessions that use the tables
do not wait. Of triggers, only those that may change rows are copied. The migration's own schema is
written to and rolled back.
"""

from dataclasses import dataclass, field, replace
from pathlib import Path

import sqlalchemy as sa

from bizy_assets.core.common import AuditError
from bizy_assets.core.contracts import CONTRACTS
from bizy_assets.core.errors import BizyError
from bizy_assets.core.load.table_load import LoadRequest, LoadResult, load_table
from bizy_assets.core.postgres import dry_run_transaction
from bizy_assets.core.reconcile import checks
from bizy_assets.core.settings import OwnerSettings
from bizy_assets.core.state import build_load_context
from bizy_assets.core.target import Owner, create_shadow_tables, ensure_owner


@dataclass
class DryRunResult:
    """The outcome that a migration would have, up to the error with which it would fail.

    The owner account is None if the migration would fail before it exists.
    """

    owner: Owner | None = None
    loads: list[LoadResult] = field(default_factory=list)
    failure: BizyError | None = None


def dry_run_migration(
    connection: sa.Connection, request: LoadRequest, owner: OwnerSettings, home: Path
) -> DryRunResult:
    """Migrate, record the outcome, and leave the target as it was; write nothing to ``BIZY_HOME``.

    The connection holds the target's lock. The owner of the request is replaced by the account
    that is found or created here.

    Raises:
        TargetError: PostgreSQL cannot be reached or refuses a statement.
    """
    result = DryRunResult()
    with dry_run_transaction(connection):
        create_shadow_tables(connection)
        try:
            wait = request.lock_wait_seconds
            result.owner = ensure_owner(connection, owner, home, lock_wait_seconds=wait)
            request = request.for_owner(result.owner.user_id)
            for contract in CONTRACTS:
                result.loads.append(load_table(connection, contract, request))
                if not result.loads[-1].results:
                    result.loads[-1] = _checked(connection, result.loads[-1])
        except BizyError as error:
            result.failure = error
    return result


def _checked(connection: sa.Connection, result: LoadResult) -> LoadResult:
    """Audit a load that wrote nothing, which a migration leaves to the checks.

    Raises ``AuditError`` with the message of a check that would fail.
    """
    results = checks.audit(connection, build_load_context(connection, result.load))
    asset = f"pg_{result.load.table}"
    failures = [
        checks.check_failure(found.check, asset, found.text) for found in results if found.errors
    ]
    if failures:
        raise AuditError(" ".join(failures), results)
    return replace(result, results=results)
