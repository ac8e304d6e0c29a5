"""Real PostgreSQL servers for the tests: one of each version, on loopback, with passwords."""

import functools
import itertools
import os
import secrets
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import psycopg2
from dagster_postgres import DagsterPostgresStorage
from psycopg2 import sql
from sqlalchemy import URL, make_url

from bizy_assets.core.server.account import VERSIONS, Account, account_of, programs

SUPERUSER = "chief"

LITTLE_LOG = ("wal_level=minimal", "max_wal_senders=0", "full_page_writes=off")
"""Settings of servers that no test kills or follows: hundreds of databases come and go there."""

_numbers = itertools.count(1)


@dataclass
class Server:
    """A PostgreSQL server in a folder; roles log in with a password over TCP."""

    binaries: Path
    folder: Path
    password: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    port: int = 0
    encoding: str = "UTF8"
    language: str = ""
    """Of its messages, as in ``de``; English unless its programs have the translations."""

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "log"

    def start(self, *settings: str) -> None:
        account = account_of(self.data)
        self.folder.mkdir(parents=True, exist_ok=True)
        if not self.data.exists():
            secret = self.folder / "secret"
            secret.write_text(self.password)
            creator = account.for_initdb()
            creator.own(self.folder)
            self._run(creator, "initdb", "-U", SUPERUSER, "-A", "scram-sha-256",
                      "-E", self.encoding, f"--pwfile={secret}", "-D", self.data)  # fmt: skip
            secret.unlink()
            account.own(self.folder)
        self.port = self.port or free_port()
        options = f"-h 127.0.0.1 -p {self.port} -k {self.folder}"
        if self.language:
            # Any locale but C lets the variable LANGUAGE choose, so that none has to be installed.
            settings = (*settings, "lc_messages=C.UTF-8")
        for setting in settings:
            options += f" -c {setting}"
        self._run(account, "pg_ctl", "-w", "-D", self.data, "-l", self.log, "-o", options, "start")

    def make_logins_cheap(self) -> None:
        """Derive keys of passwords in one step; thousands of logins take 4,096 steps each else."""
        with closing(self.connect()) as connection, connection.cursor() as cursor:
            if connection.info.server_version >= 16_00_00:
                cursor.execute("ALTER SYSTEM SET scram_iterations = 1")
                cursor.execute("SET scram_iterations = 1")
                cursor.execute(f"ALTER ROLE {SUPERUSER} PASSWORD %s", (self.password,))
                cursor.execute("SELECT pg_reload_conf()")

    def stop(self, mode: str = "fast") -> None:
        self._run(account_of(self.data), "pg_ctl", "-w", "-m", mode, "-D", self.data, "stop")

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
        # To copy files takes a third of the time of copying blocks through the log.
        strategy = "STRATEGY FILE_COPY" if connection.info.server_version >= 15_00_00 else ""
        with connection.cursor() as cursor:
            cursor.execute(
                sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {} {}").format(
                    *map(sql.Identifier, (name, owner, template)), sql.SQL(strategy)
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

    @functools.cached_property
    def history_template(self) -> str:
        """A database with Dagster's tables, whose creation takes half a second of CPU time."""
        url = make_url(self.create_database("history_template")).set(
            drivername="postgresql+psycopg2"
        )
        DagsterPostgresStorage(url.render_as_string(hide_password=False))
        return "history_template"

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

    def _run(self, account: Account, program: str, *arguments: object) -> None:
        # A file, since a pipe would stay open for as long as the server runs.
        with tempfile.TemporaryFile("w+") as output:
            command = [str(self.binaries / program), *map(str, arguments)]
            try:
                environment = {**os.environ, "LANGUAGE": self.language}
                account.run(*command, stdout=output, stderr=output, cwd="/", env=environment)
            except subprocess.CalledProcessError:
                output.seek(0)
                said = output.read() + (self.log.read_text() if self.log.exists() else "")
                raise AssertionError(f"{program} failed: {said}") from None


def binaries(version: int) -> Path:
    """Returns the programs of a major version: from the wheel, or Debian's."""
    if version in VERSIONS:
        return programs(version)
    return Path(f"/usr/lib/postgresql/{version}/bin")


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


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def running(server: Server, *settings: str) -> Iterator[Server]:
    """Runs a server for as long as a fixture lasts."""
    server.start("fsync=off", *settings)
    server.make_logins_cheap()
    yield server
    server.stop()


def history_of(server: Server, template: str | None = None) -> str:
    """Makes a database for Dagster's history, with its tables unless told otherwise."""
    template = template or server.history_template
    return server.create_database(f"history{next(_numbers)}", template=template)


def password_of(url: str) -> str:
    """Returns the password in an address."""
    return str(make_url(url).password)
