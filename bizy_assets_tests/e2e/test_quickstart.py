"""The quick start, followed to the letter on real servers, and the messages that are explained."""

import re
import shlex
import shutil
from pathlib import Path

import pytest

from bizy_assets.cli import SAMPLE
from bizy_assets_tests.support.commands import run_script
from bizy_assets_tests.support.documents import documented_commands, texts
from bizy_assets_tests.support.environment import CHECKOUT
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
    ran = run_script(
        script,
        home=alone,
        BIZY_HOME=str(alone / "bizy"),
        DAGSTER_POSTGRES_URL=history_of(preparation.server),
    )
    assert ran.status == 0, ran.error
    ended = re.findall(r"Run (\w+) (?:succeeded|ended)", ran.error)
    assert ended == [
        # On the laptop: the demo, then the own file.
        "migrate", "dry_run", "migrate", "verify", "rollback",
        # On the own server.
        "provision", "dry_run", "migrate", "verify", "reset_admin_password", "rollback",
    ]  # fmt: skip
    [report] = re.findall(r"^/.+\.html$", ran.out, re.MULTILINE)
    assert "migration_" in report
    # By psql, in the embedded server.
    assert " Write launch post " in ran.out
    assert "was stopped" in ran.error


@pytest.mark.parametrize("message", MESSAGES)
def test_every_message_that_is_explained_can_be_read_somewhere(message: str) -> None:
    assert any(message in text for text in texts())
