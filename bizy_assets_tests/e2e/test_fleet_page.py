"""The page about fleets, followed on a real server."""

import re
import shlex
from pathlib import Path

import pytest

from bizy_assets.fleet.definitions import defs
from bizy_assets_tests.support.commands import run_script
from bizy_assets_tests.support.documents import documented_commands
from bizy_assets_tests.support.environment import CHECKOUT, working_copy
from bizy_assets_tests.support.servers import Server, history_of
from tools import fleet_files

PAGE = (CHECKOUT / "docs" / "FLEET.md").read_text()
ELSEWHERE = ("make fleet", "sqlite3 ")
"""Starts of commands that other tests run, or that belong to another machine."""


def commands() -> list[str]:
    """Return the commands in their order, with what is undone made again for those that need it."""
    lines = [line[2:] for line in PAGE.splitlines() if line.startswith("$ ")]
    assert set(lines) == documented_commands(PAGE)
    told = [line for line in lines if not line.startswith(ELSEWHERE)]
    undo, take_out = (line for line in told if "-j fleet_rollback" in line)
    again = [line for line in told if re.search("-j fleet_prepare|fleet_migrate -c", line)]
    return [*(line for line in told if line not in {undo, take_out}), undo, *again, take_out]


def test_whatever_a_fleet_has_is_on_its_page() -> None:
    names = {job.name for job in defs.jobs or [] if job.name != "forget_old_runs"}
    names |= {automation.name for automation in (*(defs.sensors or []), *(defs.schedules or []))}
    names |= {check.name for check in defs.resolve_asset_graph().asset_check_keys}
    assert {name for name in names if f"`{name}`" not in PAGE} == set()


def test_the_page_names_only_jobs_and_steps_that_exist() -> None:
    told = set(re.findall(r"`(fleet_\w+)`|-j (fleet_\w+)", PAGE))
    jobs = {job.name for job in defs.jobs or []} | {"fleet_files"}
    steps = {node.name for node in defs.resolve_job_def("fleet_migrate").nodes}
    assert {name for pair in told for name in pair if name} <= jobs | steps


@pytest.mark.exhaustive
def test_every_command_works_in_the_order_told(server: Server, tmp_path: Path) -> None:
    manifest = tmp_path / fleet_files.MANIFEST
    fleet_files.make_fleet(tmp_path, 2, tasks=9)
    manifest.write_text(re.sub(r"u0000(?=\d(\"|@))", "u00", manifest.read_text()))
    script = "\n".join(["set -eux", *commands()])
    url = server.create_database("rehearsal")
    for told, real in (
        ("/srv/bizy/rehearsal.toml", str(manifest)),
        ("postgresql://bizy:secret@localhost:5432/rehearsal", url),
    ):
        assert told in script
        script = script.replace(told, shlex.quote(real))
    folder = working_copy()
    [take_out] = re.findall(r"```yaml\n(ops:.*?)```", PAGE, re.DOTALL)
    (folder / "take_out.yaml").write_text(take_out)
    ran = run_script(
        script,
        home=tmp_path,
        BIZY_HOME=str(tmp_path / "home"),
        DAGSTER_POSTGRES_URL=history_of(server),
    )
    assert ran.status == 0, ran.error
    ended = re.findall(r"Run (\w+) succeeded", ran.error)
    assert ended == [
        "fleet_prepare", "fleet_migrate", "fleet_report", "fleet_verify", "reset_admin_password",
        "fleet_rollback", "fleet_prepare", "fleet_migrate", "fleet_rollback",
    ]  # fmt: skip
