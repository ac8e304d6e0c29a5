"""Results and outcomes of checks, and the error of a load that fails them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from bizy_assets.core.common.idset import IdSet, label_ids
from bizy_assets.core.common.text import quantity
from bizy_assets.core.errors import TargetError, printable

_PLURALS = {"has": "have", "is": "are", "was": "were", "belongs": "belong"}


class CheckOutcome(StrEnum):
    """Outcome of a check, the most urgent first, in the word that users read."""

    FAILED = "FAILED"
    WARNED = "WARNING"
    NOT_RUN = "not run"
    PASSED = "ok"

    @classmethod
    def of(cls, *, passed: bool, is_error: bool) -> "CheckOutcome":
        """Return the outcome of a check that ran and fails the run or only warns otherwise."""
        if passed:
            return cls.PASSED
        return cls.FAILED if is_error else cls.WARNED


@dataclass(frozen=True, kw_only=True)
class CheckResult:
    """Result of one check of a table.

    Attributes:
        check: Name of the check.
        summary: Message shown when the check passes.
        errors: Violations that fail the check, each a sentence.
        warnings: Suspicious values that do not fail it, each a sentence.
        figures: The numbers compared, by a stored key.
        ids: Rows that errors and warnings refer to, by the key of their figure.
        tables: Further details: tables by title, each a list of rows with the same columns.
        label: Lists ids for a message.
        cures: What to do about errors and warnings, each a sentence.
    """

    check: str
    summary: str
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    figures: dict[str, int] = field(default_factory=dict)
    ids: dict[str, IdSet] = field(default_factory=dict)
    tables: dict[str, list[dict[str, str | int]]] = field(default_factory=dict)
    label: Callable[[IdSet], str] = field(default=label_ids, repr=False, compare=False)
    cures: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Errors and warnings on one line, followed by what to do, or else the summary."""
        found = [*self.errors, *self.warnings]
        return printable(" ".join([*found, *self.cures]) if found else self.summary)

    @property
    def passed(self) -> bool:
        """Whether there is neither error nor warning."""
        return not self.errors and not self.warnings

    @property
    def outcome(self) -> CheckOutcome:
        """The outcome of the check."""
        return CheckOutcome.of(passed=self.passed, is_error=bool(self.errors))

    def add_rows(
        self,
        key: str,
        ids: IdSet,
        singular: str,
        plural: str = "",
        *,
        note: str = "",
        warning: bool = False,
        cure: Callable[[], str] | None = None,
    ) -> None:
        """Record how many rows have a problem and, if any do, add an error with their ids.

        Args:
            key: Stored name of the problem: a key of ``figures`` and ``ids``.
            ids: The rows.
            singular: Predicate for one row, such as ``has a different title``.
            plural: Predicate for several rows; the default changes the verb of ``singular``.
            note: Clause that follows the ids: the consequence, or what to do.
            warning: Whether to add a warning instead of an error.
            cure: Returns a sentence about what to do, which several problems may share.
        """
        self.figures[key] = len(ids)
        if ids:
            self.ids[key] = ids
            verb, _, rest = singular.partition(" ")
            several = plural or f"{_PLURALS.get(verb, verb)} {rest}"
            rows = quantity(len(ids), f"row {singular}", f"rows {several}")
            messages = self.warnings if warning else self.errors
            messages.append(f"{rows} ({self.label(ids)}){note and f'; {note}'}.")
            if cure is not None:
                self.add_cure(cure())

    def add_cure(self, cure: str) -> None:
        """Add a sentence about what to do, once."""
        if cure not in self.cures:
            self.cures.append(cure)


class AuditError(TargetError):
    """A load does not match its snapshot and was rolled back; carries the results of all checks."""

    def __init__(self, message: str, check_results: Sequence[CheckResult]) -> None:
        super().__init__(message)
        self.check_results = list(check_results)
