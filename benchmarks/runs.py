"""Times the migration itself, as its users run it, and what it is held against."""

import json
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path

import dagster as dg
import floor
import process
from figures import (
    AGAIN,
    CHANGED,
    COPY,
    EMPTY,
    FLOOR,
    LOAD,
    LOAD_AGAIN,
    MIGRATE,
    PLAN,
    ROLLBACK,
    VERIFY,
    Figure,
)
from process import Ran
from server import CHECKOUT, Server

from bizy_assets.core.load.row_stream import RowStream
from bizy_assets.core.pipeline import require_load
from bizy_assets.core.postgres.copy_in import copy_batches
from bizy_assets.core.state.load_context import build_load_context
from bizy_assets.core.target.ddl import ensure_table
from bizy_assets.core.target.state_schema import ensure_state_schema
from bizy_assets.core.target.tables import TARGET_TABLES
from bizy_assets.definitions import defs

TARGET = "target"
LARGE = ("pg_goals", "pg_tasks")


def migrations(server: Server, source: Path) -> list[Figure]:
    """Times a dry run, a migration with its steps, its repetition, another one, and the proofs.

    Before the third migration, one task in a hundred gets another title.
    """
    plan = _command(server, source, "plan")
    first, steps, load = _migrate(server, source)
    second, _, load_again = _migrate(server, source)
    with closing(sqlite3.connect(source)) as bizy, bizy:
        bizy.execute("UPDATE tasks SET title = title || '.' WHERE id % 100 = 0")
    changed, *_ = _migrate(server, source)
    verified = _command(server, source, "verify")
    rows = max(step.rows or 0 for step in steps)
    runs = {MIGRATE: first, AGAIN: second, CHANGED: changed, PLAN: plan, VERIFY: verified}
    return [
        *steps,
        *(Figure(name, rows, ran.seconds, ran.peak_mb) for name, ran in runs.items()),
        Figure(LOAD, rows, load),
        Figure(LOAD_AGAIN, rows, load_again),
    ]


def rollback(server: Server, source: Path, rows: int) -> list[Figure]:
    """Undoes the migration."""
    ran = _command(server, source, "rollback")
    return [Figure(ROLLBACK, rows, ran.seconds, ran.peak_mb)]


def _command(server: Server, source: Path, command: str) -> Ran:
    url = server.url(TARGET).set(drivername="postgresql")
    return process.run(
        [_PROGRAMS / "bizy-assets", command],
        cwd=CHECKOUT,
        SQLITE_DB_PATH=str(source),
        BIZY_BACKUP_DIR=str(source.parent),
        BIZY_SOURCE_TIMEZONE="America/Los_Angeles",
        DATABASE_URL=url.render_as_string(hide_password=False),
    )


def _migrate(server: Server, source: Path) -> tuple[Ran, list[Figure], float]:
    ran = _command(server, source, "migrate")
    with dg.DagsterInstance.get() as instance:
        made = {name: _made(instance, name) for name in _shape()}
        [run] = instance.get_runs(limit=1)
        steps = []
        for step in sorted(instance.get_run_step_stats(run.run_id), key=lambda s: s.start_time):
            loaded = made.get(step.step_key.removeprefix("checks_of_"), {})
            rows = loaded.get("dagster/row_count")
            peak = ran.peak_between(step.start_time, step.end_time)
            name = f"`{step.step_key}`"
            steps.append(Figure(name, rows, step.end_time - step.start_time, peak))
    return ran, steps, sum(made[name]["seconds"] for name in LARGE)


def _made(instance: dg.DagsterInstance, name: str) -> dict[str, float]:
    """Returns the numbers that an asset reported last."""
    event = instance.get_latest_materialization_event(dg.AssetKey(name))
    if event is None or event.asset_materialization is None:
        # The Bizy file is only observed.
        return {}
    metadata = event.asset_materialization.metadata
    return {k: v.value for k, v in metadata.items() if isinstance(v.value, int | float)}


def load_floor(server: Server, rows: int) -> list[Figure]:
    """Times what the server alone needs for the rows of the target."""
    with server.connected(TARGET) as loaded, server.connected("floor") as empty:
        seconds = floor.seconds(loaded, empty, server.folder)
    server.forget("floor")
    return [Figure(FLOOR, rows, seconds)]


def copy_alone(server: Server) -> list[Figure]:
    """Times reading, converting and COPY into bare tables, which are rolled back."""
    rows, seconds = 0, 0.0
    with server.connected(TARGET) as loaded, server.connected("copy") as empty:
        with empty.begin():
            ensure_state_schema(empty)
        for name in LARGE:
            table = TARGET_TABLES[name.removeprefix("pg_")]
            with loaded.begin(), empty.begin():
                load = require_load(loaded, table.name, key="")
                stream = RowStream(build_load_context(loaded, load))
                ensure_table(empty, table)
                started = time.monotonic()
                batches = stream.batches(fill_missing=True)
                rows += copy_batches(empty, table, stream.schema, batches)
                seconds += time.monotonic() - started
    server.forget("copy")
    return [Figure(COPY, rows, seconds)]


def empty(server: Server) -> list[Figure]:
    """Times Dagster's command on a graph of the same shape that does nothing."""
    shape = server.folder / "graph.json"
    shape.write_text(json.dumps(_shape()))
    file = str(Path(__file__).with_name("empty_graph.py"))
    ran = process.run(
        [_PROGRAMS / "dagster", "job", "execute", "-f", file, "-j", "migrate"],
        cwd=CHECKOUT,
        EMPTY_GRAPH=str(shape),
    )
    return [Figure(EMPTY, None, ran.seconds, ran.peak_mb)]


def _shape() -> dict[str, dict[str, list[str]]]:
    """Returns what the job's assets depend on, and how they are checked."""
    graph = defs.resolve_asset_graph()
    job = defs.resolve_job_def("migrate")
    return {
        key.to_user_string(): {
            "deps": sorted(dep.to_user_string() for dep in graph.get(key).parent_keys),
            "checks": sorted(c.name for c in graph.asset_check_keys if c.asset_key == key),
        }
        for key in job.asset_layer.executable_asset_keys
    }


_PROGRAMS = Path(sys.executable).parent
