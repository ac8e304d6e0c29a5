"""PgBouncer in front of a server of the tests, in each of its modes."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import pytest
from sqlalchemy import make_url

from bizy_assets.core.server.account import account_of
from bizy_assets_tests.support.processes import PATIENCE, until
from bizy_assets_tests.support.servers import SUPERUSER, Server, free_port
from tools.programs import NO_PGBOUNCER, find_pgbouncer

_SETTINGS = """
[databases]
* = host=127.0.0.1 port={server_port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {folder}/users
pool_mode = {mode}
{more}
"""


@contextmanager
def pooler(server: Server, mode: str, *settings: str) -> Iterator[int]:
    """Runs PgBouncer in a mode, and yields its port; skips the test if it is not installed."""
    program = find_pgbouncer()
    if program is None:
        refuse = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        refuse(NO_PGBOUNCER)
    port, account = free_port(), account_of(server.data)
    with tempfile.TemporaryDirectory(prefix="bizy-pgbouncer-") as name:
        folder = Path(name)
        (folder / "users").write_text(f'"{SUPERUSER}" "{server.password}"\n')
        (folder / "settings").write_text(
            _SETTINGS.format(
                server_port=server.port, port=port, folder=folder, mode=mode,
                more="\n".join(settings),
            )
        )  # fmt: skip
        account.own(folder)
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [program, folder / "settings"],
                stdout=log,
                stderr=log,
                user=account.uid,
                group=account.gid,
            )
        try:
            until(lambda: _answers(server, port) or process.poll() is not None)
            assert process.poll() is None, (folder / "log").read_text()
            yield port
        finally:
            process.terminate()
            process.wait(PATIENCE)


def pooled_url(server: Server, database: str, port: int) -> str:
    """Returns the address of a database behind PgBouncer."""
    url = make_url(server.url(database)).set(port=port)
    return url.render_as_string(hide_password=False)


def _answers(server: Server, port: int) -> bool:
    try:
        psycopg2.connect(pooled_url(server, "postgres", port)).close()
    except psycopg2.OperationalError:
        return False
    return True
