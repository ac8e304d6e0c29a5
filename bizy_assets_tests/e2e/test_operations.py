"""A permanent installation: the page that tells of it, followed, and the files that it explains."""

import importlib.metadata
import os
import re
import shlex
import shutil
import subprocess
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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
FLEET = yaml.safe_load((units.DEPLOY / "fleet-compose.yaml").read_text())
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
    assert started == {name for name in UNITS if "fleet" not in name}


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


@pytest.mark.parametrize("name", ["worker@1", "webserver", "daemon"])
def test_containers_of_a_fleet_run_what_its_units_run(name: str) -> None:
    container = FLEET["services"][name.partition("@")[0]]
    unit = units.service(f"bizy-assets-fleet-{name}")
    command = shlex.join(unit.command).replace(" --hostname worker1@%%h", "")
    places = {"0.0.0.0": "127.0.0.1", "--port 3000": "--port 3001"}
    told = shlex.join(container["command"])
    for inside, outside in places.items():
        told = told.replace(inside, outside)
    assert told == command
    ports = {name: service["ports"] for name, service in FLEET["services"].items()
             if "ports" in service}  # fmt: skip
    # Both Compose files can be used on one machine.
    assert ports == {"webserver": ["127.0.0.1:3001:3000"]}


def test_the_chart_starts_the_code_and_the_settings_of_the_fleet() -> None:
    values = yaml.safe_load((units.DEPLOY / "kubernetes" / "values.yaml").read_text())
    fleet = yaml.safe_load((CHECKOUT / "bizy_assets" / "fleet" / "dagster.yaml").read_text())
    [code] = values["dagster-user-deployments"]["deployments"]
    assert code["dagsterApiGrpcArgs"] == FLEET["services"]["daemon"]["command"][2:]
    queue = values["dagsterDaemon"]["runCoordinator"]["config"]["queuedRunCoordinator"]
    # Every run has a pod of its own, and three connections to PostgreSQL.
    assert queue["maxConcurrentRuns"] <= fleet["run_queue"]["max_concurrent_runs"]
    assert queue["tagConcurrencyLimits"] == fleet["run_queue"]["tag_concurrency_limits"]
    version = importlib.metadata.version("dagster")
    text = (units.DEPLOY / "kubernetes" / "values.yaml").read_text()
    assert f"--version {version} " in text
    assert f"dagster-k8s=={importlib.metadata.version('dagster-celery')}" in text


def test_containers_are_as_closed_as_the_page_says() -> None:
    services = COMPOSE["services"]
    ports = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert ports == {"webserver": ["127.0.0.1:3000:3000"]}
    assert services["postgres"]["image"].startswith(f"postgres:{NEWEST}@sha256:")
    secrets = FLEET["secrets"] | COMPOSE["secrets"]
    private = [
        "deploy/bizy-assets.private.env",
        *(f"deploy/{secret['file']}" for secret in secrets.values()),
    ]
    unseen = subprocess.check_output(["git", "check-ignore", *private], cwd=CHECKOUT, text=True)
    assert unseen.split() == private


@pytest.mark.parametrize(
    ("section", "services"), [("With Docker Compose", COMPOSE), ("Workers of a fleet", FLEET)]
)
def test_compose_prepares_both_databases_in_containers_that_exist(
    section: str, services: dict[str, Any]
) -> None:
    lines = [line for line in commands(section) if "docker compose" in line]
    told = [re.search(r"exec (?:-T )?(\w+) (\w+)", line) for line in lines]
    found = {match[2]: match[1] for match in told if match}
    assert {"createuser", "createdb", "sh"} <= found.keys()
    assert set(found.values()) <= services["services"].keys()


@pytest.mark.parametrize("section", ["With Docker Compose", "Workers of a fleet"])
def test_no_password_is_on_a_command_line_of_compose(tmp_path: Path, section: str) -> None:
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
    [command] = [line for line in commands(section) if "--job provision" in line]
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
        *(s["image"] for c in (COMPOSE, FLEET) for s in c["services"].values()),
    ]
    images = [image for image in images if image not in {"bizy-assets", "bizy-fleet"}]
    assert len(images) == 5
    assert [image for image in images if not re.search("@sha256:[0-9a-f]{64}$", image)] == []
    actions = re.findall(r"uses: (.*)", workflow)
    assert [action for action in actions if not re.search(r"@[0-9a-f]{40} # v", action)] == []
    for file in (CHECKOUT / "constraints.txt", *deploy.glob("*requirements.txt")):
        packages = re.split(r"\n(?=\S)", file.read_text())
        assert [package for package in packages if "--hash=sha256:" not in package] == []
        assert "://" not in file.read_text()


def test_an_installation_gets_the_tested_versions() -> None:
    files = (CHECKOUT / "constraints.txt", *sorted(units.DEPLOY.glob("*requirements.txt")))
    tested, fleet, installed = (
        set(re.findall(r"^\S+==\S+", file.read_text(), re.MULTILINE)) for file in files
    )
    assert installed < fleet < tested
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())
    [backend] = project["build-system"]["requires"]
    assert backend in installed
    recipe = (CHECKOUT / "Makefile").read_text()
    for option in ("--require-hashes", "--no-deps --no-build-isolation --editable"):
        assert option in recipe
        assert option in (units.DEPLOY / "Dockerfile").read_text()


def test_the_daemon_sees_the_processes_of_runs() -> None:
    code, daemon = COMPOSE["services"]["code"], COMPOSE["services"]["daemon"]
    assert daemon["pid"] == "service:code"
    assert daemon["hostname"] == code["hostname"]


def test_the_image_is_made_as_the_page_says() -> None:
    files = (units.DEPLOY / name for name in ("Dockerfile", "fleet.Dockerfile"))
    text = "".join(file.read_text() for file in files)
    dockerfile = re.sub(r"\\\n\s*|--no-cache-dir ", "", text)
    for command in documented_commands(PAGE):
        if re.match("sudo (python3|/opt|install -d|ln)", command):
            assert command.removeprefix("sudo ") in dockerfile
