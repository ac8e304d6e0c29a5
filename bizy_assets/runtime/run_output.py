"""What a display of a run on a terminal shows: messages, check results and the end."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field

from bizy_assets.core.common import CheckOutcome, quantity
from bizy_assets.core.report import TerminalSummary
from bizy_assets.core.settings import environment
from bizy_assets.runtime.messages import MessageKind


def is_verbose() -> bool:
    """Return whether each passed check has a line of its own, and nothing is shortened."""
    return environment("BIZY_VERBOSE") == "1"


@dataclass(frozen=True, kw_only=True)
class Message:
    """A message of a step at a time, in seconds since the epoch; its text may have several lines.

    A summary is that of a report, from which the text was made.
    """

    step: str
    text: str
    at: float
    is_warning: bool = False
    kind: MessageKind | None = None
    summary: TerminalSummary | None = None


@dataclass(frozen=True, kw_only=True)
class CheckLine:
    """The result of a check of an asset."""

    asset: str
    check: str
    outcome: CheckOutcome
    text: str
    at: float


@dataclass(frozen=True, kw_only=True)
class RunEnd:
    """The end of a run of a job: the reasons if it failed, the number of checks, and of warnings.

    If the user interrupted it, that is the only reason. A check may warn of several things.
    """

    job: str
    at: float
    reasons: list[str] = field(default_factory=list)
    checks: int = 0
    warnings: int = 0
    is_interrupted: bool = False

    @property
    def failed(self) -> bool:
        """Whether the run failed."""
        return bool(self.reasons)

    @property
    def check_summary(self) -> str:
        """The numbers of checks and of warnings; empty if no check ran."""
        numbers = {"check": self.checks, "warning": self.warnings}
        return ", ".join(quantity(number, name) for name, number in numbers.items() if number)


def passed_text(number: int) -> str:
    """Return the text for a number of passed checks."""
    return f"{quantity(number, 'check')} passed"


class Output(ABC):
    """A display of one run."""

    @abstractmethod
    def step_started(self, step: str) -> None:
        """Show that a step runs."""

    @abstractmethod
    def step_ended(self, step: str, at: float, *, failed: bool) -> None:
        """Show that a step is over."""

    @abstractmethod
    def message(self, message: Message) -> None:
        """Show a message."""

    @abstractmethod
    def check(self, line: CheckLine) -> None:
        """Show the result of a check."""

    @abstractmethod
    def end(self, run: RunEnd) -> None:
        """Show the end of the run, and whatever was left for it."""
