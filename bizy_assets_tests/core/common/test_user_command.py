"""Command lines of next steps, which run when they are pasted into a new shell in any folder."""

import subprocess
import sys
from pathlib import Path

import pytest

from bizy_assets.core.common import own_file_command, user_command
from bizy_assets.core.common.places import DEMO_DATABASE
from bizy_assets.core.common.user_command import SECRETS, VARIABLES
from bizy_assets.core.settings import Settings
from bizy_assets_tests.docs.test_docs import declared_variables

SECRET = "postgresql://bizy:hunter2@localhost/bizy"
SCRIPT = str(Path(sys.executable).with_name("bizy-assets"))


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("BIZY_HOME")
    monkeypatch.delenv("BIZY_SOURCE_TIMEZONE", raising=False)
    monkeypatch.chdir(tmp_path)


def pasted(line: str, program: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs a line in a new shell in another folder, with a program that prints what it got."""
    assert SCRIPT in line
    return subprocess.run(
        ["sh", "-c", line.replace(SCRIPT, str(program))],
        cwd="/", env={"PATH": "/usr/bin:/bin", **variables}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "program"
    path.write_text('#!/bin/sh\npwd\necho "$SQLITE_DB_PATH|$DATABASE_URL|$BIZY_HOME"\necho "$@"\n')
    path.chmod(0o755)
    return path


def test_a_line_has_the_program_and_its_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    assert user_command("verify") == f"{SCRIPT} verify"
    assert user_command("plan", "/a b/it's.db") == f"{SCRIPT} plan '/a b/it'\"'\"'s.db'"


def test_the_name_alone_is_enough_where_a_new_shell_finds_this_program(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # As pipx and uv link it.
    (tmp_path / "bizy-assets").symlink_to(SCRIPT)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin")
    assert user_command("verify") == "bizy-assets verify"
    other = tmp_path / "other"
    other.mkdir()
    (other / "bizy-assets").write_text("#!/bin/sh\n")
    (other / "bizy-assets").chmod(0o755)
    monkeypatch.setenv("PATH", f"{other}:{tmp_path}")
    assert user_command("verify") == f"{SCRIPT} verify"
    # An activated environment is not active in a new shell.
    monkeypatch.setenv("PATH", str(Path(SCRIPT).parent))
    monkeypatch.setenv("VIRTUAL_ENV", str(Path(SCRIPT).parents[1]))
    assert user_command("verify") == f"{SCRIPT} verify"


def test_paths_hold_in_any_folder_and_any_character(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, program: Path
) -> None:
    monkeypatch.setenv("SQLITE_DB_PATH", "my 'tasks' $HOME.db")
    monkeypatch.setenv("BIZY_HOME", "home")
    # What the command itself derives from BIZY_HOME.
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home" / "dagster"))
    line = user_command("plan", "a b")
    assert "DAGSTER_HOME" not in line
    assert pasted(line, program).stdout.splitlines() == [
        "/",
        f"{tmp_path}/my 'tasks' $HOME.db||{tmp_path}/home",
        "plan a b",
    ]
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "elsewhere"))
    assert f"DAGSTER_HOME={tmp_path}/elsewhere " in user_command("verify")


def test_a_connection_url_is_required_and_never_shown(
    monkeypatch: pytest.MonkeyPatch, program: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", SECRET)
    line = user_command("verify")
    assert "hunter2" not in line
    refused = pasted(line, program)
    assert refused.returncode != 0
    assert "DATABASE_URL: set it as before" in refused.stderr
    assert pasted(line, program, DATABASE_URL=SECRET).stdout.splitlines()[1] == f"|{SECRET}|"


def test_a_connection_url_of_a_settings_file_is_read_from_it_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, program: Path
) -> None:
    (tmp_path / ".env").write_text(f"DATABASE_URL={SECRET}\nBIZY_HOME={tmp_path}/home\n")
    monkeypatch.setenv("DATABASE_URL", SECRET)
    monkeypatch.setenv("BIZY_HOME", f"{tmp_path}/home")
    monkeypatch.setenv("SQLITE_DB_PATH", "/tasks.db")
    line = user_command("verify")
    assert "hunter2" not in line
    assert "BIZY_HOME" not in line
    # The program itself reads the file.
    assert pasted(line, program).stdout.splitlines() == [str(tmp_path), "/tasks.db||", "verify"]


def test_the_demo_stays_the_demo_and_the_own_file_is_apart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BIZY_EMBEDDED_DATABASE", DEMO_DATABASE)
    monkeypatch.setenv("SQLITE_DB_PATH", "/sample.db")
    monkeypatch.setenv("BIZY_SOURCE_TIMEZONE", "Asia/Tokyo")
    monkeypatch.setenv("DATABASE_URL", "")
    monkeypatch.setenv("DEFAULT_USER_ID", "7")
    start = f"DEFAULT_USER_ID=7 {SCRIPT}"
    assert user_command("verify") == f"{start} verify --demo"
    assert user_command("migrate") == f"{start} demo"
    assert user_command("stop") == f"{start} stop"
    assert own_file_command() == f"{start} plan FILE --timezone ZONE"


def test_every_setting_of_a_single_file_is_part_of_a_line() -> None:
    # Commands do not send alerts: a sensor of the UI or of a server does.
    alerts = {"BIZY_ALERT_URL", "BIZY_ALERT_COMMAND"}
    assert declared_variables(Settings) - {*VARIABLES, *SECRETS} == {"BIZY_FLEET", *alerts}
