"""Dagster's own commands, as the reference shows them: the same jobs, without a warning."""

import os
import re
import sys
from pathlib import Path

from bizy_assets_tests.support.commands import run_script
from bizy_assets_tests.support.environment import CHECKOUT, working_copy
from bizy_assets_tests.support.migrations import Migration
from bizy_assets_tests.support.servers import history_of

REFERENCE = (CHECKOUT / "docs" / "REFERENCE.md").read_text()


def test_they_run_jobs_without_a_warning(migration: Migration, tmp_path: Path) -> None:
    section = REFERENCE.partition("### Dagster's commands\n")[2].partition("\n### ")[0]
    home = working_copy() / ".bizy" / "dagster"
    home.mkdir(parents=True, exist_ok=True)
    (home / "dagster.yaml").unlink(missing_ok=True)
    (home / "dagster.yaml").symlink_to(working_copy() / "bizy_assets" / "dagster.yaml")
    set_variables, *commands = re.findall(r"^\$ (.+)$", section, re.MULTILINE)
    for command, inserted in zip(commands, ("149 inserted", "0 inserted"), strict=True):
        ran = run_script(
            f"set -eu\n{set_variables}\n{command}",
            home=tmp_path,
            PATH=f"{Path(sys.executable).parent}:/usr/bin:/bin",
            DAGSTER_POSTGRES_URL=history_of(migration.server),
            **{
                name: os.environ[name]
                for name in ("BIZY_HOME", "BIZY_SOURCE_TIMEZONE", "DATABASE_URL", "SQLITE_DB_PATH")
            },
        )
        assert ran.status == 0, ran.error
        assert f"149 rows: {inserted}" in ran.error
        assert re.search(r"Run migrate succeeded in .+\.$", ran.error, re.MULTILINE)
        assert not re.search(r"\w+Warning|superseded", ran.error + ran.out), ran.error
        # Without its settings, Dagster would note there what it was used for.
        assert not (tmp_path / ".dagster").exists()
