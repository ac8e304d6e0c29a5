"""The live part of a terminal: a line for each step of a run, with a bar while rows are counted.

It is erased at the end. Text of others is made printable and never read as markup.
"""

import atexit
import functools
import logging
import multiprocessing
import os
import re
import sys
import time
from dataclasses import dataclass, field

from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from bizy_assets.core.common import PROGRESS_LOGGER, CheckOutcome
from bizy_assets.core.errors import printable
from bizy_assets.terminal.clock import duration

LABEL_WIDTH = 17
_BAR_WIDTH = 8
_PER_SECOND = 8

_BETWEEN = ""
"""The label of progress outside of a step."""

_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_ASCII_FRAMES = "|/-\\"

ICONS = {
    CheckOutcome.PASSED: ("✓", "+", "green"),
    CheckOutcome.WARNED: ("!", "!", "yellow"),
    CheckOutcome.FAILED: ("✗", "x", "red"),
}
"""For an outcome: its sign, the sign in ASCII, and its colour."""


def is_live() -> bool:
    """Return whether this process may draw on its terminal: one in front, which others leave it."""
    try:
        return (
            sys.stderr.isatty()
            and os.environ.get("TERM") != "dumb"
            and os.tcgetpgrp(sys.stderr.fileno()) == os.getpgrp()
            and multiprocessing.parent_process() is None
        )
    except OSError:
        return False


@functools.cache
def console() -> Console:
    """Return the terminal; nothing printed to it is read as markup.

    Dagster redirects standard error to a file while a step runs, so this is another descriptor.
    """
    descriptor, encoding = os.dup(sys.stderr.fileno()), sys.stderr.encoding
    terminal = os.fdopen(descriptor, "w", encoding=encoding, errors="backslashreplace")
    return Console(file=terminal, markup=False, highlight=False, emoji=False)


def icon(outcome: CheckOutcome) -> Text:
    """Return the coloured sign of an outcome."""
    sign, in_ascii, style = ICONS[outcome]
    return Text(in_ascii if console().options.ascii_only else sign, style=style)


@dataclass
class _Row:
    """The line of a step: its state, its last message, and the progress of its current part.

    ``idle`` is shown while the step runs and no progress is known.
    """

    label: str
    outcome: CheckOutcome = CheckOutcome.PASSED
    running: bool = True
    text: str = ""
    idle: str = ""
    progress: logging.LogRecord | None = None
    started: float = field(default_factory=time.monotonic)
    seconds: float = 0.0

    def cells(self, now: float) -> list[Text | ProgressBar]:
        label = Text(self.label, style="bold" if self.running else "")
        if not self.running:
            return [icon(self.outcome), label, Text(self.text, style="dim"), Text(""), Text("")]
        elapsed = duration(max(0.0, now - self.started))
        if self.progress is None:
            return [_spinner(now), label, Text(self.idle), Text(""), Text(elapsed)]
        values = vars(self.progress)
        part = _without_name(values["step"], self.label)
        if values["total"] is None:
            return [_spinner(now), label, Text(part), Text(""), Text(elapsed)]
        bar = ProgressBar(total=max(1, values["total"]), completed=values["done"], width=_BAR_WIDTH)
        return [_spinner(now), label, Text(part), bar, _figures(values)]


class LiveScreen:
    """The live part. Only one can be on a terminal at a time."""

    def __init__(self) -> None:
        self._rows: dict[str, _Row] = {}
        self._starting = _Row(_BETWEEN, idle="starting")
        self._current: _Row | None = None
        self._live: Live | None = None
        self._is_alone = False

    def start(self) -> None:
        """Begin to draw."""
        if self._live is None:
            self._live = Live(
                self, console=console(), transient=True, refresh_per_second=_PER_SECOND
            )
            self._live.start()

    def stop(self) -> None:
        """Erase what was drawn, and forget it."""
        if self._live is not None:
            self._live.stop()
        self._live, self._current = None, None
        self._rows.clear()

    def begin(self, label: str) -> None:
        """Draw the line of a step that runs now."""
        row = self._rows.setdefault(label, _Row(printable(label)))
        row.running, row.progress = True, None
        row.started = time.monotonic() - row.seconds
        self._current = row
        if self._live is not None:
            # A step may be over before the next regular frame.
            self._live.refresh()

    def finish(self, label: str) -> None:
        """Draw a step as done."""
        row = self._rows.setdefault(label, _Row(printable(label)))
        row.running, row.seconds = False, time.monotonic() - row.started
        if row is self._current:
            self._current = None

    def describe(self, label: str, text: str) -> None:
        """Draw a message beside a step."""
        if label in self._rows:
            self._rows[label].text = printable(text)

    def judge(self, label: str, outcome: CheckOutcome) -> None:
        """Draw the worst outcome of the checks of a step."""
        row = self._rows.setdefault(label, _Row(printable(label)))
        order = list(CheckOutcome)
        row.outcome = min(row.outcome, outcome, key=order.index)

    def advance(self, record: logging.LogRecord) -> None:
        """Draw the progress of the step that runs; without one, in a line that ends with it."""
        values = vars(record)
        if self._current is None:
            if values["ended"]:
                return
            self._is_alone = self._live is None
            self.start()
            self.begin(_BETWEEN)
            assert self._current is not None  # noqa: S101 - begin sets it
        row = self._current
        if not values["ended"]:
            row.progress = record
        elif row.progress is not None and vars(row.progress)["step"] == values["step"]:
            row.progress = None
            if row.label == _BETWEEN:
                self._rows.pop(_BETWEEN)
                self._current = None
                if self._is_alone:
                    self.stop()

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        """Draw the lines of all steps."""
        # A terminal shows Ctrl-C at the cursor, which must not begin another line by it.
        grid = Table.grid(padding=(0, 1))
        grid.width = max(1, options.max_width - len("^C") - 1)
        grid.add_column(width=1)
        grid.add_column(width=LABEL_WIDTH, no_wrap=True, overflow="ellipsis")
        grid.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
        grid.add_column()
        grid.add_column(justify="right", no_wrap=True)
        now = time.monotonic()
        for row in list(self._rows.values()) or [self._starting]:
            grid.add_row(*row.cells(now))
        yield grid


@functools.cache
def screen() -> LiveScreen:
    """Return the live part of this process's terminal; the process ends without leaving it."""
    made = LiveScreen()
    atexit.register(made.stop)
    return made


def show_progress() -> None:
    """Draw the progress of this process from now on, if it may draw on its terminal."""
    if is_live() and not any(isinstance(each, _Drawing) for each in PROGRESS_LOGGER.handlers):
        PROGRESS_LOGGER.addHandler(_Drawing())
        PROGRESS_LOGGER.setLevel(logging.DEBUG)


def show_start() -> None:
    """Draw that this command starts, if it may draw on its terminal, until its run is shown.

    The cursor stays visible, since an interrupt during the imports ends the process at once.
    """
    if is_live():
        screen().start()
        console().show_cursor()


class _Drawing(logging.Handler):
    """Draws records of progress."""

    def emit(self, record: logging.LogRecord) -> None:
        screen().advance(record)


def _spinner(now: float) -> Text:
    frames = _ASCII_FRAMES if console().options.ascii_only else _FRAMES
    return Text(frames[int(now * _PER_SECOND) % len(frames)], style="cyan")


def _figures(values: dict[str, object]) -> Text:
    """Return the share, the rate and the time left of a part whose items are counted."""
    done, total, seconds = (float(str(values[name])) for name in ("done", "total", "seconds"))
    share = f"{min(1, done / max(1, total)):>4.0%} of {total:,.0f}"
    if not done or seconds <= 0:
        return Text(share)
    left = max(0, total - done) * seconds / done
    return Text(f"{share}, {done / seconds:,.0f}/s, {left:.0f} s left")


def _without_name(part: str, label: str) -> str:
    """Return what a part does, without the table that stands before it."""
    if not (table := label.removeprefix("pg_")):
        return printable(part)
    return re.sub(rf" of {re.escape(table)}\b|\b{re.escape(table)} ", "", printable(part))
