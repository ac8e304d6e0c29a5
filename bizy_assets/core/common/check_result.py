"""TODO."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bizy_assets.core.common.idset import IdSet, format_ids
from bizy_assets.core.errors import TargetError


@dataclass(frozen=True, kw_only=True)
class CheckResult:
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
            found.append(f"{len(ids):,} rows {problem}: {format_ids(ids)}.")


class AuditError(TargetError):
    """A load is not what it must be, and was rolled back.

    Attributes:
        verdicts: What the audit found, all of it.
    """

    def __init__(self, sentence: str, verdicts: "Sequence[CheckResult]") -> None:
        super().__init__(sentence)
        self.verdicts = list(verdicts)
