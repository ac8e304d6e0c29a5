"""A whole migration of one file by the core's functions, which is cheaper than a Dagster run."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psycopg2
import sqlalchemy as sa

from bizy_assets.core import pipeline, state
from bizy_assets.core.common import CheckResult, IdPolicy
from bizy_assets.core.contracts import CONTRACTS, Contract
from bizy_assets.core.contracts.tables import GOALS
from bizy_assets.core.load import DryRunResult, LoadRequest, LoadResult
from bizy_assets.core.postgres import advisory_locks, connect, parse_url
from bizy_assets.core.reconcile import BACKEND_ACCEPTS, CONTENT, checks
from bizy_assets.core.rollback import RollbackResult
from bizy_assets.core.settings import OwnerSettings, SourceSettings, TargetSettings
from bizy_assets_tests.support.processes import until
from bizy_assets_tests.support.servers import Server

BLOCKED_BY = "SELECT 1 FROM pg_stat_activity WHERE %s = ANY(pg_blocking_pids(pid))"


def _checks_of(contract: Contract) -> list[str]:
    return [*checks.AUDITS, *([BACKEND_ACCEPTS] if contract.served else []), CONTENT]


@dataclass
class Loaded:
    """What a migration did to each table, and what its checks say afterwards."""

    loads: dict[str, LoadResult] = field(default_factory=dict)
    results: dict[str, list[CheckResult]] = field(default_factory=dict)

    @property
    def errors(self) -> list[str]:
        return [text for each in self.results.values() for one in each for text in one.errors]

    @property
    def inserted(self) -> int:
        return sum(result.load.counts.inserted for result in self.loads.values())


def migrate_tables(
    connection: sa.Connection,
    source: SourceSettings,
    owner: OwnerSettings,
    home: Path,
    *,
    contracts: Sequence[Contract] = CONTRACTS,
    change: Callable[[LoadRequest], LoadRequest] = lambda request: request,
    after_goals: Callable[[], object] = lambda: None,
    checks_too: bool = True,
) -> Loaded:
    """Migrates tables, as a Dagster run does, on a connection that holds the locks of a run.

    Args:
        change: Changes what is asked of the loads.
        after_goals: What to do between the loads of goals and of tasks.
        checks_too: Whether the tables are checked after their loads.
    """
    target = TargetSettings.read()
    snapshot = pipeline.take_snapshot(connection, source, target.triggers).snapshot
    validation = pipeline.validate(connection, snapshot, source, home)
    assert validation.snapshot == snapshot
    run_id = f"run {snapshot.path.name}"
    request = change(
        pipeline.load_request(
            snapshot, source, target, run_id, home, [contract.table for contract in contracts]
        )
    )
    pipeline.require_same_owner(connection, request.run.source.key, owner)
    pipeline.ensure_owner(
        connection,
        owner,
        home,
        lock_wait_seconds=request.lock_wait_seconds,
        concurrent=request.concurrent,
    )
    loaded = Loaded()
    for contract in contracts:
        result = pipeline.load_table(connection, contract, request, owner)
        loaded.loads[contract.table] = result
        if contract is GOALS:
            after_goals()
    for contract in contracts if checks_too else ():
        load = loaded.loads[contract.table].load
        with connection.begin():
            loaded.results[contract.table] = pipeline.check_table(
                connection, load, _checks_of(contract), run_id=run_id
            )
    with connection.begin():
        state.runs.end_run(connection, run_id, failed=bool(loaded.errors))
    return loaded


@dataclass(frozen=True)
class Pipeline:
    """Files and one target.

    Attributes:
        url: The target.
        home: The folder for password files, reports and snapshots.
        zone: The zone of all files.
    """

    url: str
    home: Path
    zone: str = "America/Los_Angeles"

    @classmethod
    @contextmanager
    def in_new_database(cls, server: Server, home: Path) -> Iterator["Pipeline"]:
        """Makes an empty target, which is dropped at the end."""
        name = f"target{abs(hash(home)) % 10**9}"
        yield cls(server.create_database(name), home)
        server.drop_database(name)

    @contextmanager
    def writing(self, name: str | None = None) -> Iterator[sa.Connection]:
        """Opens a connection with the locks of a run: alone, or for one source beside others."""
        url = parse_url(self.url, variable="url")
        with connect(url, purpose="test") as connection:
            advisory_locks.acquire_lock(connection, url, wait_seconds=20, shared=name is not None)
            if name is not None:
                advisory_locks.acquire_source_lock(connection, name, wait_seconds=20)
            yield connection

    def prepare(self) -> None:
        """Creates what the loads of a fleet need."""
        with self.writing() as connection:
            pipeline.prepare_target(connection, TargetSettings.read())

    def remove(self) -> list[str]:
        """Drops what the migration created, after the last file, and returns the names."""
        with self.writing() as connection:
            removed = pipeline.remove_objects(connection, self.home, lock_wait_seconds=20)
        assert removed is not None
        return removed.dropped

    def migrate(
        self,
        file: Path,
        name: str | None = None,
        *,
        email: str = "admin@bizy.local",
        policy: IdPolicy = IdPolicy.KEEP,
        contracts: Sequence[Contract] = CONTRACTS,
        after_goals: Callable[[], object] = lambda: None,
        **options: Any,
    ) -> Loaded:
        """Migrates a file; the one of that name in a fleet, if it is given.

        Args:
            contracts: The tables, one after the other.
            after_goals: What to do between the loads of goals and of tasks.
        """
        policy = policy if name is None else IdPolicy.MOVE
        owner = OwnerSettings.read({"owner_email": email, "owner_username": email})
        source = SourceSettings.read(
            {"path": file, "backup_dir": self.home / "snapshots", "timezone": self.zone}
        )

        def change(request: LoadRequest) -> LoadRequest:
            return _of(request, name, policy, **options)

        with self.writing(name) as connection:
            return migrate_tables(
                connection,
                source,
                owner,
                self.home,
                contracts=contracts,
                change=change,
                after_goals=after_goals,
            )

    def migrate_all(self, files: Mapping[str, Path], *names: str) -> list[Loaded]:
        """Migrates files of a fleet at the same time, two at once."""
        with ThreadPoolExecutor(2) as pool:
            futures = [
                pool.submit(self.migrate, files[name], name, email=f"{name}@x.org")
                for name in names
            ]
            return [future.result() for future in futures]

    def until_blocked(self, load: Future[Any], by: Any) -> None:
        """Waits until a session keeps a load waiting."""
        until(lambda: self.query(BLOCKED_BY, by.info.backend_pid) or load.done())
        assert not load.done()

    def dry_run(self, file: Path, *, policy: IdPolicy = IdPolicy.KEEP) -> DryRunResult:
        """Migrates a single file and undoes it."""
        owner = OwnerSettings.read(
            {"owner_email": "admin@bizy.local", "owner_username": "admin@bizy.local"}
        )
        source = SourceSettings.read(
            {
                "path": file,
                "backup_dir": self.home / "snapshots",
                "timezone": self.zone,
                "id_policy": policy,
            }
        )
        with self.writing() as connection:
            return pipeline.dry_run(
                connection, source, TargetSettings.read(), owner, self.home, run_id="dry run"
            )

    def roll_back(self, name: str, *, keep_edited: bool) -> RollbackResult:
        with self.writing(name) as connection:
            return pipeline.roll_back_source(
                connection, self.home, name, keep_edited=keep_edited, lock_wait_seconds=20
            )

    def query(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Runs a statement on the target and commits it."""
        with (
            closing(psycopg2.connect(self.url)) as connection,
            connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def dump(self, *, state: bool = False) -> dict[str, list[tuple[Any, ...]]]:
        """Returns the rows of all tables, with the records of the migration if wanted."""
        schemas = ["public", *(["bizy_migration"] if state else [])]
        tables = self.query(
            "SELECT format('%%I.%%I', schemaname, tablename) FROM pg_tables "
            "WHERE schemaname = ANY(%s)",
            schemas,
        )
        # Sequences and their moves stay ahead of ids that were once allocated.
        return {
            name: sorted(self.query(f"SELECT {name.split('.')[1]}::text FROM {name}"))
            for (name,) in tables
            if name != "bizy_migration.sequence_moves"
        }

    def verify(self, key: str) -> list[str]:
        """Runs all checks of a source, and returns their errors."""
        errors = []
        url = parse_url(self.url, variable="url")
        with connect(url, purpose="test") as connection, connection.begin():
            source = state.sources.find_source(connection, key)
            assert source is not None
            for contract in CONTRACTS:
                load = state.runs.require_load(connection, contract.table, source.id)
                results = pipeline.check_table(connection, load, _checks_of(contract), run_id="")
                errors += [text for result in results for text in result.errors]
        return errors


def _of(request: LoadRequest, name: str | None, policy: IdPolicy, **options: Any) -> LoadRequest:
    source = replace(request.run.source, id_policy=policy, key=name or request.run.source.key)
    run = replace(request.run, source=source)
    return replace(request, run=run, concurrent=name is not None, **options)
