"""Dagster's storage for runs, events and schedules, always in PostgreSQL.

``dagster.yaml`` names ``EmbeddedRunStorage``. It uses ``DAGSTER_POSTGRES_URL`` if set, otherwise a
second database in the embedded server, so that one file serves both. The connection URL is never
part of Dagster's configuration, which Dagster stores and shows.
"""

import atexit
import functools
import gc
import os
from typing import Any

import click
import dagster as dg
import dagster_postgres

# Dagster's daemon imports this interval when it begins to look for backfills.
from dagster._daemon import controller
from sqlalchemy import URL, CreateEnginePlugin, Engine, QueuePool, create_engine, event
from sqlalchemy.dialects import plugins
from sqlalchemy.exc import DisconnectionError

from bizy_assets.core.errors import BizyError
from bizy_assets.core.postgres import (
    connect,
    is_closed,
    open_sessions_of,
    parse_url,
    translate_errors,
)
from bizy_assets.core.process import prepare_process
from bizy_assets.core.server import embedded
from bizy_assets.core.settings import bizy_home, environment
from bizy_assets.runtime.event_storage import HistoryEvents
from bizy_assets.runtime.history_schema import ensure_history_schema, has_history_tables
from bizy_assets.runtime.interrupts import shorten_interrupts
from bizy_assets.terminal import show_progress


class HistoryError(BizyError, click.ClickException):
    """Dagster's storage cannot be reached; Dagster's commands show only the message."""


class EmbeddedRunStorage(dagster_postgres.DagsterPostgresStorage):
    """PostgreSQL storage with the URL from the environment, or in the embedded server."""

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """Return the configuration schema."""
        return {
            "schema": dg.Field(
                str,
                is_required=False,
                description="The schema of Dagster's tables, if instances share a database.",
            ),
            "backfill_interval_seconds": dg.Field(
                int,
                is_required=False,
                description="How often the daemon looks for backfills; by default every 30 "
                "seconds. Dagster has no setting of its own.",
            ),
        }

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> "EmbeddedRunStorage":  # noqa: ANN401
        """Create the storage.

        Raises:
            HistoryError: The server cannot be reached.
        """
        try:
            # Every process of Dagster begins here.
            prepare_process()
            # Python's last collection would search all of Dagster's objects, for a second.
            atexit.register(gc.freeze)
            shorten_interrupts()
            show_progress()
            controller.DEFAULT_DAEMON_INTERVAL_SECONDS = config_value.get(
                "backfill_interval_seconds", controller.DEFAULT_DAEMON_INTERVAL_SECONDS
            )
            url = history_url()
            with connect(url, purpose="history", variable="DAGSTER_POSTGRES_URL") as connection:
                schema = ensure_history_schema(connection, config_value.get("schema"))
                has_tables = has_history_tables(connection, schema)
            with translate_errors(url, "DAGSTER_POSTGRES_URL"):
                # A plugin of SQLAlchemy opens the sessions of Dagster's engines.
                url = url.update_query_dict({"plugin": _PLUGIN, _SCHEMA: schema})
                text = url.render_as_string(hide_password=False)
                storage = cls(text, should_autocreate_tables=not has_tables, inst_data=inst_data)
                storage._run_storage = HistoryRuns(text, should_autocreate_tables=False)
                storage._event_log_storage = HistoryEvents(text, should_autocreate_tables=False)
        except BizyError as error:
            raise HistoryError(str(error)) from None
        # Dagster opens a connection for each statement, which took a quarter of a small run's time.
        engine = create_engine(text, isolation_level="AUTOCOMMIT", pool_size=3, max_overflow=-1)
        storage._run_storage._engine = engine
        storage._event_log_storage._engine = engine
        storage._schedule_storage._engine = engine
        # Events that are planned with a run are written together.
        os.environ.setdefault("DAGSTER_EVENT_BATCH_SIZE", "1000")
        return storage


class HistoryRuns(dagster_postgres.PostgresRunStorage):
    """The runs of Dagster, which looks up once whether their table has some columns.

    Dagster would read all columns each time that it reads runs.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - Dagster's
        super().__init__(*arguments, **options)
        self.has_run_stats_index_cols = functools.cache(super().has_run_stats_index_cols)  # type: ignore[method-assign]
        self.has_backfill_id_column = functools.cache(super().has_backfill_id_column)  # type: ignore[method-assign]


class HistorySessions(CreateEnginePlugin):
    """Open the sessions of Dagster's engines as all others; the URL names their schema.

    Dagster's statements name no schema, so this one is on their search path.
    """

    def __init__(self, url: URL, kwargs: dict[str, Any]) -> None:
        super().__init__(url, kwargs)
        self._schema = str(url.query[_SCHEMA])

    def update_url(self, url: URL) -> URL:
        """Remove the parameter, which libpq does not know."""
        return url.difference_update_query([_SCHEMA])

    def engine_created(self, engine: Engine) -> None:
        """Set the engine up."""
        open_sessions_of(engine, (self._schema, "pg_temp"))


_PLUGIN, _SCHEMA = "bizy_history", "bizy_history_schema"
"""Parameters of a connection URL: SQLAlchemy's, with the name of the plugin, and the plugin's."""

plugins.register(_PLUGIN, __name__, HistorySessions.__name__)


@event.listens_for(QueuePool, "checkout")
def _require_open(connection: Any, *_: object) -> None:  # noqa: ANN401
    """Make a pool replace a lost connection; only Dagster's storage uses pools here."""
    if is_closed(connection):
        raise DisconnectionError


def history_url() -> URL:
    """Return the connection URL of the database with Dagster's storage."""
    text = environment("DAGSTER_POSTGRES_URL")
    if text is not None:
        return parse_url(text, variable="DAGSTER_POSTGRES_URL")
    return embedded.embedded_database_url(bizy_home(), embedded.HISTORY_DATABASE)
