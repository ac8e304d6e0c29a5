"""A role without superuser rights suffices: what it needs is what DBA.md says, and no less."""

import re
from collections.abc import Callable

import pytest

from bizy_assets.core.target.tables import PUBLIC_METADATA
from bizy_assets_tests.support.backends import make_backend_tables
from bizy_assets_tests.support.environment import CHECKOUT
from bizy_assets_tests.support.families import first_and_last
from bizy_assets_tests.support.migrations import Migration
from bizy_assets_tests.support.refusals import refused
from bizy_assets_tests.support.roles import administer

GRANTS = re.findall(r"^GRANT .*;$", (CHECKOUT / "docs" / "DBA.md").read_text(), re.MULTILINE)
JOBS = ("dry_run", "migrate", "migrate", "verify", "reset_admin_password", "rollback", "migrate")
TABLES = [table.name for table in PUBLIC_METADATA.sorted_tables]


def granted(migration: Migration, role: str) -> None:
    """Takes every right from everybody, and gives the role what the page says."""
    administer(migration, f"REVOKE ALL ON DATABASE {migration.database} FROM public")
    administer(migration, "REVOKE ALL ON SCHEMA public FROM public")
    for statement in GRANTS:
        named = statement.replace("DATABASE bizy", f"DATABASE {migration.database}")
        administer(migration, named.replace("TO bizy", f"TO {role}"))


def owns_tables(migration: Migration, role: str) -> None:
    make_backend_tables(migration)
    for table in TABLES:
        administer(migration, f"ALTER TABLE {table} OWNER TO {role}")


def is_a_member_of_their_owner(migration: Migration, role: str) -> None:
    owner = f"backend_{migration.database}"
    administer(migration, f"CREATE ROLE {owner}; GRANT {owner} TO {role}")
    administer(migration, f"GRANT ALL ON SCHEMA public TO {owner}")
    owns_tables(migration, owner)


def finds_nothing(migration: Migration, role: str) -> None:
    pass


@pytest.mark.parametrize(
    "before",
    [
        finds_nothing,
        pytest.param(is_a_member_of_their_owner, marks=pytest.mark.exhaustive),
        pytest.param(owns_tables, marks=pytest.mark.exhaustive),
    ],
)
def test_what_the_guide_says_suffices_for_every_job(
    migration: Migration, role: str, before: Callable[[Migration, str], None]
) -> None:
    granted(migration, role)
    before(migration, role)
    assert len(GRANTS) == 2
    assert migration.query(
        "SELECT current_user::text, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls "
        "FROM pg_roles WHERE rolname = current_user"
    ) == [(role, False, False, False, False)]
    for job in JOBS:
        outcome = migration.run(job)
        assert outcome.success, (job, outcome.sentences)
    assert migration.query("SELECT count(*) FROM tasks") == [(149,)]


@pytest.mark.parametrize(
    ("right", "said"),
    first_and_last(
        [
            ("CONNECT ON DATABASE", "permission denied for database"),
            ("CREATE ON DATABASE", "may not create the schema bizy_migration"),
            ("TEMPORARY ON DATABASE", "may not create temporary tables"),
            ("USAGE ON SCHEMA", "may not use the schema public"),
            ("CREATE ON SCHEMA", f"may not create the tables {', '.join(TABLES)} in schema public"),
        ]
    ),
)
def test_every_right_is_needed(migration: Migration, role: str, right: str, said: str) -> None:
    granted(migration, role)
    name = migration.database if right.endswith("DATABASE") else "public"
    administer(migration, f"REVOKE {right} {name} FROM {role}")
    for job in ("dry_run", "migrate") if right == "USAGE ON SCHEMA" else ("migrate",):
        assert said in refused(migration, job)
    administer(migration, f"GRANT {right} {name} TO {role}")
    migration.migrate("goals", "tasks")


def test_the_right_to_make_indexes_is_asked_for_before_anything_is_written(
    migration: Migration, role: str
) -> None:
    granted(migration, role)
    migration.load()
    administer(migration, f"REVOKE CREATE ON SCHEMA public FROM {role}")
    indexed = f"'{role}' may not create the indexes of {', '.join(TABLES)} in schema public"
    assert indexed in refused(migration)


def test_a_schema_that_the_role_made_itself_needs_no_more_rights(
    migration: Migration, role: str
) -> None:
    granted(migration, role)
    migration.load("goals", "tasks")
    administer(migration, f"REVOKE CREATE ON DATABASE {migration.database} FROM {role}")
    migration.migrate("goals", "tasks")
