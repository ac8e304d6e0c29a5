"""The embedded server that a benchmark has for itself."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from psycopg2 import sql

from bizy_assets.core.postgres.connection import connect, execute
from bizy_assets.core.server.embedded import (
    embedded_cluster_folder,
    embedded_database_url,
    stop_embedded_server,
)

CHECKOUT = Path(__file__).parents[1]


class Server:
    """A server under a folder, with Dagster's history beside the targets.

    Attributes:
        folder: Its ``BIZY_HOME``, empty at first.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # The server of root runs as another user, who reads what the floor copies.
        folder.chmod(0o755)
        home = folder / "dagster"
        home.mkdir()
        (home / "dagster.yaml").write_text((CHECKOUT / "dagster.yaml").read_text())
        os.environ |= {"BIZY_HOME": str(folder), "DAGSTER_HOME": str(home)}
        for name in ("DATABASE_URL", "DAGSTER_POSTGRES_URL"):
            os.environ.pop(name, None)

    def url(self, database: str) -> sa.URL:
        """Returns the address of a database, made if missing."""
        return embedded_database_url(self.folder, database)

    def libpq(self, database: str) -> str:
        """Returns the same in libpq's own form."""
        url = self.url(database)
        return f"host={url.query['host']} dbname={database} user={url.username}"

    @contextmanager
    def connected(self, database: str) -> Iterator[sa.Connection]:
        """Opens a connection to a database."""
        with connect(self.url(database), purpose="benchmark") as connection:
            yield connection

    def forget(self, *databases: str) -> None:
        """Drops databases, and lets the server write down what it has not written yet."""
        with self.connected("postgres") as connection:
            outside = connection.execution_options(isolation_level="AUTOCOMMIT")
            for database in databases:
                name = sql.Identifier(database)
                execute(outside, sql.SQL("DROP DATABASE IF EXISTS {}").format(name))
            outside.exec_driver_sql("CHECKPOINT")

    def stop(self) -> None:
        """Ends it."""
        stop_embedded_server(embedded_cluster_folder(self.folder))
