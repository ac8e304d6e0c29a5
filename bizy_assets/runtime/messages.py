"""Messages of steps, in Dagster's event log and on the terminal.

The attributes of a message's record tell the console logger what kind of message it is; Dagster
passes them on and stores only the text.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum

import dagster as dg

from bizy_assets.core.common import PROGRESS_LOGGER
from bizy_assets.core.errors import printable
from bizy_assets.core.report import TerminalSummary

Context = dg.OpExecutionContext | dg.AssetExecutionContext | dg.AssetCheckExecutionContext

KIND = "bizy_kind"
"""The attribute of a record with its kind, if it has one."""

SUMMARY = "bizy_summary"
"""The attribute of a record with the summary that its text is made from."""


class MessageKind(StrEnum):
    """Kinds of messages that a terminal shows in a form of its own."""

    DETAIL = "detail"
    PROGRESS = "progress"
    SUMMARY = "summary"


def describe_target(name: str) -> str:
    """Shorten ``host:port/database``, whose host is a long path if the server is embedded."""
    host, _, database = name.rpartition("/")
    return f"embedded/{database}" if host.startswith("/") else name


def log_lines(
    context: Context,
    *lines: str,
    level: int = logging.INFO,
    kind: MessageKind | None = None,
    summary: TerminalSummary | None = None,
) -> None:
    """Log one message of one or more lines; names and values in a line cannot add another.

    Every message of this project is logged here.
    """
    extra = {KIND: kind, SUMMARY: summary}
    context.log.log(level, "\n".join(map(printable, lines)), extra=extra)


def log_details(context: Context, *lines: str) -> None:
    """Log lines about one of the assets, except in a run of a partition.

    Each line is an event in Dagster's history, where those of thousands of files add up. Their
    metadata and the records in the target hold the same.
    """
    if not context.has_partition_key:
        log_lines(context, *lines, kind=MessageKind.DETAIL)


def log_summary(context: Context, summary: TerminalSummary) -> None:
    """Log the summary of a report as one message, not one for each line."""
    log_lines(context, *summary.lines(), kind=MessageKind.SUMMARY, summary=summary)


@contextmanager
def progress_logged(context: Context) -> Iterator[None]:
    """Log the progress of the core as messages of the step."""
    handler = logging.Handler(logging.INFO)
    handler.emit = lambda record: log_lines(  # type: ignore[method-assign]
        context, record.getMessage(), kind=MessageKind.PROGRESS
    )
    PROGRESS_LOGGER.addHandler(handler)
    try:
        yield
    finally:
        PROGRESS_LOGGER.removeHandler(handler)
