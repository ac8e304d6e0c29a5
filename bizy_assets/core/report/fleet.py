"""The data of the report of a fleet: one record for each source, with a verdict."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from bizy_assets.core.common import RowCounts, quantity
from bizy_assets.core.contracts import BY_TABLE


class Verdict(StrEnum):
    """What became of a source, the worst first, in the words that users read."""

    FAILED = "failed"
    INCOMPLETE = "incomplete"
    WARNED = "complete with warnings"
    COMPLETE = "complete"
    UNLISTED = "not in the manifest"


@dataclass(frozen=True, kw_only=True)
class FailedRun:
    """The last run of a source, if it failed, in the fields of ``FleetSource``."""

    error: str
    run_id: str
    started_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class FleetSource:
    """The last loads and checks of a source.

    Attributes:
        key: Key in the manifest.
        path: The Bizy file.
        email: Email of the owner account; None if neither target nor manifest has it.
        user_id: ``users.id`` of the owner account; None if the source was never loaded.
        listed: Whether the manifest lists the source.
        error: Why the last run failed, as Dagster recorded it; empty if it did not fail.
        id_policy: ``keep`` or ``move``; empty if the source was never loaded.
        moved_ranges: Number of ranges of ids that differ from those in Bizy.
        tables: Number of tables that were ever loaded.
        current_tables: Number of tables that were loaded from the newest snapshot.
        source_rows: Rows in the snapshot.
        loaded: Rows that are in PostgreSQL as in Bizy.
        preserved: Rows that were edited or deleted in PostgreSQL.
        retained: Rows deleted in Bizy but edited in PostgreSQL.
        rejected: Rows that were rejected or skipped.
        adjusted: Adjusted values.
        passed: Checks that passed; ``warned``, ``failed`` and ``not_run`` likewise. A check that
            did not run since the load has not run.
        finding: The most urgent finding of a check.
        run_id: Dagster's id of the last run; of the one that failed, if there is an ``error``.
        outcome: Outcome of the last run; None while it runs and after it was killed.
    """

    key: str
    path: str
    email: str | None = None
    user_id: int | None = None
    listed: bool = True
    error: str = ""
    id_policy: str = ""
    moved_ranges: int = 0
    tables: int = 0
    current_tables: int = 0
    source_rows: int = 0
    loaded: int = 0
    preserved: int = 0
    retained: int = 0
    rejected: int = 0
    adjusted: int = 0
    passed: int = 0
    warned: int = 0
    failed: int = 0
    not_run: int = 0
    finding: str = ""
    run_id: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: str | None = None

    @property
    def verdict(self) -> Verdict:
        """The verdict; a source that the manifest does not list is none of the fleet's."""
        return self._judgement[0] if self.listed else Verdict.UNLISTED

    @property
    def problem(self) -> str:
        """The reason for the verdict, a sentence; empty if there is no problem."""
        return self._judgement[1]

    @property
    def left_out(self) -> int:
        """The number of rows of the snapshot that are not accounted for in PostgreSQL."""
        return self.source_rows - self.loaded - self.preserved

    @property
    def seconds(self) -> float | None:
        """The duration of the last run, if it ended."""
        if self.started_at is None or self.ended_at is None:
            return None
        return (self.ended_at - self.started_at).total_seconds()

    @property
    def rank(self) -> tuple[int | str, ...]:
        """The position among the sources, of which the worst are first."""
        number = list(Verdict).index(self.verdict)
        return number, -self.failed, -abs(self.left_out), -self.not_run, -self.warned, self.key

    @cached_property
    def _judgement(self) -> tuple[Verdict, str]:
        return next(self._problems(), (Verdict.COMPLETE, ""))

    def _problems(self) -> Iterator[tuple[Verdict, str]]:
        """Yield what is wrong, the worst first.

        A run that failed is no problem if its tables were loaded and verified since.
        """
        verified = self.current_tables == len(BY_TABLE) and not self.not_run
        loaded = f"{self.current_tables} of {len(BY_TABLE)} tables"
        if self.error:
            yield Verdict.FAILED, self.error
        if self.failed:
            yield Verdict.FAILED, self.finding
        if self.run_id is not None and self.outcome not in {None, "completed"} and not verified:
            yield (
                Verdict.FAILED,
                f"The last run {_ENDINGS.get(self.outcome or '', 'failed')}; {loaded} are from "
                "its snapshot.",
            )
        if self.run_id is None:
            yield Verdict.INCOMPLETE, "No run has loaded this file yet."
        if self.outcome is None and not verified:
            yield (
                Verdict.INCOMPLETE,
                f"The last run has not ended; {loaded} are from its snapshot.",
            )
        if self.current_tables < len(BY_TABLE):
            yield Verdict.INCOMPLETE, f"Only {loaded} are from the newest snapshot."
        if self.left_out:
            yield Verdict.INCOMPLETE, self._left_out()
        if self.not_run:
            yield (
                Verdict.INCOMPLETE,
                f"{quantity(self.not_run, 'check has', 'checks have')} not run since the load.",
            )
        if self.warned:
            yield Verdict.WARNED, self.finding

    def _left_out(self) -> str:
        if self.left_out == self.rejected:
            return f"{quantity(self.rejected, 'row was', 'rows were')} rejected or skipped."
        return (
            f"{self.source_rows:,} rows are in the snapshot, but "
            f"{self.source_rows - self.left_out:,} are accounted for in PostgreSQL."
        )


_ENDINGS = {"failed": "failed", "interrupted": "was interrupted"}


@dataclass(frozen=True, kw_only=True)
class TableTotal:
    """The last loads of one table, of all sources."""

    table: str
    sources: int
    adjusted: int
    counts: RowCounts


@dataclass(frozen=True, kw_only=True)
class FleetReport:
    """The data of a report of all sources, the worst first; the time is in UTC."""

    target: str
    collected_at: datetime
    sources: Sequence[FleetSource]
    totals: Sequence[TableTotal] = field(default_factory=list)

    @cached_property
    def by_verdict(self) -> dict[Verdict, list[FleetSource]]:
        """The sources of each verdict, the worst first."""
        groups: dict[Verdict, list[FleetSource]] = {verdict: [] for verdict in Verdict}
        for source in self.sources:
            groups[source.verdict].append(source)
        return groups

    @property
    def listed(self) -> int:
        """The number of sources in the manifest."""
        return len(self.sources) - len(self.by_verdict[Verdict.UNLISTED])

    def sum(self, name: str) -> int:
        """Return the sum of one of ``RowCounts`` over all tables."""
        return sum(getattr(total.counts, name) for total in self.totals)
