"""Messages about a single file in the words of a fleet.

The core names the variables and jobs of a single file. In a fleet, the manifest has a field for
each of these variables, and other jobs do the same for a file.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import dagster as dg

from bizy_assets.core.common import CHOOSE_ZONE, CheckResult

FIELDS = {
    "SQLITE_DB_PATH": "path",
    "BIZY_SOURCE_TIMEZONE": "timezone",
    "BIZY_TASKS_LOCAL_SINCE": "tasks_local_since",
    "BIZY_ON_BAD_ROW": "on_bad_row",
    "DEFAULT_USER_EMAIL": "email",
    "DEFAULT_USER_USERNAME": "username",
    "DEFAULT_USER_ID": "user_id",
}
"""The fields of the manifest by the variables that they replace."""

_WORDS = {
    CHOOSE_ZONE: "set timezone in the manifest",
    **{variable: f"{field} in the manifest" for variable, field in FIELDS.items()},
    "materialize sqlite_backup first": "run fleet_migrate first",
    "materialize sqlite_backup and the tables again": "run fleet_migrate again",
    "materialize admin_user first": "run fleet_migrate first",
    "materialize target_schema first": "run fleet_prepare first",
    "in the configuration of the resource target": "in the manifest",
    "run the job migrate once": "run the job fleet_prepare once",
    "the job migrate": "the job fleet_migrate",
    "the job rollback": "the job fleet_rollback",
}
_WORD = re.compile(rf"\b(?:{'|'.join(map(re.escape, _WORDS))})\b")

_OF_SINGLE_FILE = re.compile(r" \((?:in the UI's launchpad|command): [^()]*\)")
"""How a single file is configured or migrated, which the core adds in parentheses."""


def reword(text: str) -> str:
    """Return a message in the words of a fleet."""
    return _WORD.sub(lambda match: _WORDS[match[0]], _OF_SINGLE_FILE.sub("", text))


def reword_result(result: CheckResult) -> CheckResult:
    """Return a check's result in the words of a fleet."""
    errors, warnings, cures = (
        list(map(reword, texts)) for texts in (result.errors, result.warnings, result.cures)
    )
    return replace(result, errors=errors, warnings=warnings, cures=cures)


def reword_metadata(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return a check's metadata with its texts in the words of a fleet."""
    return {
        name: reword(value) if isinstance(value, str) else value for name, value in metadata.items()
    }


@contextmanager
def reworded_failures() -> Iterator[None]:
    """Reword the failure of a step.

    Raises:
        dagster.Failure: The step failed.
    """
    try:
        yield
    except dg.Failure as failure:
        raise dg.Failure(
            reword(failure.description or ""),
            metadata=failure.metadata,
            allow_retries=failure.allow_retries,
        ) from None
