"""Audits of a loaded table: the conditions for its commit, which checks verify again later."""

from collections.abc import Callable, Iterable

import sqlalchemy as sa

from bizy_assets.core.common import CheckResult, IdPolicy, quantity
from bizy_assets.core.contracts import Column
from bizy_assets.core.postgres import catalog
from bizy_assets.core.reconcile import remedies
from bizy_assets.core.reconcile.count_check import COUNT, check_count
from bizy_assets.core.reconcile.evidence import (
    NO_ROWS,
    TableEvidence,
    all_rows,
    collect_evidence,
)
from bizy_assets.core.reconcile.time_checks import TIMESTAMPS, check_timestamps
from bizy_assets.core.state import LoadContext, ledger
from bizy_assets.core.target import sequences
from bizy_assets.core.transform import NO_ID_LIST

NULL_USER_ID = "null_user_id"
ORPHAN_FK = "orphan_fk"
SEQUENCE = "sequence"


def check_failure(check: str, asset: str, text: str) -> str:
    """Return the message of a failed check, as the reason for a failed run."""
    return f"Check {check} of {asset} failed: {text}"


def check_null_user_id(evidence: TableEvidence) -> CheckResult:
    """Every row has an owner, the column does not allow NULL, and the owner is the expected one."""
    rows, user_id = len(evidence.unedited), evidence.load.run.user_id
    result = evidence.result(
        NULL_USER_ID,
        f"{all_rows(rows)} belong{'s' if rows == 1 else ''} to user {user_id}."
        if rows
        else NO_ROWS,
        figures={"expected owner": user_id},
    )
    column = evidence.target.columns.get("user_id")
    if column is None or not column.not_null:
        table = evidence.contract.table
        result.errors.append(
            f"Column {table}.user_id allows NULL; run ALTER TABLE {table} ALTER user_id SET NOT "
            "NULL, once every row has an owner."
        )
    no_owner = evidence.target.without_owner
    result.add_rows(
        "without an owner",
        no_owner,
        "has no owner",
        cure=lambda: f"Set user_id to {user_id} there.",
    )
    result.add_rows(
        "of another owner",
        evidence.target.other_owner & evidence.unedited,
        "belongs to a different user",
        cure=remedies.for_changed_rows,
    )
    return result


def check_orphan_fk(evidence: TableEvidence) -> CheckResult:
    """Every reference is valid and guarded by a foreign key; only orphans have no parent."""
    orphans = sum(map(len, evidence.source.orphans.values()))
    missing = quantity(
        orphans, "parent missing in the source is NULL", "parents missing in the source are NULL"
    )
    note = f"; {missing}" if orphans else ""
    result = evidence.result(ORPHAN_FK, f"All foreign keys are valid{note}.")
    for column in evidence.contract.columns:
        if column.references is not None:
            keys = evidence.target.foreign_keys
            result.errors.extend(foreign_key_violations(keys, evidence.contract.table, column))
            result.add_rows(
                f"whose {column.name} points nowhere",
                evidence.target.dangling[column.name],
                f"has a {column.name} that does not exist",
                cure=remedies.for_dangling_rows,
            )
    _check_owners(evidence, result)
    for column in evidence.contract.parents:
        _check_parents(evidence, column, result)
    if no_lists := evidence.uncertain[NO_ID_LIST]:
        result.add_rows(
            "with a value that is no list of ids",
            no_lists & evidence.unedited,
            "has a value that should list ids but does not",
            "have values that should list ids but do not",
            note="it was copied, and bizy_migration.repairs names it",
            warning=True,
        )
    return result


def _check_owners(evidence: TableEvidence, result: CheckResult) -> None:
    """Check that no row refers to one of another owner; a list with ids of no row may do so.

    A source that keeps its ids keeps these too. They may be those of another owner's rows.
    """
    is_kept = evidence.load.run.source.id_policy is IdPolicy.KEEP
    for name, ids in evidence.target.foreign.items():
        column = evidence.contract.column(name)
        result.add_rows(
            f"whose {name} leads to another owner",
            ids & evidence.unedited,
            f"refers to a different owner's row in {name}",
            f"refer to a different owner's rows in {name}",
            warning=is_kept and column is not None and column.lists is not None,
            cure=remedies.for_changed_rows,
        )


def _check_parents(evidence: TableEvidence, column: Column, result: CheckResult) -> None:
    """Check that exactly the snapshot's orphans and rows without a parent have none."""
    orphans = evidence.source.orphans[column.name]
    expected = evidence.source.without_parent[column.name] | orphans
    missing = evidence.target.without_parent[column.name] & evidence.unedited
    result.figures[f"orphans by {column.name} in the snapshot"] = len(orphans)
    result.add_rows(
        f"that lost their {column.name}",
        missing - expected,
        f"lost its {column.name}",
        f"lost their {column.name}",
        cure=remedies.for_changed_rows,
    )
    result.add_rows(
        f"that have a {column.name} though the snapshot gives none",
        (expected & evidence.unedited) - missing,
        f"has a {column.name} although the snapshot has none",
        cure=remedies.for_changed_rows,
    )


def foreign_key_violations(
    keys: list[catalog.ForeignKeyInfo], table: str, column: Column
) -> list[str]:
    """Return the violations of the foreign keys that must guard a column, each a sentence."""
    name = f"{table}.{column.name}"
    references = f"{column.references}.id"
    guards = [key for key in keys if key.column == column.name and key.references == references]
    if not guards:
        return [
            f"The foreign key of {name} to {column.references} is missing; run the job migrate "
            "once, which creates it."
        ]
    violations = [
        f"The foreign key {key.name} of {name} is not validated; drop it, and the next load "
        "creates a valid one."
        for key in guards
        if not key.validated
    ]
    violations += [
        f"The foreign key {key.name} of {name} has ON DELETE {key.on_delete}, expected ON DELETE "
        f"{column.on_delete}; drop it, and the next load creates the right one."
        for key in guards
        if key.on_delete != column.on_delete
    ]
    return violations


def check_sequence(evidence: TableEvidence) -> CheckResult:
    """The next row that PostgreSQL numbers itself gets a free id."""
    use = evidence.target.sequence
    sequence, highest = use.sequence, use.highest_id
    result = evidence.result(
        SEQUENCE,
        f"The id sequence continues at {sequence.next if sequence else None} "
        f"(highest id: {highest}).",
        figures={"highest id": highest},
    )
    if sequence is None:
        table = evidence.contract.table
        result.errors.append(
            f"Column {table}.id has no sequence as its default; make its sequence the default "
            f"again with ALTER TABLE {table} ALTER id SET DEFAULT nextval('{table}_id_seq')."
        )
        return result
    result.figures["next id"] = sequence.next
    is_past = sequence.next > highest or highest == sequences.MAX_ID
    if not is_past or use.next_is_used:
        result.errors.append(
            f"Sequence {sequence.name} continues at {sequence.next}, but the highest id is "
            f"{highest}; run the job migrate once, which advances it."
        )
    if evidence.load.run.source.id_policy is IdPolicy.MOVE and highest > sequences.MAX_ID // 2:
        result.warnings.append(
            f"More than half of the ids of {evidence.contract.table} are used (highest id: "
            f"{highest:,} of {sequences.MAX_ID:,}); further files may find none left."
        )
    return result


AUDITS: dict[str, Callable[[TableEvidence], CheckResult]] = {
    COUNT: check_count,
    NULL_USER_ID: check_null_user_id,
    ORPHAN_FK: check_orphan_fk,
    TIMESTAMPS: check_timestamps,
    SEQUENCE: check_sequence,
}
"""The audits of a table by name: a load must pass them to commit, and they are checks afterwards.

The check ``content`` is not an audit, since it reads committed rows.
"""


def audit(
    connection: sa.Connection,
    context: LoadContext,
    *,
    concurrent: bool = False,
    evidence: TableEvidence | None = None,
) -> list[CheckResult]:
    """Run all audits of a loaded table, in the caller's transaction.

    In a ``concurrent`` load, others may have written rows that the load did not lock. The
    evidence is collected, unless it is given.

    Raises:
        SnapshotError: The snapshot is missing or was altered.
    """

    def run_audits(states: ledger.LedgerStates) -> list[CheckResult]:
        # With later changes, what others wrote since the evidence was collected counts too.
        given = evidence if evidence and evidence.states is states else None
        found = given or collect_evidence(connection, context, states)
        return [check(found) for check in AUDITS.values()]

    states = evidence.states if evidence else None
    return evaluate(connection, context, run_audits, others_write=concurrent, states=states)


def evaluate(
    connection: sa.Connection,
    context: LoadContext,
    run_checks: Callable[[ledger.LedgerStates], Iterable[CheckResult]],
    *,
    others_write: bool,
    states: ledger.LedgerStates | None = None,
) -> list[CheckResult]:
    """Run checks of a loaded table, given the states of its rows, which are read if missing.

    If ``others_write``, rows that they have written since the load are edited or deleted ones,
    which are looked for if there are errors.
    """
    states = states or ledger.ledger_states(connection, context.contract, context.ids)
    results = list(run_checks(states))
    if others_write and any(result.errors for result in results):
        states = ledger.with_later_changes(connection, context.load, context.ids, states)
        results = list(run_checks(states))
    return results


def audit_errors(results: Iterable[CheckResult]) -> list[str]:
    """Return the errors of audits, each a sentence; none if the table may be committed."""
    return [f"{result.check}: {error}" for result in results for error in result.errors]
