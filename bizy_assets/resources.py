"""The two databases as Dagster resources; connections are opened when first needed.

Settings without secrets are configuration fields or environment variables. Connection URLs come
only from the environment, because Dagster stores and shows run configuration.
"""

from abc import abstractmethod
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import Any, TypeVar

import dagster as dg
import sqlalchemy as sa
from pydantic import Field, PrivateAttr, create_model

from bizy_assets.core.common import CheckResult
from bizy_assets.core.errors import BizyError
from bizy_assets.core.postgres import (
    advisory_locks,
    connect,
    is_lost,
    parse_url,
    translate_errors,
)
from bizy_assets.core.server import embedded
from bizy_assets.core.settings import (
    CheckSettings,
    HomeSettings,
    OwnerSettings,
    Settings,
    SourceSettings,
    TargetSettings,
    bizy_home,
    environment,
    names,
)
from bizy_assets.core.state import runs
from bizy_assets.runtime import collect_events, fail_fast, name_process

WRITES = {"bizy/writes": "target"}
"""Tags of the jobs that write to the target; ``dagster.yaml`` runs one of them at a time."""

CONFIG_TYPES: dict[Any, Any] = {
    bool: bool,
    float: float,
    int | None: int,
    frozenset[str]: list[str],
    dict[str, list[int]]: dict[str, list[int]],
}
"""Types of configuration fields by type of the setting; all other settings are text fields."""

R = TypeVar("R", bound=dg.ConfigurableResource[None])


def configured_by(
    *models: type[Settings], without: Collection[str] = ()
) -> Callable[[type[R]], type[R]]:
    """Give a resource one configuration field for each setting of the models, with exceptions."""
    fields: dict[str, Any] = {}
    for field in (field for model in models for field in model.model_fields.values()):
        name, *variables = names(field)
        if name in without:
            continue
        kind = CONFIG_TYPES.get(field.annotation, str)
        default = None if field.default_factory else field.default
        text = " ".join((field.description or "").split())
        if variables:
            text += f" Variable: {', else '.join(f'`{variable}`' for variable in variables)}."
            text += f" Default: `{default}`." if default else ""
            # A field that is not configured is left to the environment of the run.
            kind, default = kind | None, None
        fields[name] = (kind, Field(default=default, description=text))

    def derive(resource: type[R]) -> type[R]:
        return create_model(
            resource.__name__,
            __base__=resource,
            __module__=resource.__module__,
            __doc__=resource.__doc__,
            **fields,
        )

    return derive


class SourceResource(dg.ConfigurableResource[None]):
    """The Bizy file of a run."""

    @abstractmethod
    def settings(self) -> SourceSettings:
        """Return how the file is read, and where its snapshots go.

        Raises:
            ConfigurationError: A value is invalid.
        """


@configured_by(SourceSettings)
class BizySource(SourceResource):
    """The Bizy file, how its times are interpreted, and where its snapshots are saved."""

    def settings(self) -> SourceSettings:
        """Return the configured values, completed from the environment.

        Raises:
            ConfigurationError: A value is invalid.
        """
        return SourceSettings.read(dict(self))


class TargetResource(dg.ConfigurableResource[None]):
    """The target PostgreSQL of a run, which has one connection for writes and one for checks."""

    _open: ExitStack = PrivateAttr(default_factory=ExitStack)
    _writer: sa.Connection | None = PrivateAttr(default=None)
    _reader: sa.Connection | None = PrivateAttr(default=None)
    _run: dg.DagsterRun | None = PrivateAttr(default=None)

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        """Record the run; connections are opened when first needed."""
        self._run = context.run
        if context.run and context.instance:
            fail_fast()
            collect_events(context.instance)
            name_process(context.instance, context.run)

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:
        """Record the run's outcome, and close its connections, which releases the lock."""
        # A lost connection cannot record it; the next run detects that.
        with suppress(BizyError, sa.exc.InvalidRequestError), self._open:
            if self._writer is not None and context.run is not None and context.instance:
                failed = context.instance.get_run_stats(context.run.run_id).steps_failed
                with translate_errors(self._writer.engine.url), self._writer.begin():
                    runs.end_run(self._writer, context.run.run_id, failed=bool(failed))
        self._writer = self._reader = None

    @property
    def purpose(self) -> str:
        """What connections are for, as PostgreSQL shows it."""
        return f"run {self._run.run_id[:8]}" if self._run else "without a run"

    @property
    def is_embedded(self) -> bool:
        """Whether the target is the embedded server."""
        return environment("DATABASE_URL") is None

    def url(self) -> sa.URL:
        """Return the target's connection URL, which may hold a password.

        Raises:
            BizyError: The URL is invalid, or the embedded server does not start.
        """
        text = environment("DATABASE_URL")
        if text is not None:
            return parse_url(text, variable="DATABASE_URL")
        database = HomeSettings.read().embedded_database
        return embedded.embedded_database_url(bizy_home(), database)

    @abstractmethod
    def owner(self) -> OwnerSettings:
        """Return the account that will own the rows.

        Raises:
            ConfigurationError: A value is invalid.
        """

    @abstractmethod
    def settings(self) -> TargetSettings:
        """Return how to load.

        Raises:
            ConfigurationError: A value is invalid.
        """

    def common_settings(self) -> TargetSettings:
        """Return how to load what is not configured for one file.

        Raises:
            ConfigurationError: A value is invalid.
        """
        # An invalid value must not fail a run only after it has loaded.
        CheckSettings.read(dict(self))
        return TargetSettings.read(dict(self))

    @property
    def is_strict(self) -> bool:
        """Whether a warning of a check fails the run.

        Raises:
            ConfigurationError: A value is invalid.
        """
        return CheckSettings.read(dict(self)).strict

    def record_results(
        self, table: str, results: Sequence[CheckResult], *, run: int | None
    ) -> None:
        """Record results of checks in the target, for a report of many Bizy files.

        ``run`` is the number of the run that loaded what was checked, or None for a snapshot that
        was not loaded. The report of a single file reads them from Dagster's event log.
        """

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Provide the run's connection, which holds the target's lock.

        Raises:
            TargetError: PostgreSQL cannot be reached or refuses, or another run holds the lock.
        """
        if self._writer is None:
            url = self.url()
            wait = self.settings().lock_wait_seconds
            # A connection without the locks must not be reused when a step is retried.
            with ExitStack() as opened:
                connection = opened.enter_context(connect(url, purpose=self.purpose))
                self.acquire_locks(connection, wait_seconds=wait)
                self._open.push(opened.pop_all())
            self._writer = connection
        with translate_errors(self._writer.engine.url):
            yield self._writer

    def acquire_locks(self, connection: sa.Connection, *, wait_seconds: float) -> None:
        """Acquire the locks that a run's connection holds: the target's lock, for this run alone.

        Raises:
            TargetError: Another run still holds a lock after that time.
        """
        advisory_locks.acquire_lock(connection, connection.engine.url, wait_seconds=wait_seconds)

    @contextmanager
    def checking(self) -> Iterator[sa.Connection]:
        """Provide the run's read-only connection, in a transaction on one snapshot of the target.

        Raises:
            TargetError: PostgreSQL cannot be reached or refuses.
        """
        if self._reader is not None and is_lost(self._reader):
            self._reader = None
        if self._reader is None:
            # Looking for the embedded server takes two connections.
            writer = None if self._writer is None or is_lost(self._writer) else self._writer
            url = self.url() if writer is None else writer.engine.url
            opened = self._open.enter_context(connect(url, purpose=f"{self.purpose} check"))
            self._reader = opened.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        with translate_errors(self._reader.engine.url), self._reader.begin():
            yield self._reader


@configured_by(OwnerSettings, TargetSettings, CheckSettings)
class BizyTarget(TargetResource):
    """The target PostgreSQL: `DATABASE_URL`, else the embedded server.

    A run has one connection for its writes, which holds the target's lock until the run ends, and
    one for its checks.
    """

    def owner(self) -> OwnerSettings:
        """Return the configured account, completed from the environment.

        Raises:
            ConfigurationError: A value is invalid.
        """
        return OwnerSettings.read(dict(self))

    def settings(self) -> TargetSettings:
        """Return the configured values, completed from the environment.

        Raises:
            ConfigurationError: A value is invalid.
        """
        return self.common_settings()
