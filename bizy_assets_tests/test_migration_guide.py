"""The migration guide, followed to the letter on a real server, and the messages it explains."""

import ast
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bizy_assets.cli import SAMPLE
from bizy_assets_tests.conftest import CHECKOUT, history_of
from bizy_assets_tests.preparations import Preparation, preparation
from bizy_assets_tests.test_docs import documented_commands

# Tests name this fixture as a parameter.
__all__ = ["preparation"]

GUIDE = (CHECKOUT / "docs" / "MIGRATION_GUIDE.md").read_text()
MESSAGES = re.findall(r"^\| `(.+?)` \|", GUIDE, re.MULTILINE)


def test_every_command_works_in_the_order_told(preparation: Preparation, tmp_path: Path) -> None:
    (tmp_path / ".business-agent").mkdir()
    shutil.copy(SAMPLE, tmp_path / ".business-agent" / "tasks.db")
    lines = [line[2:] for line in GUIDE.splitlines() if line.startswith("$ ")]
    assert set(lines) == documented_commands(GUIDE)
    script = "\n".join(["set -eux", *lines])
    for told, real in (
        ("bizy:secret@localhost:5432/bizy", preparation.url),
        ("postgres:password@localhost:5432/postgres", preparation.assistant("SUPERUSER")),
    ):
        assert f"postgresql://{told}" in script
        script = script.replace(f"postgresql://{told}", shlex.quote(real))
    ran = subprocess.run(
        ["bash", "-c", script],
        cwd=CHECKOUT,
        env={
            "HOME": str(tmp_path),
            "PATH": "/usr/bin:/bin",
            "BIZY_HOME": str(tmp_path / "home"),
            "DAGSTER_POSTGRES_URL": history_of(preparation.server),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    ended = re.findall(r"Run (\w+) succeeded", ran.stderr)
    assert ended == [
        "provision", "dry_run", "migrate", "verify", "reset_admin_password", "rollback"
    ]  # fmt: skip


def texts(*, without: str = "") -> Iterator[str]:
    """Yields every text of the code but one module's, with ``…`` for what is filled in."""
    modules = (CHECKOUT / "bizy_assets").rglob("*.py")
    for path in (module for module in modules if module.stem != without):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.JoinedStr(values=parts):
                    yield "".join(p.value if isinstance(p, ast.Constant) else "…" for p in parts)
                case ast.Constant(value=str(text)):
                    yield text


@pytest.mark.parametrize("message", MESSAGES)
def test_every_message_that_is_explained_can_be_read_somewhere(message: str) -> None:
    assert any(message in text for text in texts())
