"""No password anywhere but in its file: not in Dagster's storage, logs, output or the server."""

import re
from pathlib import Path

import pytest

from bizy_assets_tests.support.commands import run_job
from bizy_assets_tests.support.leaks import everything_in, files_below
from bizy_assets_tests.support.migrations import Migration
from bizy_assets_tests.support.servers import history_of, password_of


@pytest.mark.exhaustive
def test_no_password_leaves_its_place(migration: Migration, tmp_path: Path) -> None:
    history = history_of(migration.server)
    kept = tmp_path / "dagster"
    kept.mkdir()
    (kept / "dagster.yaml").write_text(Path("dagster.yaml").read_text())
    variables = {"DAGSTER_POSTGRES_URL": history, "DAGSTER_HOME": str(kept)}
    ran = [run_job("migrate", **variables), run_job("verify", **variables)]
    assert [command.status for command in ran] == [0, 0]
    migration.query("DELETE FROM tasks WHERE id = 3")
    ran.append(run_job("verify", **variables))
    ran.append(run_job("migrate", **variables, DATABASE_URL=migration.server.url("missing")))
    assert [command.status for command in ran[2:]] == [1, 1]
    [file] = (tmp_path / "home" / "passwords").iterdir()
    secrets = [
        re.search("password: (.*)", file.read_text())[1],
        password_of(history),
    ]
    places = {
        "output": " ".join(command.out + command.error for command in ran),
        "history": everything_in(history),
        "files": files_below(tmp_path),
        "server's log": migration.server.log.read_text(),
        "target": everything_in(migration.server.url(migration.database)),
    }
    assert "149 rows" in places["history"]
    for place, text in places.items():
        for secret in secrets:
            assert secret not in text, place
