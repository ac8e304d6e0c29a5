"""The commands that the README names, as real processes in a home of their own."""

import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from sqlalchemy import make_url

from bizy_assets.cli import SAMPLE
from bizy_assets.core.server.embedded import embedded_database_url
from bizy_assets_tests.support import bizy_files
from bizy_assets_tests.support.commands import bizy_assets, module, run_command, run_job
from bizy_assets_tests.support.environment import CHECKOUT, working_copy, written_files
from bizy_assets_tests.support.migrations import Migration
from bizy_assets_tests.support.screens import keep_screen
from bizy_assets_tests.support.servers import Server, history_of
from bizy_assets_tests.support.terminals import on_terminal

CREATED = "2025-11-20 10:00:00.000000"
COUNTS = "SELECT (SELECT count(*) FROM goals), (SELECT count(*) FROM tasks)"


@pytest.fixture
def _nothing_left() -> Iterator[None]:
    """Let a test fail whose commands leave or change a file in the checkout."""
    before = written_files(working_copy())
    yield
    assert written_files(working_copy()) == before


@pytest.fixture
def _umask_of_nothing() -> Iterator[None]:
    """Let commands create files that every account could write to."""
    before = os.umask(0)
    yield
    os.umask(before)


def open_files(home: Path) -> list[str]:
    """Return what others can use in a home, from outside: nothing below a closed folder."""
    found, folders = [], [home]
    for folder in folders:
        for path in [folder, *folder.iterdir()]:
            mode = 0 if path.is_symlink() else path.stat().st_mode
            # The group of the embedded server's account may enter the home itself.
            if mode & (0o067 if path == home else 0o077):
                found.append(f"{path} {stat.filemode(mode)}")
            if path != folder and stat.S_ISDIR(mode) and mode & 0o011:
                folders.append(path)
    return found


def in_embedded(alone: Path, statement: str, database: str = "bizy") -> tuple[int, ...]:
    url = embedded_database_url(alone / "bizy", database)
    return first_row(url.render_as_string().replace("+psycopg2", ""), statement)


def first_row(url: str, statement: str) -> tuple[int, ...]:
    connection = psycopg2.connect(url)
    with connection, connection.cursor() as cursor:
        cursor.execute(statement)
        row = cursor.fetchone()
    connection.close()
    return tuple(row or ())


@pytest.mark.usefixtures("_nothing_left", "_umask_of_nothing")
def test_a_user_with_nothing_gets_a_demo_and_then_migrates_a_file_beside_it(alone: Path) -> None:
    # A server of the user does not get the sample.
    nowhere = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"}
    with on_terminal("python", "-m", "bizy_assets", "migrate", **nowhere) as terminal:
        assert terminal.status() == 0, terminal.output
    terminal.keep("terminal_demo")
    # With everything that follows the live part.
    assert sum(-(-len(line) // 80) for line in terminal.remaining()) <= 15, terminal.output
    assert terminal.remaining()[-1].endswith("plan FILE --timezone ZONE")
    assert_readme_shows(terminal.remaining())
    second = module("migrate", **nowhere)
    assert second.status == 0, second.error
    keep_screen("no_terminal_demo_again", second.error)
    for shown, inserted in ((terminal.output, "149 inserted"), (second.error, "0 inserted")):
        assert shown.replace("\r", "").startswith(
            f"There is no {alone}/.business-agent/tasks.db, and no other file was named. This is a "
            f"demo with a sample, {working_copy()}/bizy_assets/samples/bizy_cli_mixed.db, in the "
            "database bizy_demo of the embedded PostgreSQL. DATABASE_URL is not used.\n"
        )
        assert f"149 rows: {inserted}" in shown
        assert in_embedded(alone, COUNTS, "bizy_demo") == (13, 149)
    ended = r"Run migrate succeeded in .*: 42 checks, 3 warnings\.$"
    assert re.search(ended, second.error, re.MULTILINE)
    assert not open_files(alone / "bizy")
    assert {path.name for path in alone.iterdir()} == {"bizy"}
    migrate_where_bizy_keeps_its_file(alone)
    stopped = module("stop")
    assert stopped.status == 0
    assert "was stopped" in stopped.error


@pytest.mark.migrated
def test_psql_opens_the_target_and_no_password_is_an_argument(migration: Migration) -> None:
    arguments_of_psql = r"\! tr '\0' ' ' < /proc/$PPID/cmdline"
    ran = bizy_assets("psql", "-Atc", "SELECT count(*) FROM tasks", "-c", arguments_of_psql)
    assert ran.status == 0, ran.error
    count, arguments = ran.out.splitlines()
    assert count == "149"
    assert f"dbname={migration.database}" in arguments
    assert migration.server.password not in arguments
    assert bizy_assets("psql", "-c", "SELECT nonsense").status == 1


def migrate_where_bizy_keeps_its_file(alone: Path) -> None:
    (alone / ".business-agent").mkdir()
    shutil.copy(SAMPLE.with_name("bizy_cli_1.0.2.db"), alone / ".business-agent" / "tasks.db")
    ran = module("migrate", BIZY_SOURCE_TIMEZONE="Europe/Berlin")
    assert ran.status == 0, ran.error
    assert "sample" not in ran.error
    assert in_embedded(alone, COUNTS) == (3, 22)
    assert in_embedded(alone, COUNTS, "bizy_demo") == (13, 149)


@pytest.mark.migrated
def test_rows_that_web_and_command_line_made_at_once(migration: Migration) -> None:
    ids = {}
    for table in ("goals", "tasks"):
        bizy_files.change(
            migration.source, f"INSERT INTO {table} (title, created_at) VALUES ('file', ?)", CREATED
        )
        [(ids[table],)] = migration.query(
            f"INSERT INTO {table} (user_id, title, created_at, updated_at) "
            "VALUES (1, 'web', now(), now()) RETURNING id"
        )
    bizy_files.change(migration.source, "UPDATE tasks SET parent_goal_id = 18 WHERE title = 'file'")
    assert ids == {"goals": 18, "tasks": 150}
    ran = module("migrate", DAGSTER_POSTGRES_URL=history_of(migration.server))
    assert ran.status == 0, ran.error
    *_, report = sorted((Path(os.environ["BIZY_HOME"]) / "reports").glob("*.html"))
    for table, number in ids.items():
        rows = dict(migration.query(f"SELECT title, id FROM {table} WHERE id >= %s", number))
        assert rows == {"web": number, "file": number + 1}
        for text in (ran.error, report.read_text()):
            assert re.search(rf"id {number + 1:,}; in Bizy {number}\b", text), text
    parents = "SELECT title, parent_goal_id FROM tasks WHERE id >= 150 ORDER BY 1"
    assert migration.query(parents) == [("file", 19), ("web", None)]


def test_a_command_that_ends_does_not_examine_all_objects_first() -> None:
    # Registered before the command's own handler, it runs after it.
    script = (
        "import atexit, gc; atexit.register(lambda: print(gc.get_freeze_count())); "
        "from bizy_assets.__main__ import main; main()"
    )
    done = run_command("python", "-c", script, "--version")
    assert done.status == 0
    assert int(done.out.splitlines()[-1]) > 10_000


def assert_readme_shows(lines: list[str]) -> None:
    """Makes sure that the README shows these lines of a terminal, in this order."""
    readme = (CHECKOUT / "README.md").read_text()
    shown = readme.partition("$ make migrate\n")[2].partition("\n\n$ make test")[0].splitlines()
    printed = iter([_without_moments(line) for line in lines])
    for line in shown:
        # The lines that are left out stand between the others.
        assert line == "..." or _without_moments(line) in printed, line


def _without_moments(line: str) -> str:
    return re.sub(r" *\d+\.\d s", " 0.0 s", line.rstrip())


def test_settings_may_be_in_a_file_of_the_current_folder(alone: Path) -> None:
    home = alone / "other home"
    (alone / ".env").write_text(f"BIZY_HOME={home}\nTZ=no/where\n")
    # What the environment sets takes precedence.
    ran = bizy_assets("stop", cwd=alone, without=["BIZY_HOME"], TZ="Europe/Berlin")
    assert ran.status == 0, ran.error
    assert f"PostgreSQL server in {home}/postgres was not running" in ran.error


def test_a_failing_migrate_ends_with_the_reason(alone: Path) -> None:
    ran = module("migrate", SQLITE_DB_PATH=str(alone / "nothing.db"))
    assert ran.status == 1
    assert ran.error.splitlines()[-1].endswith(
        f"no file {alone / 'nothing.db'}; set SQLITE_DB_PATH to the Bizy database to migrate."
    )
    assert "Traceback" not in ran.error


@pytest.mark.exhaustive
def test_the_ui_ends_when_one_of_its_programs_does(migration: Migration) -> None:
    ran = module(
        "ui",
        BIZY_UI_HOSTS="https://bizy.example.org",
        DAGSTER_POSTGRES_URL=history_of(migration.server),
    )
    assert ran.status == 1
    assert "BIZY_UI_HOSTS contains 'https://bizy.example.org'; set it to host names" in ran.error
    assert ran.error.splitlines()[-1] == (
        "Dagster's webserver or daemon ended; its last messages give the reason."
    )


@pytest.mark.parametrize(
    ("dagster_home", "jobs"),
    [
        ("", ("rollback",)),
        pytest.param("", ("verify", "dry_run", "rollback"), marks=pytest.mark.exhaustive),
        pytest.param("dagster", ("verify", "dry_run", "rollback"), marks=pytest.mark.exhaustive),
    ],
)
@pytest.mark.usefixtures("_nothing_left", "_umask_of_nothing")
def test_dagster_job_execute_works_bare(
    alone: Path, dagster_home: str, jobs: tuple[str, ...]
) -> None:
    variables = {}
    if dagster_home:
        folder = alone / dagster_home
        folder.mkdir()
        shutil.copy(CHECKOUT / "dagster.yaml", folder)
        variables["DAGSTER_HOME"] = str(folder)
    assert "DAGSTER_HOME" not in os.environ
    ran = run_job(
        SQLITE_DB_PATH=str(shutil.copy(SAMPLE, alone)),
        BIZY_SOURCE_TIMEZONE="America/Los_Angeles",
        **variables,
    )
    assert ran.status == 0, ran.error
    assert in_embedded(alone, COUNTS) == (13, 149)
    for job in jobs:
        again = run_job(job, SQLITE_DB_PATH=str(alone / SAMPLE.name), **variables)
        assert again.status == 0, again.error
    assert in_embedded(alone, "SELECT to_regclass('tasks'), to_regclass('users')") == (None, None)
    assert not open_files(alone / "bizy")


@pytest.mark.parametrize(
    ("limit", "sentence"),
    [
        ("-n 12", "This process may open only 12 files (ulimit -n), but needs 128; raise the"),
        (
            "-v 400000",
            "This process may use only 390 MiB of memory (ulimit -v), but needs 1024",
        ),
    ],
)
def test_a_limit_that_is_too_low_is_named(alone: Path, limit: str, sentence: str) -> None:
    done = subprocess.run(
        ["sh", "-c", f'ulimit {limit}; exec "$0" -m bizy_assets migrate', sys.executable],
        cwd=working_copy(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith(sentence)
    assert done.stderr.count("\n") == 1
    assert not (alone / "bizy").exists()


def test_a_real_server_of_another_version_serves_both(
    migration: Migration, older_server: Server
) -> None:
    assert migration.server is not older_server
    target = older_server.create_database("target of 16 %s")
    ran = run_job(DATABASE_URL=target, DAGSTER_POSTGRES_URL=history_of(older_server))
    assert ran.status == 0, ran.error
    assert first_row(target, COUNTS) == (13, 149)
    assert first_row(target, "SELECT current_setting('server_version_num')::int / 10000") == (16,)
    assert not (Path(os.environ["BIZY_HOME"]) / "postgres").exists()


def test_the_short_form_of_the_scheme_is_understood(migration: Migration) -> None:
    migration.setenv(
        DATABASE_URL=os.environ["DATABASE_URL"].replace("postgresql://", "postgres://")
    )
    assert make_url(os.environ["DATABASE_URL"]).drivername == "postgres"
    migration.migrate()


@pytest.mark.migrated
@pytest.mark.exhaustive
def test_verify_exits_with_1_when_a_check_fails(migration: Migration) -> None:
    migration.query("DELETE FROM tasks WHERE id = 77")
    ran = run_job("verify", DAGSTER_POSTGRES_URL=history_of(migration.server))
    assert ran.status == 1
    assert "1 row is missing in PostgreSQL (id 77)." in ran.error
    assert "Traceback" not in ran.error


def test_the_tab_key_completes_commands_and_options() -> None:
    page = (CHECKOUT / "docs" / "REFERENCE.md").read_text()
    [line] = re.findall(r"^eval .*_BIZY_ASSETS_COMPLETE.*$", page, re.MULTILINE)
    script = f"""{line}
        COMP_CWORD=1; COMP_WORDS=(bizy-assets roll); _bizy_assets_completion bizy-assets
        COMP_CWORD=2; COMP_WORDS=(bizy-assets rollback --keep); _bizy_assets_completion bizy-assets
        echo "${{COMPREPLY[@]}}"
    """
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["/bin/bash", "-c", script],
        env={**os.environ, "PATH": path}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.split() == ["rollback", "--keep-edited"]
