"""The quick start, followed to the letter on real servers, and the messages that are explained."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from bizy_assets.cli import SAMPLE
from bizy_assets_tests.support.documents import documented_commands, texts
from bizy_assets_tests.support.environment import CHECKOUT, working_copy
from bizy_assets_tests.support.preparations import Preparation
from bizy_assets_tests.support.servers import history_of

DOCS = CHECKOUT / "docs"
QUICKSTART = (DOCS / "QUICKSTART.md").read_text()
TROUBLESHOOTING = (DOCS / "TROUBLESHOOTING.md").read_text()
MESSAGES = re.findall(r"^\| `(.+?)` \|", TROUBLESHOOTING, re.MULTILINE)


@pytest.mark.exhaustive
def test_every_command_works_in_the_order_told(preparation: Preparation, alone: Path) -> None:
    (alone / ".business-agent").mkdir()
    shutil.copy(SAMPLE, alone / ".business-agent" / "tasks.db")
    lines = [line[2:] for line in QUICKSTART.splitlines() if line.startswith("$ ")]
    assert set(lines) == documented_commands(QUICKSTART)
    script = "\n".join(["set -eux", *lines])
    for told, real in (
        ("bizy:secret@localhost:5432/bizy", preparation.url),
        ("postgres:password@localhost:5432/postgres", preparation.assistant("SUPERUSER")),
    ):
        assert f"postgresql://{told}" in script
        script = script.replace(f"postgresql://{told}", shlex.quote(real))
    ran = subprocess.run(
        ["bash", "-c", script],
        cwd=working_copy(),
        env={
            "HOME": str(alone),
            "PATH": "/usr/bin:/bin",
            "BIZY_HOME": str(alone / "bizy"),
            "DAGSTER_POSTGRES_URL": history_of(preparation.server),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    ended = re.findall(r"Run (\w+) succeeded", ran.stderr)
    assert ended == [
        # On the laptop: the demo, then the own file.
        "migrate", "dry_run", "migrate", "verify", "rollback",
        # On the own server.
        "provision", "dry_run", "migrate", "verify", "reset_admin_password", "rollback",
    ]  # fmt: skip
    [report] = re.findall(r"^/.+\.html$", ran.stdout, re.MULTILINE)
    assert "migration_" in report
    assert "was stopped" in ran.stderr


@pytest.mark.parametrize("message", MESSAGES)
def test_every_message_that_is_explained_can_be_read_somewhere(message: str) -> None:
    assert any(message in text for text in texts())
