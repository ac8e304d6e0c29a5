"""Invalid settings: the error that users see, and that nothing is written."""

import traceback
from collections.abc import Iterator
from typing import Any

import pytest

from bizy_assets.core.errors import ConfigurationError
from bizy_assets.core.postgres.urls import parse_url
from bizy_assets.core.settings import (
    HomeSettings,
    OwnerSettings,
    Settings,
    SourceSettings,
    TargetSettings,
    names,
)
from bizy_assets_tests.support.families import first_and_last
from bizy_assets_tests.support.migrations import Migration
from bizy_assets_tests.support.refusals import everything, refused

SECRET = "walrus-9127-umbrella"

NOT_A_URL = "DATABASE_URL is not the connection URL of a PostgreSQL database; write"
UNENCODED = "DATABASE_URL cannot be read reliably as a connection URL, probably because its user or"
NO_DATABASE = "DATABASE_URL names no database; append its name"

MALFORMED = [
    (f"postgresql://chief:{SECRET}@localhost:port/bizy", UNENCODED),
    (f"postgresql://chief:{SECRET}@localhost:5432", NO_DATABASE),
    (f"postgresql://chief:{SECRET}@localhost:5432/", NO_DATABASE),
    (f"mysql://chief:{SECRET}@localhost/bizy", NOT_A_URL),
    (f"postgresql+asyncpg://chief:{SECRET}@localhost/bizy", NOT_A_URL),
    (f"chief:{SECRET}@localhost/bizy", NOT_A_URL),
    (f"host=localhost user=chief password={SECRET}", NO_DATABASE),
    (f"postgresql://chief:mostly@{SECRET}@localhost/bizy", UNENCODED),
    (f"postgresql://chief:most@ly/{SECRET}@localhost/bizy", UNENCODED),
    (f"postgresql://chief:mostly#{SECRET}/{SECRET}", UNENCODED),
    (f"://{SECRET}", NOT_A_URL),
    (f"postgresql://u:who?am@{SECRET}@127.0.0.1:5432/db", UNENCODED),
    (f"postgresql://h/db&password={SECRET}", UNENCODED),
    (f"postgresql://h/db;password={SECRET}", UNENCODED),
    (f"postgresql://u/{SECRET}@h/db", UNENCODED),
    (f"postgresql://u%3A{SECRET}@h/db", UNENCODED),
    (f"postgresql://u:%00{SECRET}@h/db", UNENCODED),
    (f"postgresql://chief:{SECRET}@localhost/bizy?port=one", UNENCODED),
    (f"postgresql://chief:{SECRET}@localhost/bizy?host=one:two&host=three:four", UNENCODED),
]
"""Invalid connection URLs, with a password in every place where one may end up."""


@pytest.mark.parametrize(("address", "problem"), MALFORMED)
def test_a_malformed_address_is_refused_without_its_password(address: str, problem: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_url(address, variable="DATABASE_URL")
    assert str(caught.value).startswith(problem)
    shown = "".join(traceback.format_exception(caught.value))
    assert SECRET not in shown
    assert "mostly" not in shown


@pytest.mark.parametrize(
    ("address", "problem"), first_and_last(MALFORMED, kind=lambda case: case[1])
)
def test_a_malformed_address_is_never_shown(
    migration: Migration, capfd: pytest.CaptureFixture[str], address: str, problem: str
) -> None:
    before = everything(migration)
    migration.setenv(DATABASE_URL=address)
    outcome = migration.run()
    [sentence] = outcome.sentences
    assert sentence.startswith(problem)
    events = "".join(map(repr, outcome.result.all_events))
    said = "".join(capfd.readouterr())
    assert sentence in said
    for text in (sentence, events, said):
        assert SECRET not in text
        assert "mostly" not in text
    assert everything(migration) == before


@pytest.mark.parametrize("option", ["sslmode=perhaps", "no_such_option=1"])
def test_an_unknown_option_of_an_address_is_named_without_the_password(
    migration: Migration, option: str
) -> None:
    migration.setenv(
        DATABASE_URL=f"postgresql://chief:{SECRET}@127.0.0.1/bizy?password={SECRET}&{option}"
    )
    sentence = refused(migration)
    assert SECRET not in sentence
    assert option.split("=")[0] in sentence
    assert "correct" in sentence or "remove it" in sentence
    assert "DATABASE_URL" in sentence


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("Europe/Berlim", "Europe/Berlin"),
        ("los angeles", "America/Los_Angeles"),
        ("America/Pheonix", "America/Phoenix"),
        ("Nowhere", "use a name like"),
        ("../../etc/passwd", "use a name like"),
    ],
)
def test_an_unknown_zone_suggests_near_ones(migration: Migration, name: str, near: str) -> None:
    migration.setenv(BIZY_SOURCE_TIMEZONE=name)
    sentence = refused(migration)
    assert f"BIZY_SOURCE_TIMEZONE is {name!r}, which is not an IANA time zone" in sentence
    assert near in sentence


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    first_and_last(
        [
            (
                "BIZY_TASKS_LOCAL_SINCE",
                "2025-10-11",
                "set it to an instant with its offset, like 2025-10-11T16",
            ),
            ("BIZY_TASKS_LOCAL_SINCE", "yesterday", "set it to an instant with its offset"),
            (
                "BIZY_TASKS_LOCAL_SINCE",
                "0001-01-01T00:00:00+14:00",
                "set it to an instant with its offset",
            ),
            ("DEFAULT_USER_ID", "admin", "users.id holds 1 to 2147483647"),
            ("DEFAULT_USER_ID", "0", "users.id holds 1 to 2147483647"),
            ("DEFAULT_USER_ID", "2147483648", "users.id holds 1 to 2147483647"),
            ("DEFAULT_USER_EMAIL", "e" * 256, "users.email holds at most 255 characters"),
            ("DEFAULT_USER_USERNAME", "u" * 101, "users.username holds at most 100 characters"),
            ("BIZY_KEEP_BACKUPS", "0", "set it to a number of at least 1"),
            ("BIZY_KEEP_BACKUPS", "-3", "set it to a number of at least 1"),
            ("BIZY_KEEP_BACKUPS", "many", "set it to a number of at least 1"),
            ("BIZY_LOCK_WAIT_SECONDS", "nan", "set it to a number of at least 0"),
            ("BIZY_LOCK_WAIT_SECONDS", "inf", "set it to a number of at least 0"),
            ("BIZY_LOCK_WAIT_SECONDS", "soon", "set it to a number of at least 0"),
            ("BIZY_BACKUP_DIR", "~no-such-account/b", "give the absolute path"),
            ("SQLITE_DB_PATH", "~no-such-account/b", "give the absolute path"),
            ("BIZY_ON_BAD_ROW", "skip", "set it to fail or quarantine"),
            ("BIZY_TRIGGERS", "ignore", "set it to refuse, fire or disable"),
            ("BIZY_HOME", "~no-such-account/b", "give the absolute path"),
        ],
        kind=lambda case: case[0],
    ),
)
def test_an_invalid_value(migration: Migration, variable: str, value: str, expected: str) -> None:
    migration.setenv(**{variable: value})
    sentence = refused(migration)
    assert sentence.startswith(f"{variable} is ")
    assert expected in sentence


def test_an_owner_in_run_configuration_is_checked_before_anything_is_written(
    migration: Migration,
) -> None:
    config = {"resources": {"target": {"config": {"owner_id": -1}}}}
    sentence = refused(migration, run_config=config)
    assert sentence.startswith("owner_id is -1")
    assert "users.id holds 1 to 2147483647" in sentence


def test_an_invalid_wait_for_the_lock_is_refused_wherever_it_is_set() -> None:
    for seconds in (-1.0, float("nan"), float("inf")):
        with pytest.raises(ConfigurationError, match="lock_wait_seconds"):
            TargetSettings.read({"lock_wait_seconds": seconds})


INVALID: dict[str, Any] = {
    "home": "~no-such-account", "embedded_database": "with/slash", "path": "~no-such-account",
    "backup_dir": "~no-such-account",
    "timezone": "Nowhere", "tasks_local_since": "yesterday", "keep_backups": "0",
    "on_bad_row": "skip", "ignore_columns": "tasks.title", "owner_email": "e" * 256,
    "owner_username": "u" * 101, "owner_id": "0", "lock_wait_seconds": "-1", "adopt": "perhaps",
    "skip_ids": {"task": [1]}, "triggers": "ignore", "id_policy": "share",
}  # fmt: skip


def every_name() -> Iterator[tuple[type[Settings], str, Any]]:
    """Yields each setting by each of its names, with an invalid value."""
    for model in (HomeSettings, SourceSettings, OwnerSettings, TargetSettings):
        for field in model.model_fields.values():
            configured, *variables = names(field)
            for name in (configured, *variables):
                yield model, name, INVALID[configured]


@pytest.mark.parametrize(("model", "name", "value"), list(every_name()))
def test_an_error_names_a_setting_as_the_user_set_it(
    monkeypatch: pytest.MonkeyPatch, model: type[Settings], name: str, value: Any
) -> None:
    if name.isupper():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError, match=f"^{name} ") as caught:
        model.read({} if name.isupper() else {name: value})
    assert "Value error" not in str(caught.value)


def test_a_configured_value_wins_over_the_environment_and_an_empty_one_counts_as_unset(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DEFAULT_USER_EMAIL", "environment@example.org")
    assert OwnerSettings.read({"owner_email": "configured@example.org"}).email == (
        "configured@example.org"
    )
    for unset in ({}, {"owner_email": None}, {"owner_email": ""}):
        assert OwnerSettings.read(unset).email == "environment@example.org"
    monkeypatch.setenv("DEFAULT_USER_EMAIL", " ")
    assert OwnerSettings.read().email == "admin@bizy.local"
