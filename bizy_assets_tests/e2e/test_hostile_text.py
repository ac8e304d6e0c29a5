"""Text that comes from others: names, values, an email, a server's message, and paths."""

import os
import re
from pathlib import Path

import pytest

from bizy_assets.core.errors import ConfigurationError
from bizy_assets.core.settings import HomeSettings
from bizy_assets_tests.support import bizy_files
from bizy_assets_tests.support.backends import make_backend_tables
from bizy_assets_tests.support.commands import run_job
from bizy_assets_tests.support.migrations import Migration
from bizy_assets_tests.support.servers import history_of

LINE = "12:00:00 pg_tasks          ok       content: forged"
HOSTILE = f"x\n{LINE}\r{LINE}\x1b[2J\u2028{LINE}\u202e|`<script>`**b**"
ESCAPED = f"x\\n{LINE}\\r{LINE}\\x1b[2J\\u2028{LINE}\\u202e|`<script>`**b**"

NOT_UTF8 = os.fsdecode(b"/tmp/bizy-\xff")


@pytest.fixture
def hostile(migration: Migration) -> Migration:
    """A source whose name, tables, columns and values are hostile, and such an owner."""
    path = migration.source.with_name(f"{HOSTILE}.db")
    migration.source = migration.source.rename(path)
    bizy_files.change(path, f'CREATE TABLE "{HOSTILE}" (id INTEGER)')
    bizy_files.change(path, f'ALTER TABLE goals ADD COLUMN "{HOSTILE}" TEXT')
    bizy_files.change(path, "UPDATE goals SET status = ? WHERE id = 3", HOSTILE * 3)
    migration.setenv(
        SQLITE_DB_PATH=str(path),
        BIZY_ON_BAD_ROW="quarantine",
        BIZY_IGNORE_COLUMNS=f"goals.{HOSTILE}",
        DEFAULT_USER_EMAIL=f"{HOSTILE[:60]}@example.org",
        DEFAULT_USER_USERNAME=HOSTILE[:60],
    )
    return migration


def assert_plain(text: str) -> None:
    """Makes sure that text has no character that a terminal obeys, and no line of others."""
    for line in text.split("\n"):
        assert line.isprintable(), repr(line)
        assert not line.strip().startswith(LINE)


def raise_in_server(migration: Migration) -> None:
    """Makes the server refuse every row with a message of somebody else."""
    make_backend_tables(migration)
    migration.query(
        "CREATE FUNCTION public.refuse(text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS "
        "$$BEGIN RAISE EXCEPTION USING MESSAGE = %s; END$$",
        HOSTILE,
    )
    migration.query("ALTER TABLE tasks ADD CHECK (public.refuse(title))")


def test_no_text_of_others_looks_like_ours_on_the_terminal(hostile: Migration) -> None:
    raise_in_server(hostile)
    done = run_job(DAGSTER_POSTGRES_URL=history_of(hostile.server))
    assert done.status == 1
    assert "Traceback" not in done.error
    assert_plain(done.error)
    assert_plain(done.out)
    assert f"copied {hostile.source.parent}/{ESCAPED}.db to" in done.error
    assert f"unknown tables ignored: {ESCAPED}" in done.error
    assert f"unknown columns ignored: goals.{ESCAPED}" in done.error
    assert f"owner account {ESCAPED[:61]}" in done.error
    assert f"refused a statement ({ESCAPED}, code" in done.error


def test_no_text_of_others_is_a_line_of_the_log_or_markup_of_the_report(
    hostile: Migration,
) -> None:
    outcome = hostile.migrate("goals", "tasks")
    hostile.materialize("migration_report")
    for run in hostile.instance.get_runs():
        for entry in hostile.instance.all_logs(run.run_id):
            assert_plain(entry.user_message)
            for line in (entry.user_message, *_descriptions(entry)):
                assert_plain(line)
    assert outcome.checks()["sqlite_backup", "census"].description.count("\n") == 0
    report = hostile.metadata("migration_report")["report"]
    assert_plain(report)
    bare = re.sub(r"\\.|^      .*$", "", report, flags=re.MULTILINE)
    assert "<" not in bare
    assert "`x" not in bare


def _descriptions(entry: object) -> list[str]:
    event = getattr(entry, "dagster_event", None)
    if event is None or event.event_type_value != "ASSET_CHECK_EVALUATION":
        return []
    return [event.asset_check_evaluation_data.description or ""]


def test_an_unknown_column_is_named_on_one_line(hostile: Migration) -> None:
    hostile.setenv(BIZY_IGNORE_COLUMNS="")
    [sentence] = set(hostile.run().sentences)
    assert f"would lose (goals.{ESCAPED}); use a version" in sentence
    assert_plain(sentence)


def test_a_setting_that_is_not_utf8_is_refused(migration: Migration) -> None:
    for name in ("SQLITE_DB_PATH", "BIZY_HOME", "BIZY_BACKUP_DIR", "DATABASE_URL"):
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv(name, NOT_UTF8)
            [sentence] = set(migration.run().sentences)
        assert sentence == f"{name} is not valid UTF-8; set it to UTF-8 text."


def test_a_folder_that_is_not_utf8_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link").symlink_to(NOT_UTF8)
    problem = f"{NOT_UTF8!r}, which is not valid UTF-8; rename the folder"
    with pytest.raises(ConfigurationError, match=rf"^home is {re.escape(problem)}\.$"):
        HomeSettings.read({"home": "link"})


def test_a_command_refuses_a_home_that_is_not_utf8() -> None:
    done = run_job(BIZY_HOME=NOT_UTF8)
    assert done.status == 1
    assert "Traceback" not in done.error
    assert "Error: BIZY_HOME is not valid UTF-8; set it to UTF-8 text." in done.error
