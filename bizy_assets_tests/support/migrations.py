"""A source, a target of its own, and Dagster's jobs between them."""

import itertools
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import psycopg2
import pytest

from bizy_assets.cli import SAMPLE_ZONE
from bizy_assets.core.contracts import CONTRACTS
from bizy_assets.core.settings import OwnerSettings, SourceSettings, bizy_home
from bizy_assets.definitions import defs
from bizy_assets.metadata.glossary import OTHERS
from bizy_assets_tests.support.pipelines import Loaded, Pipeline, migrate_tables
from bizy_assets_tests.support.servers import Server

ADOPT = {"resources": {"target": {"config": {"adopt": True}}}}

_numbers = itertools.count(1)


@dataclass
class Outcome:
    """What a job did."""

    success: bool
    sentences: list[str]
    result: dg.ExecuteInProcessResult
    instance: dg.DagsterInstance

    def metadata(self, asset: str) -> dict[str, Any]:
        return latest_metadata(self.instance, asset)

    def checks(self) -> dict[tuple[str, str], Any]:
        return {
            (event.asset_key.to_user_string(), event.check_name): event
            for event in self.result.get_asset_check_evaluations()
        }

    def retries(self) -> list[str]:
        """Returns which steps were tried again, each as often as it was."""
        again = dg.DagsterEventType.STEP_UP_FOR_RETRY
        return [str(e.step_key) for e in self.result.all_events if e.event_type is again]


class Migration:
    """A source, a target of its own, and Dagster's jobs between them."""

    def __init__(
        self,
        server: Server,
        source: Path,
        instance: dg.DagsterInstance,
        monkeypatch: pytest.MonkeyPatch,
        template: str = "template1",
        name: str | None = None,
    ) -> None:
        self.server = server
        self.source = source
        self.instance = instance
        self.database = name or f"test{next(_numbers)}"
        self._monkeypatch = monkeypatch
        self.setenv(
            DATABASE_URL=server.create_database(self.database, template=template),
            SQLITE_DB_PATH=str(source),
            BIZY_SOURCE_TIMEZONE=SAMPLE_ZONE,
        )

    def setenv(self, **values: str) -> None:
        for name, value in values.items():
            self._monkeypatch.setenv(name, value)

    def run(self, job: str = "migrate", **options: Any) -> Outcome:
        """Runs a job in this process, as the UI would run it in another."""
        result = defs.resolve_job_def(job).execute_in_process(
            instance=self.instance, raise_on_error=False, **options
        )
        return Outcome(
            success=result.success,
            sentences=sentences_of(result),
            result=result,
            instance=self.instance,
        )

    def migrate(self, *tables: str) -> Outcome:
        """Runs the job, which must succeed.

        Args:
            tables: The tables to load and check; all if none is given. Tests that look at some of
                them alone are twice as fast without the others.
        """
        outcome = self.run(asset_selection=only(*tables)) if tables else self.run()
        assert outcome.success, outcome.sentences
        return outcome

    def load(self, *tables: str) -> None:
        """Loads tables, all if none is given, by the core's functions, which takes a third.

        For a start or a step that a test does not look at. Dagster's history does not know of it.
        """
        self._load(tables, checks_too=False)

    def prove(self, *tables: str) -> None:
        """Loads tables as ``load`` does, and runs their checks, which must find no error."""
        assert self._load(tables, checks_too=True).errors == []

    def _load(self, tables: Sequence[str], *, checks_too: bool) -> Loaded:
        with Pipeline(os.environ["DATABASE_URL"], bizy_home()).writing() as connection:
            return migrate_tables(
                connection,
                SourceSettings.read(),
                OwnerSettings.read(),
                bizy_home(),
                contracts=[each for each in CONTRACTS if not tables or each.table in tables],
                checks_too=checks_too,
            )

    def metadata(self, asset: str) -> dict[str, Any]:
        """Returns the metadata of an asset's latest materialization."""
        return latest_metadata(self.instance, asset)

    def materialize(self, *assets: str) -> Outcome:
        """Runs some of the assets and their checks, as a user may from the UI."""
        return self.run("migrate", asset_selection=[dg.AssetKey(asset) for asset in assets])

    def query(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Runs a statement on the target and commits it."""
        connection = psycopg2.connect(os.environ["DATABASE_URL"])
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(statement, values)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def rows(self, table: str, *columns: str) -> list[tuple[Any, ...]]:
        return self.query(f"SELECT {', '.join(columns)} FROM {table} ORDER BY id")

    def tables(self) -> set[str]:
        return {
            f"{schema}.{name}"
            for schema, name in self.query(
                "SELECT schemaname, tablename FROM pg_tables "
                "WHERE schemaname IN ('public', 'bizy_migration')"
            )
        }


def only(*tables: str) -> list[dg.AssetKey]:
    """Returns what a job needs to load and check some of the tables."""
    names = ["sqlite_backup", "admin_user", *(f"pg_{table}" for table in tables)]
    return [dg.AssetKey(name) for name in names]


def latest_metadata(instance: dg.DagsterInstance, asset: str) -> dict[str, Any]:
    """Returns the metadata of an asset's latest materialization, or else observation."""
    event = instance.get_latest_materialization_event(dg.AssetKey(asset))
    if event is not None:
        assert event.asset_materialization is not None
        metadata = event.asset_materialization.metadata
    else:
        [record] = instance.fetch_observations(dg.AssetKey(asset), limit=1).records
        assert record.asset_observation is not None
        metadata = record.asset_observation.metadata
    found: dict[str, Any] = {name: value.value for name, value in metadata.items()}
    if "rows_left_out" not in found or "dagster/table_name" not in found:
        return found
    # The other counts of a load are texts, and absent if they are zero.
    others = {name: int(found.get(name, 0)) for name in OTHERS}
    return {**found, **others}


def sentences_of(result: dg.ExecuteInProcessResult) -> list[str]:
    """Returns what each failed step says to the user."""
    found = []
    for event in result.all_events:
        if event.event_type is dg.DagsterEventType.STEP_FAILURE:
            failure = event.step_failure_data.user_failure_data
            error = event.step_failure_data.error
            found.append(failure.description if failure else str(error))
    return found
