"""The two databases as Dagster resources: configured for a run, opened when first needed.

Settings without secrets can be given here or by environment variable; addresses of servers come
from the environment only, since Dagster keeps and shows run configuration.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import dagster as dg
import sqlalchemy as sa
from pydantic import Field, PrivateAttr

from bizy_assets.core.contracts import BY_TABLE
from bizy_assets.core.errors import BizyError, ConfigurationError
from bizy_assets.core.postgres import acquire_lock, connect, parse_url, translate_errors
from bizy_assets.core.server import TARGET_DATABASE, embedded_database_url
from bizy_assets.core.settings import (
    DEFAULT_TASKS_LOCAL_SINCE,
    OwnerSettings,
    SourceSettings,
    bizy_home,
    environment,
    lock_wait_seconds,
    owner_settings,
    source_settings,
)
from bizy_assets.core.state import COMPLETED, FAILED, end_run
from bizy_assets.runtime import name_process

WRITES = {"bizy/writes": "target"}
"""Tags of the jobs that write to the target; ``dagster.yaml`` lets one such run go at a time."""


class BizySource(dg.ConfigurableResource[None]):
    """The Bizy file, and how its clock is read."""

    path: str | None = Field(
        default=None,
        description="The Bizy database. Default: `SQLITE_DB_PATH`, then `BUSINESS_AGENT_DB`, then "
        "`~/.business-agent/tasks.db`.",
    )
    backup_dir: str | None = Field(
        default=None,
        description="Folder for snapshots. Default: `BIZY_BACKUP_DIR`, then the file's own folder.",
    )
    timezone: str | None = Field(
        default=None,
        description="IANA zone of the laptop that wrote the file. Default: "
        "`BIZY_SOURCE_TIMEZONE`, then this machine's zone.",
    )
    tasks_local_since: str | None = Field(
        default=None,
        description="Instant from which Bizy wrote `tasks.created_at` in local time. Default: "
        f"`BIZY_TASKS_LOCAL_SINCE`, then `{DEFAULT_TASKS_LOCAL_SINCE}`.",
    )
    keep_backups: int | None = Field(
        default=None,
        description="How many snapshots of this file to keep; the loaded one always stays. "
        "Default: `BIZY_KEEP_BACKUPS`, then all.",
    )

    on_bad_row: str | None = Field(
        default=None,
        description="What becomes of values that PostgreSQL cannot take: `fail` ends the run "
        "before it writes, `quarantine` loads the other rows. Default: `BIZY_ON_BAD_ROW`, then "
        "`fail`.",
    )
    ignore_columns: list[str] | None = Field(
        default=None,
        description="Columns that bizy-assets does not know and may leave out, like `tasks.mood`; "
        "any other unknown column ends the run. Default: `BIZY_IGNORE_COLUMNS`, then none.",
    )

    def settings(self) -> SourceSettings:
        """Returns what was configured, completed from the environment.

        Raises:
            ConfigurationError: A value means nothing.
        """
        return source_settings(
            path=self.path,
            backup_dir=self.backup_dir,
            timezone=self.timezone,
            tasks_local_since=self.tasks_local_since,
            keep_backups=self.keep_backups,
            on_bad_row=self.on_bad_row,
            ignore_columns=self.ignore_columns,
        )


class BizyTarget(dg.ConfigurableResource[None]):
    """The target PostgreSQL: `DATABASE_URL`, else the embedded server.

    A run that writes uses one connection, which holds the target's lock until the run ends.
    """

    owner_email: str | None = Field(
        default=None,
        description="Email of the user who will own every row. Default: `DEFAULT_USER_EMAIL`, "
        "then `admin@bizy.local`.",
    )
    owner_username: str | None = Field(
        default=None,
        description="Username of that user, where it is created. Default: "
        "`DEFAULT_USER_USERNAME`, then `admin`.",
    )
    owner_id: int | None = Field(
        default=None,
        description="`users.id` of that user, as the backend's login service knows it. Default: "
        "`DEFAULT_USER_ID`, then the next free id.",
    )
    lock_wait_seconds: float | None = Field(
        default=None,
        description="How long to wait for another run on the same target, and for sessions of "
        "the backend that lock a table. Default: "
        "`BIZY_LOCK_WAIT_SECONDS`, then 60.",
    )

    adopt: bool = Field(
        default=False,
        description="Whether rows of the owner that stand in the target already, with ids that "
        "Bizy uses too, are taken over: an older script wrote them, or the Bizy file was moved.",
    )
    skip_ids: dict[str, list[int]] = Field(
        default={},
        description="For each table, ids of Bizy's rows to leave out; they are written down in "
        "`bizy_migration.rejected_rows`.",
    )

    _open: ExitStack = PrivateAttr(default_factory=ExitStack)
    _writer: sa.Connection | None = PrivateAttr(default=None)
    _run: str = PrivateAttr(default="")

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        """Notes which run this is; nothing is opened before it is needed."""
        self._run = f"run {context.run.run_id[:8]}" if context.run else "without a run"
        if context.run and context.instance:
            name_process(context.instance, context.run.run_id)

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:
        """Writes down how the run ended, and closes its connection, which gives the lock back."""
        # A connection that is lost can tell nothing; the next run finds out.
        with suppress(BizyError, sa.exc.InvalidRequestError), self._open:
            if self._writer is not None and context.run is not None and context.instance:
                failed = context.instance.get_run_stats(context.run.run_id).steps_failed
                outcome = FAILED if failed else COMPLETED
                with translate_errors(self._writer.engine.url), self._writer.begin():
                    end_run(self._writer, context.run.run_id, outcome)
        self._writer = None

    @property
    def is_embedded(self) -> bool:
        """Whether the target is the embedded server."""
        return environment("DATABASE_URL") is None

    def url(self) -> sa.URL:
        """Returns the target's address; it may hold a password.

        Raises:
            BizyError: It is none, or the embedded server does not come up.
        """
        text = environment("DATABASE_URL")
        if text is not None:
            return parse_url(text, variable="DATABASE_URL")
        return embedded_database_url(bizy_home(), TARGET_DATABASE)

    def owner(self) -> OwnerSettings:
        """Returns who shall own the rows.

        Raises:
            ConfigurationError: A value means nothing.
        """
        return owner_settings(
            email=self.owner_email, username=self.owner_username, user_id=self.owner_id
        )

    def skipped(self) -> dict[str, list[int]]:
        """Returns which rows of Bizy to leave out, by table.

        Raises:
            ConfigurationError: There is no such table.
        """
        for table in self.skip_ids:
            if table not in BY_TABLE:
                raise ConfigurationError(
                    f"skip_ids names the table {table!r}, but the tables are "
                    f"{', '.join(BY_TABLE)}; correct the configuration of the resource target."
                )
        return self.skip_ids

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Lends the run's connection, which holds the target's lock.

        Raises:
            TargetError: PostgreSQL cannot be reached or refuses, or another run holds the lock.
        """
        if self._writer is None:
            url = self.url()
            wait = lock_wait_seconds(self.lock_wait_seconds)
            # Without its lock a connection is of no use, also not to a step that tries again.
            with ExitStack() as opened:
                connection = opened.enter_context(connect(url, purpose=self._run))
                acquire_lock(connection, url, wait_seconds=wait)
                self._open = opened.pop_all()
            self._writer = connection
        with translate_errors(self._writer.engine.url):
            yield self._writer

    @contextmanager
    def checking(self) -> Iterator[sa.Connection]:
        """Opens a connection that sees one moment of the target and cannot write.

        Raises:
            TargetError: PostgreSQL cannot be reached or refuses.
        """
        with connect(self.url(), purpose=f"{self._run} check") as connection:
            reader = connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            with reader.begin():
                yield reader
