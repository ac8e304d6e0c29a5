"""Messages in the words of a fleet."""

import pytest
from pydantic.fields import FieldInfo

from bizy_assets.core.common import CHOOSE_ZONE
from bizy_assets.core.settings import OwnerSettings, SourceSettings, names
from bizy_assets.fleet.resources import FleetSource
from bizy_assets.fleet.wording import FIELDS, reword
from bizy_assets_tests.support.documents import texts

NO_FIELDS = {"BIZY_ID_POLICY", "BUSINESS_AGENT_DB"}
"""Variables without a field of the manifest, which no message of a fleet names."""


def variables(*fields: FieldInfo) -> set[str]:
    return {name for field in fields for name in names(field)[1:]}


def test_every_variable_that_a_fleet_does_not_read_has_a_field() -> None:
    of_source = [
        field
        for field in SourceSettings.model_fields.values()
        if names(field)[0] not in FleetSource.model_fields
    ]
    ignored = variables(*of_source, *OwnerSettings.model_fields.values())
    assert set(FIELDS) == ignored - NO_FIELDS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("set SQLITE_DB_PATH to the copy.", "set path in the manifest to the copy."),
        ("check BIZY_SOURCE_TIMEZONE (now UTC)", "check timezone in the manifest (now UTC)"),
        (
            f"would fit better: {CHOOSE_ZONE}, then",
            "would fit better: set timezone in the manifest, then",
        ),
        ("MY_SQLITE_DB_PATH", "MY_SQLITE_DB_PATH"),
        (
            "start the job rollback (command: bizy-assets rollback) and set BIZY_ON_BAD_ROW to "
            "quarantine (in the UI's launchpad: resources: {source: {config: {on_bad_row: "
            "quarantine}}}; "
            "command: bizy-assets migrate --on-bad-row quarantine) to load the other rows",
            "start the job fleet_rollback and set on_bad_row in the manifest to quarantine to load "
            "the other rows",
        ),
    ],
)
def test_a_message_names_what_a_fleet_has(text: str, expected: str) -> None:
    assert reword(text) == expected


@pytest.mark.parametrize(
    "phrase",
    [
        "materialize sqlite_backup first",
        "materialize sqlite_backup and the tables again",
        "materialize admin_user first",
        "materialize target_schema first",
        "in the configuration of the resource target",
        "run the job migrate once",
        "the job migrate",
    ],
)
def test_the_replaced_phrases_are_those_of_the_core(phrase: str) -> None:
    assert any(phrase in text for text in texts(without="wording"))
    assert reword(phrase) != phrase
