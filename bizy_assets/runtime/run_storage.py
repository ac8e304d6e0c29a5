"""Where Dagster keeps runs, events and schedules: always PostgreSQL.

``dagster.yaml`` names the class below. It takes ``DAGSTER_POSTGRES_URL`` where that is set, and
a second database in the embedded server otherwise, so that one file serves both. The address is
never part of Dagster's own configuration, which is kept and shown.
"""

import select
from typing import Any

import click
import dagster_postgres
from sqlalchemy import URL, QueuePool, event
from sqlalchemy.exc import DisconnectionError

from bizy_assets.core.errors import BizyError
from bizy_assets.core.postgres import connect, parse_url
from bizy_assets.core.server import HISTORY_DATABASE, embedded_database_url
from bizy_assets.core.settings import bizy_home, environment


class HistoryError(BizyError, click.ClickException):
    """Dagster's history cannot be reached; its commands show just the sentence."""


class EmbeddedRunStorage(dagster_postgres.DagsterPostgresStorage):
    """dagster-postgres with an address from the environment, or the embedded server's."""

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """Takes no configuration."""
        return {}

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> "EmbeddedRunStorage":  # noqa: ANN401, ARG003
        """Makes the storage.

        Raises:
            HistoryError: The server cannot be reached, with what to do.
        """
        try:
            url = history_url()
            with connect(url, purpose="history", variable="DAGSTER_POSTGRES_URL"):
                pass
        except BizyError as error:
            raise HistoryError(str(error)) from None
        storage = cls(url.render_as_string(hide_password=False), inst_data=inst_data)
        for part in (storage.run_storage, storage.event_log_storage, storage.schedule_storage):
            # Keeps a connection open, for anybody and not just the webserver: one for each event
            # took a quarter of a small run.
            part.optimize_for_webserver(statement_timeout=0, pool_recycle=-1, max_overflow=-1)
        return storage


@event.listens_for(QueuePool, "checkout")
def _require_open(connection: Any, *_: object) -> None:  # noqa: ANN401
    """Makes a pool, of which history's are the only ones, replace a connection that was lost.

    Raises:
        DisconnectionError: It was.
    """
    # An idle connection has nothing to say but that it is over. A question to the server would
    # tell as much, and take as long as many of those that are then asked.
    if connection.closed:
        raise DisconnectionError
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    if poll.poll(0):
        raise DisconnectionError


def history_url() -> URL:
    """Returns the address of the database with Dagster's history."""
    text = environment("DAGSTER_POSTGRES_URL")
    if text is not None:
        return parse_url(text, variable="DAGSTER_POSTGRES_URL")
    return embedded_database_url(bizy_home(), HISTORY_DATABASE)
