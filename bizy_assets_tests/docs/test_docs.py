"""The documents: complete, and what they tell a user to type works."""

import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from bizy_assets.cli.commands import bizy_assets
from bizy_assets.core.fleet import FleetSettings
from bizy_assets.core.report.rules import ADJUSTMENTS
from bizy_assets.core.settings import Settings, names
from bizy_assets.core.validation.rules import ReasonCode
from bizy_assets.definitions import defs
from bizy_assets_tests.support.documents import documented_commands
from bizy_assets_tests.support.environment import CHECKOUT, VARIABLES

README = (CHECKOUT / "README.md").read_text()
REFERENCE = (CHECKOUT / "docs" / "REFERENCE.md").read_text()
PAGES = {path.name: path.read_text() for path in CHECKOUT.glob("*.md")} | {
    path.name: path.read_text() for path in (CHECKOUT / "docs").glob("*.md")
}
DEVELOPMENT = (CHECKOUT / "docs" / "DEVELOPMENT.md").read_text()
MAKEFILE = (CHECKOUT / "Makefile").read_text()
PACKAGE = CHECKOUT / "bizy_assets"


def declared_variables(model: type[Settings]) -> set[str]:
    """Returns the environment variables of a model of settings and of all that derive from it."""
    fields = model.model_fields.values()
    return {name for field in fields for name in names(field)[1:]}.union(
        *map(declared_variables, model.__subclasses__())
    )


def test_whatever_the_graph_has_is_in_the_pages_that_people_read() -> None:
    pages = "".join(PAGES[f"{name}.md"] for name in ("REFERENCE", "EXPLANATION", "HOWTO"))
    graph = defs.resolve_asset_graph()
    names = {key.to_user_string() for key in graph.get_all_asset_keys()}
    names |= {key.name for key in graph.asset_check_keys}
    names |= {job.name for job in defs.jobs or []}
    names |= {automation.name for automation in (*(defs.sensors or []), *(defs.schedules or []))}
    assert {name for name in names if f"`{name}`" not in pages} == set()


KNOWN = set(VARIABLES) - {"TZ"}
"""The variables that the product accepts; a test of theirs finds every one that is read."""


def test_every_variable_is_in_the_reference_once_and_no_other() -> None:
    assert declared_variables(Settings) | declared_variables(FleetSettings) <= KNOWN
    told = re.findall(r"^\| `([A-Z_]+)` \|", REFERENCE, re.MULTILINE)
    # This one stands beside the variable that it is the default of.
    assert sorted(told) == sorted(KNOWN - {"BUSINESS_AGENT_DB"})


def test_every_variable_is_in_the_help_once_and_no_other() -> None:
    printed = CliRunner().invoke(bizy_assets, ["--help"]).stdout
    [section] = re.findall(r"Environment variables.*?\n\n", printed, re.DOTALL)
    assert sorted(re.findall(r"^  ([A-Z_]+)\b", section, re.MULTILINE)) == sorted(KNOWN)


def test_every_variable_is_in_the_example_of_a_settings_file() -> None:
    told = set(re.findall(r"^\| `([A-Z_]+)` \|", REFERENCE, re.MULTILINE))
    example = (CHECKOUT / ".env.example").read_text()
    # Dagster and Docker Compose read these before the file, or without it.
    told -= {"DAGSTER_HOME", "BIZY_FLEET_FOLDER"}
    assert set(re.findall(r"^# ([A-Z_]+)=", example, re.MULTILINE)) == told


def test_every_rule_that_rejects_or_adjusts_values_is_in_the_reference() -> None:
    adjusting = "".join(f"| `{name}` | {meaning} |\n" for name, meaning in ADJUSTMENTS.items())
    assert adjusting in REFERENCE
    assert {name for name in ReasonCode if f"`{name}`" not in REFERENCE} == set()


def test_every_command_and_option_is_in_the_reference() -> None:
    told = re.findall(r"^\| `bizy-assets ([a-z-]+)[^`]*` \|", REFERENCE, re.MULTILINE)
    assert sorted(told) == sorted(bizy_assets.commands)
    options = {
        option
        for command in bizy_assets.commands.values()
        for parameter in command.params
        for option in parameter.opts
        if option.startswith("--")
    }
    assert {name for name in options if not re.search(rf"`{name}\b", REFERENCE)} == set()
    assert set(re.findall(r"`(--[a-z-]+)", REFERENCE)) <= {*options, "--timezone"}


COMMANDS = sorted({
    command
    for name, text in PAGES.items()
    for command in documented_commands(text)
    if command.startswith("bizy-assets ")
})  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_every_documented_command_line_can_be_parsed(command: str, tmp_path: Path) -> None:
    (tmp_path / "tasks.db").touch()
    command = command.partition(" > ")[0].replace("~/.business-agent", str(tmp_path))
    _, name, *arguments = shlex.split(command)
    with bizy_assets.commands[name].make_context(name, arguments):
        pass


def test_make_targets_are_those_of_the_readme() -> None:
    targets = set(re.findall(r"^([a-z-]+):.*## ", MAKEFILE, re.MULTILINE))
    told = set(re.findall(r"`make ([a-z-]+)`", README + DEVELOPMENT.replace("\n", " ")))
    assert told == targets
    listed = subprocess.run(
        ["make", "--no-print-directory", "help"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert {line.split()[1] for line in listed.splitlines()} == targets


def test_hooks_before_a_commit_run_what_make_lint_runs() -> None:
    [recipe] = re.findall(r"^lint:.*\n((?:\t.*\n)+)", MAKEFILE, re.MULTILINE)
    commands = [line.strip().replace("$(BIN)", ".venv/bin") for line in recipe.splitlines()]
    [repo] = yaml.safe_load((CHECKOUT / ".pre-commit-config.yaml").read_text())["repos"]
    # Local ones: nothing is fetched from elsewhere.
    assert repo["repo"] == "local"
    assert [hook["entry"] for hook in repo["hooks"]] == commands


def workflow() -> dict[str, Any]:
    """Returns the one job that every commit must pass."""
    told = yaml.safe_load((CHECKOUT / ".github" / "workflows" / "ci.yml").read_text())
    return dict(told["jobs"]["ci"])


def test_the_workflow_runs_what_a_contributor_runs() -> None:
    steps = workflow()["steps"]
    assert [step["run"] for step in steps if "run" in step][-1] == ".ci/run"
    told = (CHECKOUT / "CONTRIBUTING.md").read_text()
    run = (CHECKOUT / ".ci" / "run").read_text()
    assert documented_commands(told) == set(re.findall(r"^make .*$", run, re.MULTILINE))


def test_the_workflow_keeps_what_the_browser_showed_however_the_tests_ended() -> None:
    keeping = workflow()["steps"][-1]
    assert keeping["if"] == "always()"
    assert keeping["with"]["path"] == workflow()["env"]["TEST_SCREENSHOTS"]


def test_pictures_are_small_and_the_readme_shows_each_with_a_text_in_its_place() -> None:
    files = list((CHECKOUT / "docs" / "pictures").iterdir())
    shown = re.findall(r"!\[[^\]]{20,}\]\((docs/pictures/[^)]+)\)", README)
    assert sorted(shown) == sorted(str(file.relative_to(CHECKOUT)) for file in files)
    assert all(file.stat().st_size < 150_000 for file in files)


def test_every_command_of_the_documents_exists() -> None:
    # What they do is tested where it belongs; here, that nothing else is told.
    assert documented_commands(README) == {
        "make migrate",
        "make setup",
        "make test",
        "uv tool install --constraints constraints.txt .",
        ". .venv/bin/activate",
        "bizy-assets plan ~/.business-agent/tasks.db --timezone America/Los_Angeles",
        "bizy-assets migrate ~/.business-agent/tasks.db --timezone America/Los_Angeles",
        'bizy-assets psql -c "SELECT title, status FROM tasks LIMIT 5"',
        "bizy-assets verify",
        "bizy-assets rollback",
    }


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(command, marks=[pytest.mark.exhaustive] if "benchmarks/" in command else [])
        for command in sorted(documented_commands(DEVELOPMENT))
    ],
)
def test_commands_for_developers_run(command: str) -> None:
    ran = subprocess.run(
        shlex.split(command), cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr


def anchors(text: str) -> set[str]:
    """Returns the anchors that GitHub gives to the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize(
    "document",
    sorted(str(p.relative_to(CHECKOUT)) for f in (".", "docs") for p in CHECKOUT.glob(f"{f}/*.md")),
)
def test_links_lead_somewhere(document: str) -> None:
    path = CHECKOUT / document
    for target, anchor in re.findall(r"\]\(([^)#]*)#?([^)]*)\)", path.read_text()):
        if target.startswith("http"):
            continue
        page = path.parent / target if target else path
        assert page.exists(), target
        assert not anchor or anchor in anchors(page.read_text()), f"{target}#{anchor}"
