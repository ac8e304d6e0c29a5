"""Messages of steps, in Dagster's event log and on the terminal."""

import logging

import dagster as dg

from bizy_assets.core.errors import printable

Context = dg.OpExecutionContext | dg.AssetExecutionContext | dg.AssetCheckExecutionContext


def describe_target(name: str) -> str:
    """Shorten ``host:port/database``, whose host is a long path if the server is embedded."""
    host, _, database = name.rpartition("/")
    return f"embedded/{database}" if host.startswith("/") else name


def log_lines(context: Context, *lines: str, level: int = logging.INFO) -> None:
    """Log one message of one or more lines; names and values in a line cannot add another.

    Every message of this project is logged here.
    """
    context.log.log(level, "\n".join(map(printable, lines)))


def log_details(context: Context, *lines: str) -> None:
    """Log lines about one of the assets, except in a run of a partition.

    Each line is an event in Dagster's history, where those of thousands of files add up. Their
    metadata and the records in the target hold the same.
    """
    if not context.has_partition_key:
        log_lines(context, *lines)
