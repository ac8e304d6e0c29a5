"""Where Dagster keeps runs, events and schedules: always PostgreSQL.

``dagster.yaml`` names the class below. It takes ``DAGSTER_POSTGRES_URL`` where that is set, and
a second database in the embedded server otherwise, so that one file serves both. The address is
never part of Dagster's own configuration, which is kept and shown.
"""

from typing import Any

import click
import dagster_postgres
from sqlalchemy import URL

from bizy_assets.core import embedded, settings, urls
from bizy_assets.core.errors import BizyError
from bizy_assets.core.target import connected


class HistoryError(BizyError, click.ClickException):
    """Dagster's history cannot be reached; its commands show just the sentence."""


class HistoryStorage(dagster_postgres.DagsterPostgresStorage):
    """dagster-postgres with an address from the environment, or the embedded server's."""

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """Takes no configuration."""
        return {}

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> "HistoryStorage":  # noqa: ANN401, ARG003
        """Makes the storage.

        Raises:
            HistoryError: The server cannot be reached, with what to do.
        """
        try:
            url = history_url()
            with connected(url, purpose="history", variable="DAGSTER_POSTGRES_URL"):
                pass
        except BizyError as error:
            raise HistoryError(str(error)) from None
        return cls(url.render_as_string(hide_password=False), inst_data=inst_data)


def history_url() -> URL:
    """Returns the address of the database with Dagster's history."""
    text = settings.environment("DAGSTER_POSTGRES_URL")
    if text is not None:
        return urls.parse(text, variable="DAGSTER_POSTGRES_URL")
    return embedded.database_url(settings.bizy_home(), embedded.HISTORY_DATABASE)
