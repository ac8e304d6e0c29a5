"""Judges evidence: what must hold of a loaded table, with figures and ids.

The same judgements make a load commit or roll back, and a check pass or fail.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pyarrow as pa
import sqlalchemy as sa

from bizy_assets.core.common import COUNTS, CheckResult, IdSet, RowCounts, format_ids
from bizy_assets.core.contracts import Column, Contract, Rule
from bizy_assets.core.postgres import ForeignKeyInfo
from bizy_assets.core.reconcile.key_sets import SourceKeys, TargetKeys, source_keys, target_keys
from bizy_assets.core.state import (
    LedgerStates,
    LoadContext,
    TableLoad,
    build_load_context,
    count_rejected_rows,
    utc_naive,
)
from bizy_assets.core.target import MAX_ID
from bizy_assets.core.validation import INT4

COUNT = "count"
NULL_USER_ID = "null_user_id"
ORPHAN_FK = "orphan_fk"
TIMESTAMPS = "timestamps"
SEQUENCE = "sequence"


@dataclass(frozen=True, kw_only=True)
class TableEvidence:
    """A loaded table with the evidence of both sides.

    Attributes:
        contract: The table.
        load: Which snapshot it was loaded from, and for whom.
        source: The snapshot's good rows.
        target: PostgreSQL's rows.
        quarantined: Ids of the snapshot's bad rows, where they have one.
        rejected: How many rows are written down as kept out.
        states: The ledger's ids, and which of them the load found edited or deleted.
    """

    contract: Contract
    load: TableLoad
    source: SourceKeys
    target: TargetKeys
    quarantined: IdSet
    rejected: int
    states: LedgerStates

    @property
    def present(self) -> IdSet:
        """The snapshot's rows that PostgreSQL has, and that nobody edited."""
        return (self.source.rows & self.target.rows) - self.states.edited


def check_failure(check: str, asset: str, text: str) -> str:
    """Says that a check of an asset failed, as a reason for the end of a run."""
    return f"Check {check} of {asset} failed: {text}"


def collect_evidence(connection: sa.Connection, known: LoadContext) -> TableEvidence:
    """Gathers the evidence of both sides of a table.

    Args:
        connection: In a transaction.
        known: What the table is held against.

    Raises:
        SnapshotError: The snapshot is gone or altered.
    """
    contract, load, census = known.contract, known.load, known.census
    with ThreadPoolExecutor(1) as pool:
        # The snapshot is read while PostgreSQL works.
        source = pool.submit(source_keys, census, contract, known.parents)
        return TableEvidence(
            contract=contract,
            load=load,
            quarantined=_ids(census.tables[load.table].violations["source_id"]),
            rejected=count_rejected_rows(connection, load),
            states=known.states,
            target=target_keys(
                connection,
                contract,
                owner_id=load.run.user_id,
                taken_at=utc_naive(load.snapshot.taken_at),
                switch=utc_naive(load.run.tasks_local_since),
            ),
            source=source.result(),
        )


def check_count(case: TableEvidence) -> CheckResult:
    """Every row of the snapshot is accounted for, and is in PostgreSQL.

    Warns of rows that were edited or deleted there and left so, and of quarantined ones.
    """
    counts, states = case.load.counts, case.states
    left_deleted = case.source.rows & states.deleted
    verdict = CheckResult(
        check=COUNT,
        summary=f"All {len(case.source.rows):,} rows of the snapshot are in PostgreSQL: "
        f"{counts.inserted:,} inserted, {counts.updated:,} updated, {counts.unchanged:,} "
        "unchanged.",
        figures={
            "rows in snapshot": counts.source_rows,
            **{name: getattr(counts, name) for name in COUNTS[1:]},
            "rows of the snapshot in PostgreSQL": len(case.source.rows & case.target.rows),
            "rows in PostgreSQL that are not in the snapshot": len(
                case.target.rows - case.source.rows
            ),
        },
    )
    if counts.source_rows != counts.accounted or len(case.source.rows) != (
        counts.source_rows - counts.quarantined
    ):
        verdict.errors.append(
            f"The snapshot has {counts.source_rows:,} rows, {len(case.source.rows):,} of them "
            f"good, but {counts.accounted:,} are accounted for: {_itemised(counts)}."
        )
    if case.rejected != counts.quarantined:
        verdict.errors.append(
            f"{counts.quarantined:,} rows were quarantined, but {case.rejected:,} are written "
            "down in bizy_migration.rejected_rows."
        )
    verdict.blame("missing in PostgreSQL", (case.source.rows - case.target.rows) - left_deleted)
    verdict.blame("that the ledger does not know", case.source.rows - states.entries)
    verdict.blame("deleted in PostgreSQL, and left so", left_deleted, warning=True)
    verdict.blame(
        "edited in PostgreSQL, and left so", case.source.rows & states.edited, warning=True
    )
    verdict.blame(
        "gone from Bizy, but edited in PostgreSQL, and left there",
        (states.edited - case.source.rows) - case.quarantined,
        warning=True,
    )
    _warn_of_quarantined(case, verdict)
    return verdict


def _itemised(counts: RowCounts) -> str:
    names = COUNTS[1 : COUNTS.index("quarantined") + 1]
    return ", ".join(f"{getattr(counts, name):,} {name.replace('_', ' ')}" for name in names)


def _warn_of_quarantined(case: TableEvidence, verdict: CheckResult) -> None:
    quarantined = case.load.counts.quarantined
    if quarantined:
        others = quarantined - len(case.quarantined)
        more = f" (and {others:,} without an id of their own)" if others else ""
        verdict.warnings.append(
            f"{quarantined:,} rows are quarantined in bizy_migration.rejected_rows: "
            f"{format_ids(case.quarantined)}{more}."
        )


def check_null_user_id(case: TableEvidence) -> CheckResult:
    """Every row has an owner, the column admits no NULL, and the owner is the expected one."""
    verdict = CheckResult(
        check=NULL_USER_ID,
        summary=f"All {len(case.present):,} rows belong to user {case.load.run.user_id}.",
        figures={"expected owner": case.load.run.user_id},
    )
    column = case.target.columns.get("user_id")
    if column is None or not column.not_null:
        verdict.errors.append(f"Column {case.contract.table}.user_id admits NULL.")
    verdict.blame("without an owner", case.target.without_owner)
    verdict.blame("of another owner", case.target.other_owner & case.present)
    return verdict


def check_orphan_fk(case: TableEvidence) -> CheckResult:
    """Every reference points to a row, guarded by a constraint; only orphans lost their parent."""
    orphaned = sum(map(len, case.source.orphans.values()))
    verdict = CheckResult(
        check=ORPHAN_FK,
        summary="Every reference points to a row and is guarded by a foreign key; "
        f"rows that lost their parent: {orphaned:,}, exactly the snapshot's orphans.",
    )
    for column in case.contract.columns:
        if column.references is None:
            continue
        verdict.errors.extend(
            foreign_key_violations(case.target.foreign_keys, case.contract.table, column)
        )
        verdict.blame(f"whose {column.name} points nowhere", case.target.dangling[column.name])
    for column in case.contract.parents:
        orphans = case.source.orphans[column.name]
        expected = case.source.without_parent[column.name] | orphans
        missing = case.target.without_parent[column.name] & case.present
        verdict.figures[f"orphans by {column.name} in the snapshot"] = len(orphans)
        verdict.blame(f"that lost their {column.name}", missing - expected)
        verdict.blame(
            f"that have a {column.name} though the snapshot gives none",
            (expected & case.present) - missing,
        )
    return verdict


def check_timestamps(case: TableEvidence) -> CheckResult:
    """No time is missing; warns of times that are signs of a wrong setting.

    Such a time is completed before created, after the snapshot, or before the year 2000.
    """
    verdict = CheckResult(
        check=TIMESTAMPS,
        summary=f"No time is missing, and none is a sign of a wrong zone ({case.load.run.zone}).",
    )
    for column in case.contract.timestamps:
        have = case.target.with_time[column.name]
        wanted = case.source.rows if column.filled else case.source.with_time[column.name]
        verdict.figures[f"with {column.name}"] = len(have & case.source.rows)
        verdict.blame(f"without {column.name}", (wanted & case.present) - have)
    _suspect_times(case, verdict)
    return verdict


def _suspect_times(case: TableEvidence, verdict: CheckResult) -> None:
    """Warns of times that cannot be, and says which setting they are a sign of."""
    zone = f"look at BIZY_SOURCE_TIMEZONE, now {case.load.run.zone}"
    switch = (
        f"look at BIZY_TASKS_LOCAL_SINCE, now {case.load.run.tasks_local_since:%Y-%m-%dT%H:%M:%SZ}"
    )
    switched = {c.name for c in case.contract.columns if c.rule is Rule.UTC_UNTIL_SWITCH}
    # A time that the source lacks is the migration's own.
    given = case.source.with_time
    unfit = case.target.finished_before_start & given.get("created_at", IdSet())
    suspects = [("completed before they were created", unfit, bool(switched))]
    for name, ids in case.target.future.items():
        problem = f"with a {name} after the snapshot was taken"
        suspects.append((problem, ids & given[name], name in switched))
    for problem, ids, decided in suspects:
        near = ids & case.present & case.target.around_switch if decided else IdSet()
        verdict.blame(f"{problem} ({zone})", (ids & case.present) - near, warning=True)
        if decided:
            verdict.blame(f"{problem} ({switch})", near, warning=True)
    verdict.blame(
        f"with a time before the year 2000 ({zone}, and at these rows in Bizy)",
        case.target.ancient & case.present,
        warning=True,
    )


def check_sequence(case: TableEvidence) -> CheckResult:
    """The next row that PostgreSQL numbers itself gets a free id."""
    found = case.target.sequence
    highest = case.target.rows.highest()
    verdict = CheckResult(
        check=SEQUENCE,
        summary=f"The next row gets id {found.next if found else None}, past {highest}.",
        figures={"highest id": highest},
    )
    if found is None:
        verdict.errors.append(f"Column {case.contract.table}.id has no sequence as its default.")
        return verdict
    verdict.figures["next id"] = found.next
    past = found.next > highest or highest == MAX_ID
    if not past or found.next in case.target.rows:
        verdict.errors.append(
            f"Sequence {found.name} gives {found.next} next, but ids go up to {highest}."
        )
    return verdict


AUDITS: dict[str, Callable[[TableEvidence], CheckResult]] = {
    COUNT: check_count,
    NULL_USER_ID: check_null_user_id,
    ORPHAN_FK: check_orphan_fk,
    TIMESTAMPS: check_timestamps,
    SEQUENCE: check_sequence,
}
"""Every audit of a table, by name: what a load must pass to commit, and a check afterwards.

The check ``content`` is none of them, since it compares what was committed.
"""


def audit(connection: sa.Connection, load: TableLoad) -> list[CheckResult]:
    """Judges a loaded table by every audit.

    Args:
        connection: In a transaction.
        load: The table's load.

    Raises:
        SnapshotError: The snapshot is gone or altered.
    """
    case = collect_evidence(connection, build_load_context(connection, load))
    return [judge(case) for judge in AUDITS.values()]


def audit_errors(found: Iterable[CheckResult]) -> list[str]:
    """Returns what is wrong with a table, each a sentence; nothing where it may be committed."""
    return [f"{verdict.check}: {error}" for verdict in found for error in verdict.errors]


def _ids(values: pa.ChunkedArray) -> IdSet:
    """Returns the ids of bad rows, as far as they are ids that PostgreSQL could hold."""
    ids = values.drop_null().to_numpy()
    result = IdSet()
    result.add(ids[(ids >= INT4[0]) & (ids <= INT4[1])])
    return result


def foreign_key_violations(keys: list[ForeignKeyInfo], table: str, column: Column) -> list[str]:
    """Returns what is wrong with the foreign keys that should guard a column, in sentences.

    Args:
        keys: All of the table.
        table: Its name.
        column: One that references another table.
    """
    name = f"{table}.{column.name}"
    references = f"{column.references}.id"
    guards = [key for key in keys if key.column == column.name and key.references == references]
    if not guards:
        return [f"The foreign key of {name} to {column.references} is missing."]
    found = []
    for key in guards:
        if not key.validated:
            found.append(f"The foreign key {key.name} of {name} is not validated.")
        if key.on_delete != column.on_delete:
            found.append(
                f"The foreign key {key.name} of {name} says ON DELETE {key.on_delete}, expected "
                f"ON DELETE {column.on_delete}; drop it, and the next load makes the right one."
            )
    return found
