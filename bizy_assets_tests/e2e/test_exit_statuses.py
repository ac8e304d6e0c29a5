"""Exit statuses of ``bizy-assets``, and the document for other programs."""

import json
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from click.testing import CliRunner, Result

from bizy_assets.cli.commands import bizy_assets
from bizy_assets.core.settings import bizy_home
from bizy_assets.runtime import process_name
from bizy_assets_tests.support import bizy_files
from bizy_assets_tests.support.migrations import Migration
from bizy_assets_tests.support.servers import history_of

BREAK = "UPDATE tasks SET priority = 'high' WHERE id = 20"
FIX = "UPDATE tasks SET priority = 1, title = 'Call' WHERE id = 20 OR title = ''"


@pytest.fixture
def cli(migration: Migration, monkeypatch: pytest.MonkeyPatch) -> Iterator[CliRunner]:
    """Runs commands in this process, which takes half the time of a process for each."""
    for name in ("SQLITE_DB_PATH", "BIZY_SOURCE_TIMEZONE", "BIZY_ON_BAD_ROW", "BIZY_STRICT",
                 "DAGSTER_HOME"):  # fmt: skip
        # Commands set these; registered here, so that they are as before at the end.
        monkeypatch.setenv(name, "")
    migration.setenv(DAGSTER_POSTGRES_URL=history_of(migration.server))
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield CliRunner()
    for number, handler in handlers.items():
        signal.signal(number, handler)


def document(result: Result, status: int) -> dict[str, Any]:
    """Returns what a command printed for other programs."""
    assert result.exit_code == status, result.stderr
    printed: dict[str, Any] = json.loads(result.stdout)
    assert printed["exit_status"] == status
    return printed


def test_the_exit_status_distinguishes_complete_left_out_and_failed(
    cli: CliRunner, migration: Migration
) -> None:
    file = [str(migration.source), "--timezone", "America/Los_Angeles", "--json"]
    bizy_files.change(migration.source, BREAK)

    failed = document(cli.invoke(bizy_assets, ["migrate", *file]), 1)
    assert failed["verdict"] == "failed"
    [census] = [check for check in failed["checks_not_passed"] if check["check"] == "census"]
    assert census["asset"] == "sqlite_backup"
    assert "priority" in census["message"]
    assert failed["report"] is None

    options = ["--on-bad-row", "quarantine"]
    partial = document(cli.invoke(bizy_assets, ["migrate", *file, *options]), 3)
    assert partial["verdict"] == "rows left out"
    assert partial["rows_left_out"] == 1
    tasks = partial["tables"]["tasks"]
    assert (tasks["inserted"], tasks["rejected"]) == (148, 1)
    assert (tasks["rows"], tasks["source_rows"]) == (148, 149)
    assert sum(counts["source_rows"] for counts in partial["tables"].values()) == 198
    assert migration.query("SELECT count(*) FROM tasks") == [(148,)]
    assert Path(partial["report"]).is_file()
    assert {"asset", "check", "outcome", "message"} == set(partial["checks_not_passed"][0])
    assert partial["headline"].startswith("1 of 198 rows ")
    assert "rejected" in partial["next_steps"][0]["text"]
    assert migration.server.password not in str(partial)

    migration.setenv(BIZY_ON_BAD_ROW="quarantine")
    planned = document(cli.invoke(bizy_assets, ["plan", *file]), 3)
    assert (planned["verdict"], planned["rows_left_out"]) == ("rows left out", 1)
    assert planned["tables"]["tasks"]["rejected"] == 1
    migration.setenv(BIZY_ON_BAD_ROW="")

    bizy_files.change(migration.source, FIX)
    planned = document(cli.invoke(bizy_assets, ["plan", *file]), 0)
    assert planned["headline"].startswith("1 row would be inserted, 12 updated")
    assert planned["headline"].endswith(". Nothing was written.")
    warned = document(cli.invoke(bizy_assets, ["migrate", *file]), 0)
    assert (warned["verdict"], warned["rows_left_out"]) == ("complete with warnings", 0)
    strict = cli.invoke(bizy_assets, ["verify", "--strict"])
    assert strict.exit_code == 1, strict.stderr
    assert strict.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["migrate", "nothing.db"], "File 'nothing.db' does not exist."),
        (["migrate", "--on-bad-row", "ignore"], "'ignore' is not one of 'fail', 'quarantine'."),
        (["migrat"], "No such command 'migrat'."),
        (["ui", "--port", "0"], "0 is not in the range 1<=x<=65535."),
    ],
)
def test_wrong_options_exit_with_2(arguments: list[str], sentence: str) -> None:
    refused = CliRunner().invoke(bizy_assets, arguments)
    assert refused.exit_code == 2
    assert sentence in refused.stderr


def test_a_wrong_setting_is_refused_before_anything_starts(
    cli: CliRunner, migration: Migration, tmp_path: Path
) -> None:
    refused = cli.invoke(bizy_assets, ["plan", str(migration.source), "--timezone", "Mars/Base"])
    assert refused.exit_code == 1
    assert "Mars/Base" in refused.stderr
    assert refused.stderr.count("\n") == 1
    assert not (tmp_path / "home").exists()


def test_the_doctor_names_each_problem_and_its_cure(
    cli: CliRunner, migration: Migration, tmp_path: Path
) -> None:
    migration.setenv(SQLITE_DB_PATH=str(migration.source), BIZY_SOURCE_TIMEZONE="Asia/Tokyo")
    healthy = cli.invoke(bizy_assets, ["doctor"])
    assert healthy.exit_code == 0, healthy.stdout
    assert "149 tasks and 13 goals" in healthy.stdout
    assert "Asia/Tokyo (configured)" in healthy.stdout
    assert migration.server.password not in healthy.stdout
    assert migration.tables() == set()

    other = tmp_path / "other.db"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE other (id)")
    connection.close()
    wrong = migration.server.url(migration.database, "nobody", "hunter2")
    migration.setenv(SQLITE_DB_PATH=str(other), DATABASE_URL=wrong)
    ill = cli.invoke(bizy_assets, ["doctor"])
    assert ill.exit_code == 1
    problems = [line.split()[1] for line in ill.stdout.splitlines() if line.startswith("problem")]
    assert problems == ["Bizy", "target"]
    assert "skipped  privileges  needs target\n" in ill.stdout
    assert ill.stdout.endswith("2 problems found.\n")
    assert "hunter2" not in ill.stdout


def test_the_doctor_says_each_problem_once(
    cli: CliRunner, migration: Migration, monkeypatch: pytest.MonkeyPatch
) -> None:
    migration.setenv(SQLITE_DBPATH="x", BIZY_ALERT_URL="hooks")
    monkeypatch.delenv("SQLITE_DB_PATH")
    ill = cli.invoke(bizy_assets, ["doctor"])
    assert ill.exit_code == 1
    outcomes = [line.split()[0] for line in ill.stdout.splitlines()]
    assert outcomes == ["ok", "problem", *["skipped"] * 6, "1"]
    assert ill.stdout.count("did you mean SQLITE_DB_PATH?") == 1

    migration.setenv(SQLITE_DBPATH="", BIZY_ON_BAD_ROW="ignore", BIZY_TRIGGERS="off")
    ill = cli.invoke(bizy_assets, ["doctor"])
    for sentence in (
        "BIZY_ALERT_URL is not the",
        "BIZY_ON_BAD_ROW is 'ig",
        "BIZY_TRIGGERS is 'off'",
    ):
        assert ill.stdout.count(sentence) == 1

    # Another account could write to the folder of the embedded server.
    migration.setenv(DATABASE_URL="", DAGSTER_POSTGRES_URL="")
    home = bizy_home()
    home.mkdir(exist_ok=True)
    home.chmod(0o777)
    migration.setenv(BIZY_ON_BAD_ROW="", BIZY_TRIGGERS="", BIZY_ALERT_URL="")
    migration.setenv(SQLITE_DB_PATH=str(migration.source), BIZY_SOURCE_TIMEZONE="Asia/Tokyo")
    ill = cli.invoke(bizy_assets, ["doctor"])
    assert ill.stdout.endswith("1 problem found.\n"), ill.stdout
    for name in ("target    ", "privileges", "history   "):
        assert f"skipped  {name}  needs BIZY_HOME\n" in ill.stdout


def test_without_a_report_the_command_names_what_to_do(
    cli: CliRunner, migration: Migration
) -> None:
    missing = cli.invoke(bizy_assets, ["report"])
    assert missing.exit_code == 1
    assert f"no report of a migration into 127.0.0.1:{migration.server.port}" in missing.stderr
    assert "bizy-assets migrate" in missing.stderr


def test_stop_closes_an_open_ui_and_no_other_process(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir(mode=0o700)
    file = tmp_path / "home" / "ui.process"
    with subprocess.Popen(["sleep", "600"]) as process:
        name = process_name(psutil.Process(process.pid))
        # Another process has the id of a UI that was killed.
        file.write_text(name.rpartition(" ")[0] + " 1000000000")
        spared = CliRunner().invoke(bizy_assets, ["stop"])
        assert process.poll() is None
        file.write_text(name)
        stopped = CliRunner().invoke(bizy_assets, ["stop"])
        assert not psutil.pid_exists(process.pid)
    assert spared.exit_code == stopped.exit_code == 0
    assert "The UI was closed." not in spared.stderr
    assert stopped.stderr.startswith("The UI was closed.\n")


def test_commands_on_the_target_name_the_file_that_was_loaded_and_how_to_finish(
    cli: CliRunner, migration: Migration
) -> None:
    file = [str(migration.source), "--timezone", "America/Los_Angeles"]
    assert cli.invoke(bizy_assets, ["migrate", *file]).exit_code == 0
    # As in a new shell.
    migration.setenv(SQLITE_DB_PATH="", BIZY_SOURCE_TIMEZONE="")
    migration.query("UPDATE tasks SET title = 'edited' WHERE id = 20")

    failed = document(cli.invoke(bizy_assets, ["verify", "--json"]), 1)
    [content] = [one for one in failed["checks_not_passed"] if one["check"] == "content"]
    assert f"SQLITE_DB_PATH={migration.source}" in content["message"]
    assert "BIZY_SOURCE_TIMEZONE=America/Los_Angeles" in content["message"]

    left = document(cli.invoke(bizy_assets, ["rollback", "--json"]), 3)
    assert left["rows_left"] == 1
    [step] = left["next_steps"]
    assert step["copy"].endswith("rollback --keep-edited")

    finished = document(cli.invoke(bizy_assets, ["rollback", "--keep-edited", "--json"]), 0)
    assert finished["next_steps"] == []
    assert migration.query("SELECT id FROM tasks") == [(20,)]


def test_a_plan_finds_what_the_migration_then_finds(cli: CliRunner, migration: Migration) -> None:
    file = [str(migration.source), "--timezone", "America/Los_Angeles", "--json"]

    def found(command: str, *, strict: bool) -> dict[str, Any]:
        options = [*file, "--strict"] if strict else file
        result = document(cli.invoke(bizy_assets, [command, *options]), 1 if strict else 0)
        migration.setenv(BIZY_STRICT="")
        return {
            "verdict": result["verdict"],
            "tables": result["tables"],
            "checks": {(one["asset"], one["check"]) for one in result["checks_not_passed"]},
        }

    refused = found("plan", strict=True)
    assert refused["verdict"] == "failed"
    planned = found("plan", strict=False)
    assert planned["verdict"] == "complete with warnings"
    assert planned["tables"]["tasks"]["inserted"] == 149
    assert refused == {**planned, "verdict": "failed"}
    assert migration.tables() == set()
    assert found("migrate", strict=False) == planned
    assert found("migrate", strict=True)["verdict"] == "failed"
