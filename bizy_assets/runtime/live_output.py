"""The display of a run on a terminal: live while it runs, then a summary of at most 15 lines."""

import itertools
import time
from collections.abc import Iterable, Iterator, Sequence

from rich.table import Table
from rich.text import Text

from bizy_assets.core.common import CheckOutcome, cures, is_about_zone, quantity
from bizy_assets.core.errors import printable
from bizy_assets.core.report import (
    PASSWORD,
    REPORT,
    TerminalSummary,
    Verdict,
    format_cell,
    warning_sentences,
)
from bizy_assets.runtime.messages import MessageKind
from bizy_assets.runtime.plain_output import check_line
from bizy_assets.runtime.run_output import CheckLine, Message, Output, RunEnd, is_verbose
from bizy_assets.terminal import (
    ICONS,
    command_start,
    console,
    duration,
    height,
    icon,
    screen,
    short_path,
    show_progress,
    step_lines,
)

LINES = 15
"""The most lines of a summary with all next steps, whose commands may take two lines."""

_WARNING_LINES = 2

_STEP_LINES = 5
"""What a command prints after a job that has no summary: a step of two lines, one of three."""

_SECONDS = "seconds"
"""The title of the figures that a full screen has no room for."""

_OUTCOMES = {
    Verdict.COMPLETE: CheckOutcome.PASSED,
    Verdict.WARNINGS: CheckOutcome.WARNED,
    Verdict.LEFT_OUT: CheckOutcome.FAILED,
    Verdict.FAILED: CheckOutcome.FAILED,
}


class LiveOutput(Output):
    """Draws steps while they run, prints the messages of jobs, and summarises a report."""

    def __init__(self) -> None:
        self._started = command_start()
        self._summary: TerminalSummary | None = None
        self._warnings: list[str] = []
        self._found: list[str] = []
        show_progress()
        screen().start()

    def step_started(self, step: str) -> None:
        """Draw the step."""
        screen().begin(step)

    def step_ended(self, step: str, at: float, *, failed: bool) -> None:  # noqa: ARG002
        """Draw the step as done."""
        if failed:
            screen().judge(step, CheckOutcome.FAILED)
        screen().finish(step)

    def message(self, message: Message) -> None:
        """Draw or print a message, or keep it for the end."""
        if message.kind is MessageKind.SUMMARY:
            self._summary = message.summary
        elif "\n" in message.text:
            _print_lines(message.text)
        elif message.is_warning:
            screen().describe(message.step, message.text)
            self._warnings.append(message.text)
        elif message.kind is MessageKind.DETAIL:
            screen().describe(message.step, message.text)
            if is_verbose():
                _print_lines(f"{message.step}: {message.text}")
        elif message.kind is None:
            _print_lines(message.text)

    def check(self, line: CheckLine) -> None:
        """Draw the outcome of a check; keep a warning for the end."""
        screen().judge(line.asset, line.outcome)
        if line.outcome is CheckOutcome.WARNED:
            self._found += warning_sentences(line.asset, line.text)
        if is_verbose():
            _print_lines(f"{line.asset}: {check_line(line.outcome, line.check, line.text)}")

    def end(self, run: RunEnd) -> None:
        """Replace the live display by the summary."""
        screen().stop()
        took = duration(time.monotonic() - self._started)
        if run.is_interrupted:
            _print_headline(CheckOutcome.FAILED, run.reasons[0])
        elif run.failed:
            failed = f"{run.job} failed after {took}."
            if self._summary is not None and self._summary.is_plan:
                failed = f"{self._summary.headline} Took {took}."
            _print_headline(CheckOutcome.FAILED, failed)
            for reason in run.reasons:
                _print_with_commands(reason)
        elif self._summary is not None:
            self._print_summary(self._summary, took)
        else:
            is_warned = self._found or self._warnings
            outcome = CheckOutcome.WARNED if is_warned else CheckOutcome.PASSED
            found = run.check_summary
            ended = "ended with a warning" if self._warnings else f"succeeded in {took}"
            used = _print_headline(outcome, f"{run.job} {ended}{found and f': {found}'}.")
            _print_warnings(self._found, LINES - _STEP_LINES - used)
            for warning in dict.fromkeys(self._warnings):
                _print_with_commands(warning)

    def _print_summary(self, summary: TerminalSummary, took: str) -> None:
        warnings = [*summary.warnings, *self._warnings]
        used = _print_headline(_OUTCOMES[summary.verdict], f"{summary.headline} Took {took}.")
        below, steps = list(_places(summary)), [step_lines(*step) for step in summary.steps]
        room = LINES - used - _rows(below) - _urgent(warnings)
        table = _figures(summary, room - sum(map(_rows, steps)))
        room -= _table_height(table)
        if summary.is_report_of_success:
            # The report has all steps; the last is for what is not in it.
            while len(steps) > 1 and sum(map(_rows, steps)) > room:
                steps.pop(0)
        below += itertools.chain.from_iterable(steps)
        console().print(table)
        _print_warnings(warnings, LINES - used - _table_height(table) - _rows(below))
        for line in below:
            # A path or a command stays on one line, so that it can be copied.
            console().print(Text(printable(line)), soft_wrap=True)


def _places(summary: TerminalSummary) -> Iterator[str]:
    """Yield what is shown above the next steps."""
    # Not one of the warnings, which the headline counts.
    if summary.moved:
        yield summary.moved
    kinds = [PASSWORD, REPORT] if summary.is_report_of_success else [REPORT]
    for name, place in summary.places.items():
        yield from (f"{kind}: {short_path(place)}" for kind in kinds if name.startswith(kind))


def _rows(lines: Iterable[str]) -> int:
    return sum(map(height, lines))


def _figures(summary: TerminalSummary, room: int) -> Table:
    """Return the rows of each table; the headline has their sum.

    Without room for a header of two lines, the seconds are left out if one line is enough then.
    """
    table = _drawn(summary, summary.figures.header)
    shorter = _drawn(summary, [each for each in summary.figures.header if each != _SECONDS])
    is_shorter = _table_height(shorter) < _table_height(table)
    return shorter if is_shorter and _table_height(table) > room else table


def _drawn(summary: TerminalSummary, titles: Sequence[str]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    shown = [n for n, title in enumerate(summary.figures.header) if title in titles]
    for place in shown:
        is_numeric = place in summary.figures.numeric
        table.add_column(
            Text(summary.figures.header[place]),
            justify="right" if is_numeric else "left",
            no_wrap=not is_numeric,
        )
    for row in summary.figures.rows[:-1]:
        cells = [row[place] for place in shown]
        table.add_row(*(Text(format_cell(cell), style="" if cell else "dim") for cell in cells))
    return table


def _table_height(table: Table) -> int:
    return len(console().render_lines(table))


def _print_headline(outcome: CheckOutcome, text: str) -> int:
    """Print a sentence with the sign and colour of an outcome, and return its number of lines."""
    style = ICONS[outcome][2]
    line = Text.assemble(icon(outcome), " ", (printable(text), f"bold {style}"))
    lines = line.wrap(console(), console().width)
    console().print(line)
    return len(lines)


def _print_lines(text: str) -> None:
    for line in text.rstrip("\n").split("\n"):
        console().print(Text(printable(line)))


def _print_with_commands(text: str) -> None:
    """Print a message, and below its first line the commands, each on a line, to be copied.

    Lines after its first quote values of others, which may look like commands.
    """
    first, _, others = text.partition("\n")
    sentences, commands = cures.without_commands(first)
    _print_lines(sentences)
    for command in commands:
        console().print(Text(f"  {printable(command)}"), soft_wrap=True)
    if others:
        _print_lines(others)


def _urgent(warnings: list[str]) -> int:
    """Return the number of warnings that are always shown: those about the time zone, or one."""
    return max(1, sum(map(is_about_zone, set(warnings))))


def _print_warnings(warnings: list[str], room: int) -> None:
    """Print one warning after the other in so many lines, the urgent ones first and anyhow."""
    texts = sorted(dict.fromkeys(warnings), key=lambda text: not is_about_zone(text))
    urgent = _urgent(texts)
    room = max(room, urgent)
    limit = _WARNING_LINES if len(texts) * _WARNING_LINES <= room else 1
    shown = texts
    if not is_verbose() and len(texts) * limit > room:
        shown = texts[: max(urgent, room - 1)]
    lines = [Text.assemble(("! ", "yellow"), printable(text)) for text in shown]
    more = f"{quantity(len(texts) - len(shown), 'more warning')} in the report"
    is_cut = len(shown) < len(texts)
    last = lines.pop() if is_cut and len(shown) == room else None
    for line in lines:
        for each in _wrapped(line, 0 if is_verbose() else limit):
            console().print(each)
    if last is not None:
        _print_beside(last, f"; {more}")
    elif is_cut:
        console().print(Text(f"! {more}", style="yellow"))


def _print_beside(text: Text, end: str) -> None:
    """Print a text and its end on one line, for which the text is cut."""
    text.truncate(console().width - len(end), overflow="ellipsis")
    console().print(Text.assemble(text, (end, "yellow")))


def _wrapped(text: Text, limit: int) -> list[Text]:
    """Return the lines of a text, at most so many unless it is 0, the last one cut."""
    width = console().width
    lines = list(text.wrap(console(), width))
    if limit and len(lines) > limit:
        lines = lines[:limit]
        lines[-1].rstrip()
        lines[-1].append(" …") if lines[-1].cell_len + 2 <= width else lines[-1].append("…")
        lines[-1].truncate(width, overflow="ellipsis")
    return lines
