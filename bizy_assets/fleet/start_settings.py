"""The settings with which the services of a fleet run, kept as digests while they do.

They decide where the services read and write, so no service may start with others.
"""

import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path

from bizy_assets.core.common import files
from bizy_assets.core.errors import ConfigurationError
from bizy_assets.core.settings import environment

_VARIABLES = {
    "BIZY_BACKUP_DIR",
    "BIZY_EMBEDDED_DATABASE",
    "BIZY_FLEET",
    "BIZY_FLEET_BROKER",
    "DAGSTER_POSTGRES_URL",
    "DATABASE_URL",
}
_LIBPQ = "PG"
"""Start of the names of variables with which libpq completes a connection URL."""


def keep_settings(file: Path) -> None:
    """Write the digests of this process's settings.

    Raises:
        ConfigurationError: The folder is not writable or full.
    """
    with files.write_private(file) as stream:
        stream.write(json.dumps(_digests()).encode())


def require_settings(file: Path) -> None:
    """Require that this process has the settings that the services run with.

    Raises:
        ConfigurationError: A variable has another value.
    """
    known: dict[str, str] = {}
    with suppress(FileNotFoundError):
        known = json.loads(file.read_text())
    current = _digests()
    if others := sorted(dict(known.items() ^ current.items())):
        raise ConfigurationError(
            f"The fleet runs with another value of {', '.join(others)}; run make fleet-stop first."
        )


def _digests() -> dict[str, str]:
    """Return a digest for each variable that is set; a value may hold a password."""
    names = (name for name in os.environ if name in _VARIABLES or name.startswith(_LIBPQ))
    values = {name: environment(name) for name in names}
    return {
        name: hashlib.sha256(value.encode()).hexdigest() for name, value in values.items() if value
    }
