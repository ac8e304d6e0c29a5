"""Misspelled variables are refused before anything is written; those of other programs are not."""

import ast
import re
from collections.abc import Iterator

import pytest

from bizy_assets.core.errors import ConfigurationError
from bizy_assets.core.fleet.settings import FleetSettings
from bizy_assets.core.settings import (
    HomeSettings,
    OwnerSettings,
    Settings,
    SourceSettings,
    TargetSettings,
    declared_variables,
    names,
)
from bizy_assets.core.variables import OTHER_VARIABLES, STANDARD_VARIABLES
from bizy_assets_tests.support.commands import run_job
from bizy_assets_tests.support.environment import CHECKOUT
from bizy_assets_tests.support.migrations import Migration
from bizy_assets_tests.support.refusals import everything, refused

PACKAGE = CHECKOUT / "bizy_assets"

MISSPELLED = {
    "BIZY_SOURCE_TIMEZON": "BIZY_SOURCE_TIMEZONE",
    "BIZY_TIMEZONE": "BIZY_SOURCE_TIMEZONE",
    "bizy_source_timezone": "BIZY_SOURCE_TIMEZONE",
    "BIZY_SOURCE_TIMEZONE_": "BIZY_SOURCE_TIMEZONE",
    "BIZY_ONBADROW": "BIZY_ON_BAD_ROW",
    "BIZZY_HOME": "BIZY_HOME",
    "BIYZ_HOME": "BIZY_HOME",
    "DATABASE_URI": "DATABASE_URL",
    "DATABASE_ULR": "DATABASE_URL",
    "DATABASEURL": "DATABASE_URL",
    "database_url": "DATABASE_URL",
    "SQLITE_DBPATH": "SQLITE_DB_PATH",
    "SQLITE_DB_PAHT": "SQLITE_DB_PATH",
    "DEFAULT_USER_MAIL": "DEFAULT_USER_EMAIL",
    "DEFAULT_USER_USER_NAME": "DEFAULT_USER_USERNAME",
    "DEFAULT_USERID": "DEFAULT_USER_ID",
    "BUSINESS_AGENTDB": "BUSINESS_AGENT_DB",
    "DAGSTER_POSTGRES_URI": "DAGSTER_POSTGRES_URL",
}

OF_OTHERS = [
    "DATABASE_URL2", "DATABASE_URLS", "DATABASE_URL_RO", "TEST_DATABASE_URL", "PGDATABASE",
    "DATABASE_NAME", "DATABASE_HOST", "DATABASE_USER", "DATABASE_PORT", "DATABASE", "SQLITE_PATH",
    "SQLITE_TMPDIR", "DEFAULT_USER", "DEFAULT_USERNAME", "DEFAULT_USER_NAME", "DEFAULT_USER_ROLE",
    "DEFAULT_USER_PASSWORD", "BUSINESS_AGENT_URL", "BUSINESS_AGENT_ID", "BUSINESS_AGENT_HOME",
    "DAGSTER_POSTGRES_DB", "DAGSTER_POSTGRES_USER", "DAGSTER_POSTGRES_HOST", "DAGSTER_MODULE_NAME",
    "PGSERVICES", "TZDIR", "TZ1", "PATHS", "HOME2", "DBNAME", "POSTGRES_URL", "MY_BIZY_HOME",
    "BIZY_ASSETS_SERVICE_HOST", "BIZY_ASSETS_SERVICE_PORT", "BIZY_ASSETS_SERVICE_PORT_HTTP",
    "BIZY_ASSETS_PORT", "BIZY_ASSETS_PORT_3000_TCP", "BIZY_ASSETS_PORT_3000_TCP_ADDR",
]  # fmt: skip
"""Variables of other programs, and those that Kubernetes sets for a service ``bizy-assets``."""


@pytest.mark.parametrize(("name", "meant"), MISSPELLED.items())
def test_a_misspelled_variable_is_an_error_that_names_the_right_one(
    monkeypatch: pytest.MonkeyPatch, name: str, meant: str
) -> None:
    monkeypatch.delenv(meant, raising=False)
    monkeypatch.setenv(name, "anything")
    for model in (HomeSettings, SourceSettings, OwnerSettings, TargetSettings, FleetSettings):
        with pytest.raises(ConfigurationError, match=rf"^{name} .* did you mean {meant}\?"):
            model.read()


def test_variables_of_other_programs_are_no_mistakes(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in OF_OTHERS:
        monkeypatch.setenv(name, "anything")
    Settings.read()


def test_every_mistake_is_named_and_an_empty_variable_is_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BIZY_BACKUPS", "/somewhere")
    monkeypatch.setenv("DATABASE_URI", "postgresql://elsewhere/bizy")
    monkeypatch.setenv("BIZY_NOTHING", " ")
    with pytest.raises(ConfigurationError) as caught:
        Settings.read()
    assert str(caught.value) == (
        "BIZY_BACKUPS is not a variable that bizy-assets knows; did you mean BIZY_KEEP_BACKUPS? "
        "DATABASE_URI is not a variable that bizy-assets reads; did you mean DATABASE_URL? If "
        "DATABASE_URI belongs to another program, set DATABASE_URL too, which may be empty."
    )


@pytest.mark.parametrize("value", ["", "postgresql://elsewhere/bizy"])
def test_a_similar_variable_beside_the_right_one_belongs_to_another_program(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("DATABASE_URI", "postgresql://elsewhere/bizy")
    monkeypatch.setenv("DATABASE_URL", value)
    Settings.read()


def test_a_run_with_a_misspelled_zone_fails_before_it_writes_anything(migration: Migration) -> None:
    before = everything(migration)
    migration.setenv(BIZY_SOURCE_TIMEZON="America/Los_Angeles", TZ="UTC")
    assert "did you mean BIZY_SOURCE_TIMEZONE?" in refused(migration)
    assert everything(migration) == before


def test_a_misspelled_home_is_refused_on_the_command_line_before_a_server_starts(
    alone: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BIZY_HOM", "/somewhere")
    run = run_job()
    assert run.status == 1
    assert "BIZY_HOM is not a variable that bizy-assets knows; did you mean BIZY_HOME?" in run.error
    assert list(alone.iterdir()) == []  # type: ignore[attr-defined]


def _reads_of_the_environment() -> Iterator[str]:
    """Yields the names of variables that the package reads, and those of ours that it mentions."""
    for path in PACKAGE.rglob("*"):
        if path.suffix in {".py", ".yaml", ".yml", ".toml", ".j2"}:
            text = path.read_text()
            yield from re.findall(
                r"\bBIZY_[A-Z]+(?:_[A-Z]+)*\b", text.replace("metadata.BIZY_", "")
            )
            yield from re.findall(r"\benv: *(\w+)", text)
        if path.suffix == ".py":
            yield from filter(None, map(_variable, ast.walk(ast.parse(path.read_text()))))


def _variable(node: ast.AST) -> str | None:
    """Returns the name of a variable that this part of the code reads."""
    match node:
        case ast.Call(func=ast.Name(id="environment"), args=[ast.Constant(value=str(name)), *_]):
            return name
        case ast.Call(func=ast.Attribute(attr="getenv"), args=[ast.Constant(value=str(name)), *_]):
            return name
        case ast.Call(
            func=ast.Attribute(value=ast.Attribute(attr="environ")),
            args=[ast.Constant(value=str(name)), *_],
        ):
            return name
        case ast.Subscript(
            value=ast.Attribute(attr="environ"), slice=ast.Constant(value=str(name))
        ):
            return name
        case ast.keyword(arg="envvar", value=ast.Constant(value=str(name))):
            return name
    return None


def test_every_variable_that_the_package_reads_is_known() -> None:
    read = set(_reads_of_the_environment()) - {"BIZY_FILE"}
    assert {"DATABASE_URL", "BIZY_UI_HOSTS", "PGSERVICE", "BIZY_HOME"} <= read
    assert read - declared_variables() - OTHER_VARIABLES.keys() - STANDARD_VARIABLES == set()


def test_every_declared_variable_is_known() -> None:
    known = declared_variables() | OTHER_VARIABLES.keys()
    models = [Settings]
    for model in models:
        models += model.__subclasses__()
        for field in model.model_fields.values():
            assert set(names(field)[1:]) <= known
    assert FleetSettings in models
