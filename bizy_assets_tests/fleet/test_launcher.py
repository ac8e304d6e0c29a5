"""The run launcher of a fleet, and the claims of its workers."""

import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import dagster as dg
import psutil
import pytest

from bizy_assets.core.server import broker
from bizy_assets.fleet import claims
from bizy_assets.fleet.celery_app import fleet_app
from bizy_assets.fleet.launcher import FleetRunLauncher
from bizy_assets.runtime import process_name


def ended_process() -> str:
    """Return the name of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    name = process_name(psutil.Process(process.pid))
    process.communicate()
    return name


def judged(run_id: str, name: str) -> str:
    tags = {".dagster/bizy_worker": f"{run_id} {name}"}
    run = dg.DagsterRun("fleet_migrate", run_id=run_id, tags=tags)
    return FleetRunLauncher().check_run_worker_health(run).status.value


def test_a_run_is_dead_only_when_its_process_on_this_machine_is_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Nothing listens there, and nothing is asked: no result of Celery is needed.
    monkeypatch.setenv("BIZY_FLEET_BROKER", "redis://127.0.0.1:1")
    gone, run_id = ended_process(), str(uuid4())
    assert judged(run_id, gone) == "FAILED"
    assert judged(run_id, process_name(psutil.Process())) == "RUNNING"
    assert judged(run_id, f"elsewhere-{gone}") == "RUNNING"


def test_one_process_at_a_time_claims_a_run(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broker.start_broker(home)
    app, run_id = fleet_app(), str(uuid4())

    def claimed_by(name: str) -> bool:
        monkeypatch.setattr(claims, "this_process", lambda: name)
        return claims.claim(app, run_id)

    mine = process_name(psutil.Process())
    assert claimed_by(ended_process())
    # The first process has ended, and one of the others takes over.
    assert claimed_by(mine)
    assert not claimed_by(process_name(psutil.Process(1)))
    assert claimed_by(mine)
