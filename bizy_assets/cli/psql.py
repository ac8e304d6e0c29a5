"""The command ``psql``: PostgreSQL's own client, which the embedded server's package includes."""

import os
from collections.abc import Sequence

from psycopg2.extensions import make_dsn

from bizy_assets.cli import surroundings
from bizy_assets.core.postgres import urls
from bizy_assets.core.server import newest_programs
from bizy_assets.resources import BizyTarget

_SECRETS = {"password", "sslpassword"}
"""Parameters that must not be arguments, which other accounts can see; psql asks for the second."""


def run_psql(arguments: Sequence[str], *, demo: bool) -> None:
    """Replace this process by ``psql``, connected to the target.

    Raises:
        BizyError: The URL is invalid, or the embedded server does not start.
    """
    if demo:
        surroundings.use_demo()
    parameters = urls.libpq_parameters(BizyTarget().url())
    shown = {name: value for name, value in parameters.items() if name not in _SECRETS}
    password = parameters.get("password")
    environment = {**os.environ, **({"PGPASSWORD": str(password)} if password else {})}
    program = newest_programs() / "psql"
    command = [program.name, "--dbname", make_dsn(**shown), *arguments]
    os.execve(program, command, environment)  # noqa: S606 - our own program
