"""Run a whole migration in a transaction and roll it back, for the job ``dry_run``.

The backend's tables are not touched. The same statements, with another schema, work on temporary
copies with the same rows, indexes, foreign keys and sequences, so that sessions that use the tables
do not wait. Of triggers, only those that may change rows are copied. The migration's own schema is
written to and rolled back.
"""

from dataclasses import dataclass, field, replace
from pathlib import Path

import sqlalchemy as sa

from bizy_assets.core.common import AuditError, CheckResult
from bizy_assets.core.contracts import CONTRACTS
from bizy_assets.core.errors import BizyError
from bizy_assets.core.load.request import LoadRequest
from bizy_assets.core.load.table_load import LoadResult, load_table
from bizy_assets.core.postgres import dry_run_transaction
from bizy_assets.core.reconcile import check_backend_accepts, checks
from bizy_assets.core.settings import OwnerSettings
from bizy_assets.core.state import build_load_context, ledger
from bizy_assets.core.target import Owner, ensure_owner, use_shadow_tables


@dataclass
class DryRunResult:
    """The outcome that a migration would have, up to the error with which it would fail.

    The owner account is None if the migration would fail before it exists. ``zone`` is the result
    of the check of the time zone, ``snapshot_results`` those of the other checks of the snapshot.
    """

    owner: Owner | None = None
    loads: list[LoadResult] = field(default_factory=list)
    failure: BizyError | None = None
    zone: CheckResult | None = None
    snapshot_results: list[CheckResult] = field(default_factory=list)


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
    with dry_run_transaction(connection), use_shadow_tables(connection):
        try:
            wait = request.lock_wait_seconds
            result.owner = ensure_owner(connection, owner, home, lock_wait_seconds=wait)
            request = request.for_owner(result.owner.user_id)
            for contract in CONTRACTS:
                result.loads.append(load_table(connection, contract, request))
                result.loads[-1] = _checked(connection, result.loads[-1])
        except BizyError as error:
            result.failure = error
    return result


def _checked(connection: sa.Connection, result: LoadResult) -> LoadResult:
    """Add the results of checks that a migration leaves to the time after the load.

    These are the audits, if nothing was written, and the check of what the backend's API accepts.
    Raises ``AuditError`` with the message of a check that would fail.
    """
    context = build_load_context(connection, result.load)
    results = result.results or checks.audit(connection, context)
    asset = f"pg_{result.load.table}"
    failures = [
        checks.check_failure(found.check, asset, found.text) for found in results if found.errors
    ]
    if failures:
        raise AuditError(" ".join(failures), results)
    if context.contract.served:
        states = ledger.ledger_states(connection, context.contract, context.ids)
        results = [*results, check_backend_accepts(connection, context, states)]
    return replace(result, results=results)
