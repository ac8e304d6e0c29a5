"""Sessions of the backend, which writes while files are loaded, and may not wait for long."""

import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg2
import sqlalchemy as sa

from bizy_assets_tests.support.pipelines import Pipeline

SHORT = "-c lock_timeout=1s"
"""Makes a session of the backend fail if it waits for a second."""

LONGER = "-c lock_timeout=10s"
"""For waits that a busy machine prolongs; without an end to them, they would exceed this too."""


@contextmanager
def backend(target: Pipeline, limit: str = SHORT) -> Iterator[Any]:
    """Opens a session of the backend, in which nothing may wait long, and commits."""
    with (
        closing(psycopg2.connect(target.url, options=limit)) as connection,
        connection,
        connection.cursor() as cursor,
    ):
        yield cursor


@contextmanager
def each_time(statement: str, act: Callable[[Any], None]) -> Iterator[None]:
    """Does something as soon as a run has executed a statement that begins like this.

    ``act`` gets the connection of the run, as the driver knows it.
    """
    count = 0

    def observe(connection: sa.Connection, _cursor: object, executed: str, *_: object) -> None:
        nonlocal count
        if re.match(statement, executed):
            count += 1
            act(connection.connection.driver_connection)

    sa.event.listen(sa.Engine, "after_cursor_execute", observe)
    try:
        yield
    finally:
        sa.event.remove(sa.Engine, "after_cursor_execute", observe)
    assert count


@contextmanager
def meanwhile(statement: str, act: Callable[[], None]) -> Iterator[None]:
    """Does something once, as soon as a load has executed a statement that begins like this."""
    todo = [act]

    def first(_: object) -> None:
        if todo:
            todo.pop()()

    with each_time(statement, first):
        yield
