"""The checkout, and the variables that configure the product."""

from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
VARIABLES = (
    "SQLITE_DB_PATH", "BUSINESS_AGENT_DB", "DATABASE_URL", "DAGSTER_POSTGRES_URL", "DAGSTER_HOME",
    "BIZY_SOURCE_TIMEZONE", "BIZY_TASKS_LOCAL_SINCE", "BIZY_ON_BAD_ROW", "BIZY_BACKUP_DIR",
    "BIZY_HOME", "BIZY_KEEP_BACKUPS", "BIZY_LOCK_WAIT_SECONDS", "BIZY_IGNORE_COLUMNS",
    "DEFAULT_USER_EMAIL", "DEFAULT_USER_USERNAME", "DEFAULT_USER_ID", "BIZY_POSTGRES_ADMIN_URL",
    "TZ",
)  # fmt: skip


def configure_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Removes every variable that configures the product."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
