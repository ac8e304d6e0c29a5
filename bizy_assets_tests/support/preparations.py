"""A role and a database that nobody has made yet, and somebody who may make them."""

import os
from dataclasses import dataclass
from typing import Any

import dagster as dg
import psycopg2
from psycopg2 import sql

from bizy_assets_tests.support.migrations import Migration, Outcome
from bizy_assets_tests.support.servers import Server

TELLTALE = "umbrella-9127"
"""The part of the password that looks the same however it is quoted."""

SECRET = f'wal\'rus "{TELLTALE}" ü %s:@/?#\\'

_CLUSTER = (
    "SELECT rolname, rolcanlogin, rolsuper, rolcreaterole, rolpassword FROM pg_authid ORDER BY 1",
    "SELECT datname, datdba, datacl::text, encoding FROM pg_database ORDER BY 1",
    "SELECT roleid, member, admin_option FROM pg_auth_members ORDER BY 1, 2, 3",
)
_SCHEMA = "SELECT nspname, nspowner, nspacl::text FROM pg_namespace ORDER BY 1"


@dataclass
class Preparation:
    """What DATABASE_URL names, on the server of a migration whose target it becomes."""

    migration: Migration
    role: str
    database: str

    @property
    def server(self) -> Server:
        return self.migration.server

    @property
    def url(self) -> str:
        return self.server.url(self.database, self.role, SECRET)

    def run(self, admin: str | None = None, url: str | None = None, **config: Any) -> Outcome:
        """Runs the job, as a superuser unless told otherwise."""
        self.migration.setenv(
            DATABASE_URL=url or self.url,
            BIZY_POSTGRES_ADMIN_URL=admin or self.server.url("postgres"),
        )
        return self.migration.run("provision", run_config={"ops": {"prepare": {"config": config}}})

    def steps(self, admin: str | None = None, **config: Any) -> dict[str, Any]:
        """Runs the job, which must succeed, and returns its metadata."""
        outcome = self.run(admin, **config)
        assert outcome.success, outcome.sentences
        return output_metadata(outcome)

    def refused(self, admin: str | None = None, url: str | None = None, **config: Any) -> str:
        """Runs the job, which must fail without a change, and returns the sentence."""
        before = self.state()
        outcome = self.run(admin, url, **config)
        assert not outcome.success
        assert self.state() == before
        return sentence(outcome, self.server)

    def state(self) -> list[Any]:
        """Returns all that provisioning may touch."""
        found = [rows(self.server, "postgres", statement) for statement in _CLUSTER]
        if (self.database,) in rows(self.server, "postgres", "SELECT datname FROM pg_database"):
            found.append(rows(self.server, self.database, _SCHEMA))
        return found

    def administer(self, statement: str, database: str = "postgres") -> None:
        """Runs a statement as a superuser; ``{role}`` and ``{database}`` are what they are."""
        names = {"role": sql.Identifier(self.role), "database": sql.Identifier(self.database)}
        rows(self.server, database, sql.SQL(statement).format(**names))

    def assistant(self, attributes: str) -> str:
        """Makes somebody who is no superuser, and returns the address."""
        name = f"assistant_{self.migration.database}"
        self.administer(f"CREATE ROLE {name} LOGIN PASSWORD 'otter-3141' {attributes}")
        return self.server.url("postgres", name, "otter-3141")


def prepared(migration: Migration) -> Preparation:
    number = migration.database
    return Preparation(migration, f"ro\"le '%s' {number}", f"data\"base '%s' {number}")


def rows(server: Server, database: str, statement: str | sql.Composable) -> list[tuple[Any, ...]]:
    """Runs a statement as a superuser."""
    connection = server.connect(database)
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def as_role(url: str, statement: str) -> list[tuple[Any, ...]]:
    """Runs a statement as whom an address names."""
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall()
    finally:
        connection.close()


def output_metadata(outcome: Outcome) -> dict[str, Any]:
    """Returns the metadata of a job's only output."""
    [event] = outcome.result.filter_events(
        lambda event: event.event_type is dg.DagsterEventType.STEP_OUTPUT
    )
    return {name: value.value for name, value in event.step_output_data.metadata.items()}


def failure_metadata(outcome: Outcome) -> dict[str, Any]:
    """Returns the metadata of a job's only failure."""
    [event] = outcome.result.filter_events(
        lambda event: event.event_type is dg.DagsterEventType.STEP_FAILURE
    )
    failure = event.step_failure_data.user_failure_data
    return {name: value.value for name, value in failure.metadata.items()}


def sentence(outcome: Outcome, server: Server) -> str:
    """Makes sure that a failure says one sentence without a secret, and returns it."""
    [said] = outcome.sentences
    assert "\n" not in said
    assert said.endswith(".")
    for secret in (TELLTALE, server.password, "otter-3141", "SCRAM"):
        assert secret not in said
    assert os.environ["DATABASE_URL"] not in said
    return said
