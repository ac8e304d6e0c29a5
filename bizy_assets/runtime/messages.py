"""Messages of steps, in Dagster's event log and on the terminal."""

import logging

import dagster as dg

from bizy_assets.core.errors import printable

Context = dg.OpExecutionContext | dg.AssetExecutionContext | dg.AssetCheckExecutionContext


def log_lines(context: Context, *lines: str, level: int = logging.INFO) -> None:
    """Log one message of one or more lines; names and values in a line cannot add another.

    Every message of this project is logged here.
    """
    context.log.log(level, "\n".join(map(printable, lines)))
