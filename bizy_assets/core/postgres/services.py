"""Connection services: named sets of libpq's parameters in ``pg_service.conf``.

libpq would read them only while it connects, but messages name the server before that.
"""

import os
from configparser import ConfigParser, Error
from pathlib import Path

from bizy_assets.core.errors import ConfigurationError


def service_parameters(name: str) -> dict[str, str]:
    """Return the parameters of a service, from the user's file or else the system's, as libpq.

    Raises:
        ConfigurationError: No file defines the service, or a file is invalid.
    """
    files = _files()
    for file in files:
        # Only these characters begin a comment; a value may contain any other.
        parser = ConfigParser(
            delimiters="=", comment_prefixes="#", interpolation=None, strict=False,
            default_section="",
        )  # fmt: skip
        try:
            parser.read_string(file.read_text())
        except FileNotFoundError:
            continue
        except (OSError, UnicodeError, Error):
            raise ConfigurationError(
                f"The file {file} of PostgreSQL services cannot be read; correct it, or set "
                "PGSERVICEFILE to another file."
            ) from None
        if parser.has_section(name):
            return dict(parser[name])
    raise ConfigurationError(
        f"The PostgreSQL service {name!r} is not defined in {' or '.join(map(str, files))}; define "
        "it there, or set PGSERVICEFILE to the file that does."
    )


def _files() -> list[Path]:
    user = os.environ.get("PGSERVICEFILE") or Path.home() / ".pg_service.conf"
    system = os.environ.get("PGSYSCONFDIR") or "/etc/postgresql-common"
    return [Path(user), Path(system) / "pg_service.conf"]
