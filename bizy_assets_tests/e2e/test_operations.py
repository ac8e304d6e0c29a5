"""A permanent installation: the page that tells of it, followed, and the files that it explains."""

import os
import re
import shutil
import subprocess
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
import yaml
from dagster_graphql import DagsterGraphQLClient

from bizy_assets.cli import SAMPLE
from bizy_assets.core.server.account import NEWEST
from bizy_assets.definitions import defs
from bizy_assets_tests.support import units
from bizy_assets_tests.support.documents import documented_commands
from bizy_assets_tests.support.environment import CHECKOUT
from bizy_assets_tests.support.installations import Installation
from bizy_assets_tests.support.processes import until
from bizy_assets_tests.support.servers import Server

PAGE = (CHECKOUT / "docs" / "OPERATIONS.md").read_text()
SECTIONS = {part.partition("\n")[0]: part for part in PAGE.split("\n## ")}
COMPOSE = yaml.safe_load((units.DEPLOY / "compose.yaml").read_text())
UNITS = sorted(path.name for path in (units.DEPLOY / "systemd").glob("*.service"))


@pytest.fixture
def installation(other_server: Server) -> Iterator[Installation]:
    """An empty one; its folder has a short name, since the path of a socket may not be long."""
    with tempfile.TemporaryDirectory(prefix="bizy-") as folder:
        made = Installation(Path(folder), other_server)
        yield made
        made.close()


def commands(section: str) -> list[str]:
    """Returns what a section of the page says to type, in its order."""
    return [line[2:] for line in SECTIONS[section].splitlines() if line.startswith("$ ")]


# Dagster's own client is behind the package that it asks with.
@pytest.mark.filterwarnings("ignore:Using variable_values:DeprecationWarning")
@pytest.mark.exhaustive
def test_every_command_works_in_the_order_told(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = installation.folder / "var/lib/bizy-assets"
    for command in commands("With systemd"):
        installation.type(command)
        if "bizy-assets/source" in command:
            shutil.copy(SAMPLE, state / "source" / "tasks.db")
    assert_a_migration_can_be_launched(installation, monkeypatch)
    for command in [*commands("Backup"), *commands("Upgrade")]:
        installation.type(command)
    kept = subprocess.check_output(
        ["tar", "tf", installation.folder / "bizy-assets.tar"], text=True
    )
    assert "/passwords/" in kept
    assert "tasks_backup_" in kept
    started = {re.sub("@.*", "@", name) + ".service" for name in installation.ran}
    assert started == set(UNITS)


def assert_a_migration_can_be_launched(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Launches one as the UI does: webserver, queue, daemon, code server."""
    for name in ("DAGSTER_HOME", "DAGSTER_POSTGRES_URL"):
        monkeypatch.setenv(name, installation.setting(name))
    ui = DagsterGraphQLClient("127.0.0.1", port_number=installation.port)
    run_id = ui.submit_job_execution(
        "migrate",
        repository_location_name="bizy_assets.definitions",
        repository_name="__repository__",
    )
    with dg.DagsterInstance.get() as history:
        until(lambda: history.get_run_by_id(run_id).is_finished)
        run = history.get_run_by_id(run_id)
    assert run.is_success
    assert f"{installation.folder}/run/bizy-assets/code.sock" in run.tags[".dagster/grpc_info"]


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd")
def test_systemd_finds_no_fault_with_the_units(tmp_path: Path) -> None:
    for path in (units.DEPLOY / "systemd").rglob("*.*"):
        if path.is_file():
            copy = tmp_path / path.relative_to(units.DEPLOY / "systemd")
            copy.parent.mkdir(exist_ok=True)
            copy.write_text(re.sub(f"{units.PROGRAMS}\\S+", "/bin/true", path.read_text()))
    judged = subprocess.run(
        ["systemd-analyze", "verify", *(tmp_path / name for name in UNITS)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (judged.returncode, judged.stderr) == (0, "")


def test_the_page_names_every_unit_and_job_of_its_commands() -> None:
    assert {name for name in UNITS if f"`{name}`" not in PAGE} == set()
    told = set(re.findall(r"(?:bizy-assets-job@|--job )(\w+)", PAGE))
    assert told <= {job.name for job in defs.jobs}


def test_no_password_is_in_a_unit() -> None:
    for path in (units.DEPLOY / "systemd").rglob("*.*"):
        assert path.is_dir() or "://" not in path.read_text().replace("file://", "")


@pytest.mark.parametrize("name", ["code", "webserver", "daemon"])
def test_containers_run_what_the_units_run(name: str) -> None:
    container, unit = COMPOSE["services"][name], units.service(f"bizy-assets-{name}")
    # Inside a container every address is its own; which one others see is said below.
    assert [word.replace("0.0.0.0", "127.0.0.1") for word in container["command"]] == unit.command
    assert container["environment"] == unit.variables
    assert container["env_file"] == "bizy-assets.private.env"
    folders = {volume.partition(":")[2] for volume in container["volumes"]}
    assert folders == {"/var/lib/bizy-assets", "/run/bizy-assets"}
    assert container["image"] == "bizy-assets"


def test_containers_are_as_closed_as_the_page_says() -> None:
    services = COMPOSE["services"]
    ports = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert ports == {"webserver": ["127.0.0.1:3000:3000"]}
    assert services["postgres"]["image"].startswith(f"postgres:{NEWEST}@sha256:")
    private = [
        "deploy/bizy-assets.private.env",
        f"deploy/{COMPOSE['secrets']['postgres_password']['file']}",
    ]
    unseen = subprocess.check_output(["git", "check-ignore", *private], cwd=CHECKOUT, text=True)
    assert unseen.split() == private


def test_no_password_is_on_a_command_line_of_compose(tmp_path: Path) -> None:
    (tmp_path / "postgres_password").write_text("walrus-9127-umbrella\n")
    # In place of Docker: shows its arguments, and runs what the container would run.
    programs = {
        "docker": 'echo "$@" > arguments; while [ "$1" != sh ]; do shift; done; "$@"',
        "dagster": 'echo "$BIZY_POSTGRES_ADMIN_URL" > url; echo "$@" >> arguments',
    }
    for name, body in programs.items():
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\n{body}\n")
        program.chmod(0o755)
    [command] = [line for line in commands("With Docker Compose") if "--job provision" in line]
    subprocess.run(
        ["bash", "-euc", command],
        cwd=tmp_path,
        env={"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"},
        check=True,
    )
    url = "postgresql://postgres:walrus-9127-umbrella@postgres:5432/postgres\n"
    assert (tmp_path / "url").read_text() == url
    assert "umbrella" not in (tmp_path / "arguments").read_text()


def test_images_and_actions_and_packages_are_pinned_by_digest() -> None:
    deploy = units.DEPLOY
    workflow = (CHECKOUT / ".github/workflows/ci.yml").read_text()
    images = [
        *re.findall(r"^FROM (\S+)", (deploy / "Dockerfile").read_text(), re.MULTILINE),
        *re.findall(r"container: (\S+)", workflow),
        *(s["image"] for s in COMPOSE["services"].values() if s["image"] != "bizy-assets"),
    ]
    assert len(images) == 3
    assert [image for image in images if not re.search("@sha256:[0-9a-f]{64}$", image)] == []
    actions = re.findall(r"uses: (.*)", workflow)
    assert [action for action in actions if not re.search(r"@[0-9a-f]{40} # v", action)] == []
    for file in (CHECKOUT / "constraints.txt", deploy / "requirements.txt"):
        packages = re.split(r"\n(?=\S)", file.read_text())
        assert [package for package in packages if "--hash=sha256:" not in package] == []
        assert "://" not in file.read_text()


def test_an_installation_gets_the_tested_versions() -> None:
    files = (CHECKOUT / "constraints.txt", units.DEPLOY / "requirements.txt")
    tested, installed = (set(re.findall(r"^\S+==.*", f.read_text(), re.MULTILINE)) for f in files)
    assert installed < tested
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())
    [backend] = project["build-system"]["requires"]
    assert f"{backend} \\" in installed
    recipe = (CHECKOUT / "Makefile").read_text()
    for option in ("--require-hashes", "--no-deps --no-build-isolation --editable"):
        assert option in recipe
        assert option in (units.DEPLOY / "Dockerfile").read_text()


def test_the_daemon_sees_the_processes_of_runs() -> None:
    code, daemon = COMPOSE["services"]["code"], COMPOSE["services"]["daemon"]
    assert daemon["pid"] == "service:code"
    assert daemon["hostname"] == code["hostname"]


def test_the_image_is_made_as_the_page_says() -> None:
    dockerfile = re.sub(r"\\\n\s*|--no-cache-dir ", "", (units.DEPLOY / "Dockerfile").read_text())
    for command in documented_commands(PAGE):
        if re.match("sudo (python3|/opt|install -d|ln)", command):
            assert command.removeprefix("sudo ") in dockerfile
