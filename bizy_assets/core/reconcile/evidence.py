"""The evidence on which audits and checks of a table are based."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from bizy_assets.core.common import CheckResult, IdSet
from bizy_assets.core.contracts import CONTRACTS, Contract
from bizy_assets.core.postgres import ids_where
from bizy_assets.core.reconcile.key_sets import SourceKeys, TargetKeys, source_keys, target_keys
from bizy_assets.core.state import (
    LoadContext,
    TableLoad,
    ledger,
    parents_in_snapshot,
    row_log,
    runs,
)
from bizy_assets.core.transform import NO_ID_LIST, timestamps
from bizy_assets.core.validation import INT4, ReasonCode, ValidationResult

_UNCERTAIN = (*timestamps.UNCERTAIN, NO_ID_LIST)

NO_ROWS = "The snapshot has no rows of this table."
"""Message of a check that has nothing to compare."""


@dataclass(frozen=True, kw_only=True)
class TableEvidence:
    """A loaded table as both sides have it: keys of the snapshot's valid rows and of PostgreSQL's.

    ``rejected`` are the ids in the source of rejected rows, if PostgreSQL can hold them, and
    ``excluded`` those of them that the configuration excludes;
    ``rejected_count`` is the number of recorded rejected rows. ``uncertain`` are the rows with a
    value that may have been interpreted wrongly, by rule.
    """

    context: LoadContext
    states: ledger.LedgerStates
    source: SourceKeys
    target: TargetKeys
    rejected: IdSet
    excluded: IdSet
    rejected_count: int
    uncertain: Mapping[str, IdSet]

    @property
    def contract(self) -> Contract:
        """The table's contract."""
        return self.context.contract

    @property
    def load(self) -> TableLoad:
        """The table's load."""
        return self.context.load

    @property
    def unedited(self) -> IdSet:
        """The snapshot's rows that PostgreSQL has and that were not edited there."""
        return (self.source.rows & self.target.rows) - self.states.edited

    def result(
        self, check: str, summary: str, figures: dict[str, int] | None = None
    ) -> CheckResult:
        """Return the result of a check that has found nothing yet."""
        label = self.context.table_ids.label
        return CheckResult(check=check, summary=summary, figures=figures or {}, label=label)


def collect_evidence(
    connection: sa.Connection, context: LoadContext, states: ledger.LedgerStates
) -> TableEvidence:
    """Read the keys of both sides of a table, in the caller's transaction.

    Raises:
        SnapshotError: The snapshot is missing or was altered.
    """
    contract, load = context.contract, context.load
    violations = context.table_validation.violations
    is_excluded = pc.equal(violations["rule"], ReasonCode.SKIPPED)
    with ThreadPoolExecutor(1) as pool:
        # The snapshot is read while PostgreSQL works.
        source = pool.submit(
            source_keys, context.validation, contract, context.parents, context.table_ids
        )
        return TableEvidence(
            context=context,
            states=states,
            rejected=_valid_ids(violations["row_id"]),
            excluded=_valid_ids(violations.filter(is_excluded)["row_id"]),
            rejected_count=row_log.count_rejected_rows(connection, load),
            uncertain={
                rule: context.table_ids.targets(ids)
                for rule, ids in row_log.adjusted_ids(connection, load, _UNCERTAIN).items()
            },
            target=_read_keys(connection, context),
            source=source.result(),
        )


def renew_evidence(
    connection: sa.Connection, before: TableEvidence, context: LoadContext, only: sa.Table
) -> TableEvidence:
    """Return the evidence after a table of ids was written: only these rows are read again.

    All else must be as ``before``, but for rows that others wrote meanwhile.
    """
    ids = ids_where(connection, only, {"ids": sa.true()})["ids"]
    states = ledger.ledger_states(connection, context.contract, context.ids, only=only)
    return replace(
        before,
        context=context,
        states=_replaced(before.states, states, ids),
        target=_replaced(before.target, _read_keys(connection, context, only), ids),
    )


def _read_keys(
    connection: sa.Connection, context: LoadContext, only: sa.Table | None = None
) -> TargetKeys:
    run = context.load.run
    return target_keys(
        connection,
        context.contract,
        owner_id=run.user_id,
        taken_at=runs.utc_naive(context.load.snapshot.taken_at),
        cutover=runs.utc_naive(run.tasks_local_since),
        within=context.within,
        only=only,
    )


_Sets = TypeVar("_Sets", ledger.LedgerStates, TargetKeys)


def _replaced(before: _Sets, now: _Sets, ids: IdSet) -> _Sets:
    """Return sets of ids as they were before, but of some ids, and all else, as it is now."""

    def merged(old: IdSet, new: IdSet) -> IdSet:
        return (old - ids) | new

    values: dict[str, Any] = {}
    for name in (field.name for field in fields(now)):
        old, new = getattr(before, name), getattr(now, name)
        if isinstance(new, IdSet):
            values[name] = merged(old, new)
        elif isinstance(new, dict) and isinstance(next(iter(new.values()), None), IdSet):
            values[name] = {key: merged(old.get(key, IdSet()), each) for key, each in new.items()}
    return replace(now, **values)


def find_orphans(validation: ValidationResult) -> dict[str, IdSet]:
    """Return the ids of valid rows whose parent does not exist, by ``table.column``."""
    return {
        f"{contract.table}.{column}": ids
        for contract in CONTRACTS
        for column, ids in source_keys(
            validation, contract, parents_in_snapshot(validation, contract)
        ).orphans.items()
    }


def all_rows(number: int) -> str:
    """Return the subject of a message about all rows of a table."""
    return "The row" if number == 1 else f"All {number:,} rows"


def _valid_ids(values: pa.ChunkedArray) -> IdSet:
    ids = values.drop_null().to_numpy()
    result = IdSet()
    result.add(ids[(ids >= INT4[0]) & (ids <= INT4[1])])
    return result
