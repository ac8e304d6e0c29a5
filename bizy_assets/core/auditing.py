"""Judges evidence: what must hold of a loaded table, with figures and ids.

The same judgements make a load commit or roll back, and a check pass or fail.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pyarrow as pa
import sqlalchemy as sa

from bizy_assets.core import baseline, catalog, evidence, faults, journal, remarks
from bizy_assets.core.baseline import Baseline
from bizy_assets.core.contracts import Contract, Rule
from bizy_assets.core.counts import COUNTS, Counts
from bizy_assets.core.evidence import SourceEvidence, TargetEvidence
from bizy_assets.core.idsets import IdSet, listing
from bizy_assets.core.journal import Load
from bizy_assets.core.ledger import States
from bizy_assets.core.sequences import HIGHEST_ID

COUNT = "count"
NULL_USER_ID = "null_user_id"
ORPHAN_FK = "orphan_fk"
TIMESTAMPS = "timestamps"
SEQUENCE = "sequence"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What one check found.

    Attributes:
        check: Its name.
        summary: What holds where there is nothing to complain of, a sentence.
        errors: What is wrong, each a sentence; then the table is not what it must be.
        warnings: What is suspicious, each a sentence.
        figures: The numbers that were compared.
        ids: Rows that errors and warnings are about, by what they are.
        tables: Further details, each a table of rows with the same names.
    """

    check: str
    summary: str
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    figures: dict[str, int] = field(default_factory=dict)
    ids: dict[str, IdSet] = field(default_factory=dict)
    tables: dict[str, list[dict[str, str | int]]] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """What was found, for people."""
        return " ".join([*self.errors, *self.warnings]) or self.summary

    @property
    def passed(self) -> bool:
        """Whether there is neither error nor warning."""
        return not self.errors and not self.warnings

    def blame(self, problem: str, ids: IdSet, *, warning: bool = False) -> None:
        """Notes rows that should not be as they are; nothing where there are none."""
        self.figures[problem] = len(ids)
        if len(ids):
            self.ids[problem] = ids
            found = self.warnings if warning else self.errors
            found.append(f"{len(ids):,} rows {problem}: {listing(ids)}.")


@dataclass(frozen=True, kw_only=True)
class Case:
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
    load: Load
    source: SourceEvidence
    target: TargetEvidence
    quarantined: IdSet
    rejected: int
    states: States

    @property
    def present(self) -> IdSet:
        """The snapshot's rows that PostgreSQL has, and that nobody edited."""
        return (self.source.rows & self.target.rows) - self.states.edited


def failure(check: str, asset: str, text: str) -> str:
    """Says that a check of an asset failed, as a reason for the end of a run."""
    return f"Check {check} of {asset} failed: {text}"


def gather(connection: sa.Connection, known: Baseline) -> Case:
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
        source = pool.submit(evidence.of_source, census, contract, known.parents)
        return Case(
            contract=contract,
            load=load,
            quarantined=_ids(census.tables[load.table].findings["source_id"]),
            rejected=remarks.rejected_count(connection, load),
            states=known.states,
            target=evidence.of_target(
                connection,
                contract,
                owner_id=load.run.user_id,
                taken_at=journal.naive(load.snapshot.taken_at),
                switch=journal.naive(load.run.tasks_local_since),
            ),
            source=source.result(),
        )


def count(case: Case) -> Verdict:
    """Every row of the snapshot is accounted for, and is in PostgreSQL.

    Warns of rows that were edited or deleted there and left so, and of quarantined ones.
    """
    counts, states = case.load.counts, case.states
    left_deleted = case.source.rows & states.deleted
    verdict = Verdict(
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


def _itemised(counts: Counts) -> str:
    names = COUNTS[1 : COUNTS.index("quarantined") + 1]
    return ", ".join(f"{getattr(counts, name):,} {name.replace('_', ' ')}" for name in names)


def _warn_of_quarantined(case: Case, verdict: Verdict) -> None:
    quarantined = case.load.counts.quarantined
    if quarantined:
        others = quarantined - len(case.quarantined)
        more = f" (and {others:,} without an id of their own)" if others else ""
        verdict.warnings.append(
            f"{quarantined:,} rows are quarantined in bizy_migration.rejected_rows: "
            f"{listing(case.quarantined)}{more}."
        )


def null_user_id(case: Case) -> Verdict:
    """Every row has an owner, the column admits no NULL, and the owner is the expected one."""
    verdict = Verdict(
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


def orphan_fk(case: Case) -> Verdict:
    """Every reference points to a row, guarded by a constraint; only orphans lost their parent."""
    orphaned = sum(map(len, case.source.orphans.values()))
    verdict = Verdict(
        check=ORPHAN_FK,
        summary="Every reference points to a row and is guarded by a foreign key; "
        f"rows that lost their parent: {orphaned:,}, exactly the snapshot's orphans.",
    )
    for column in case.contract.columns:
        if column.references is None:
            continue
        verdict.errors.extend(
            catalog.faults_of_keys(case.target.foreign_keys, case.contract.table, column)
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


def timestamps(case: Case) -> Verdict:
    """No time is missing; warns of times that are signs of a wrong setting.

    Such a time is completed before created, after the snapshot, or before the year 2000.
    """
    verdict = Verdict(
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


def _suspect_times(case: Case, verdict: Verdict) -> None:
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


def sequence(case: Case) -> Verdict:
    """The next row that PostgreSQL numbers itself gets a free id."""
    found = case.target.sequence
    highest = case.target.rows.highest()
    verdict = Verdict(
        check=SEQUENCE,
        summary=f"The next row gets id {found.next if found else None}, past {highest}.",
        figures={"highest id": highest},
    )
    if found is None:
        verdict.errors.append(f"Column {case.contract.table}.id has no sequence as its default.")
        return verdict
    verdict.figures["next id"] = found.next
    past = found.next > highest or highest == HIGHEST_ID
    if not past or found.next in case.target.rows:
        verdict.errors.append(
            f"Sequence {found.name} gives {found.next} next, but ids go up to {highest}."
        )
    return verdict


CHECKS: dict[str, Callable[[Case], Verdict]] = {
    COUNT: count,
    NULL_USER_ID: null_user_id,
    ORPHAN_FK: orphan_fk,
    TIMESTAMPS: timestamps,
    SEQUENCE: sequence,
}
"""Every audit of a table, by name: what a load must pass to commit, and a check afterwards.

The check ``content`` is none of them, since it compares what was committed.
"""


def audit(connection: sa.Connection, load: Load) -> list[Verdict]:
    """Judges a loaded table by every audit.

    Args:
        connection: In a transaction.
        load: The table's load.

    Raises:
        SnapshotError: The snapshot is gone or altered.
    """
    case = gather(connection, baseline.of(connection, load))
    return [judge(case) for judge in CHECKS.values()]


def errors(found: Iterable[Verdict]) -> list[str]:
    """Returns what is wrong with a table, each a sentence; nothing where it may be committed."""
    return [f"{verdict.check}: {error}" for verdict in found for error in verdict.errors]


def _ids(values: pa.ChunkedArray) -> IdSet:
    """Returns the ids of bad rows, as far as they are ids that PostgreSQL could hold."""
    ids = values.drop_null().to_numpy()
    result = IdSet()
    result.add(ids[(ids >= faults.INT4[0]) & (ids <= faults.INT4[1])])
    return result
