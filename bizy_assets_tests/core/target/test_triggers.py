"""Triggers and rules of other people's tables: named before a run writes, and never in its way."""

import os

import pytest
import sqlalchemy as sa

from bizy_assets.core.contracts import BY_TABLE
from bizy_assets.core.postgres import connect, parse_url
from bizy_assets.core.state.ledger import row_hash
from bizy_assets.core.target import TARGET_TABLES
from bizy_assets.core.target.state_tables import LEDGERS, LOADS
from bizy_assets_tests.support import bizy_files
from bizy_assets_tests.support.migrations import Migration, Outcome, only

TOUCH = """
    CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS
        $$BEGIN NEW.updated_at = '2001-01-01'; RETURN NEW; END$$;
    CREATE TRIGGER "set Updated" BEFORE INSERT OR UPDATE ON goals
        FOR EACH ROW EXECUTE FUNCTION touch()
"""
LOG = """
    CREATE TABLE log (goal integer REFERENCES goals (id));
    CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
        $$BEGIN INSERT INTO public.log VALUES (NEW.id); RETURN NEW; END$$;
    CREATE TRIGGER note AFTER INSERT ON goals FOR EACH ROW EXECUTE FUNCTION note()
"""
ENABLED = """
    SELECT tgname, tgenabled::text FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT rulename, ev_enabled::text FROM pg_rewrite WHERE ev_class = 'goals'::regclass
    ORDER BY 1
"""
UPDATED = "SELECT id FROM goals WHERE updated_at = '2001-01-01'"


@pytest.fixture
def emptied(migration: Migration) -> Migration:
    """The tables of a backend, without rows."""
    migration.query("TRUNCATE users CASCADE; DROP SCHEMA bizy_migration CASCADE")
    return migration


def run(migration: Migration, job: str = "migrate") -> Outcome:
    selection = {} if job == "dry_run" else {"asset_selection": only("goals", "tasks")}
    return migration.run(job, **selection)


@pytest.mark.core
@pytest.mark.migrated
def test_a_trigger_that_may_change_rows_is_named_before_anything_is_written(
    emptied: Migration,
) -> None:
    migration = emptied
    migration.query(TOUCH + "; CREATE RULE ignore AS ON INSERT TO tasks DO INSTEAD NOTHING")
    before = migration.server.dump(migration.database)
    backups = sorted(migration.source.parent.iterdir())
    for job in ("dry_run", "migrate"):
        [sentence] = run(migration, job).sentences
        assert "trigger set Updated of goals, rule ignore of tasks" in sentence
        assert "Set BIZY_TRIGGERS=disable" in sentence
        assert "BIZY_TRIGGERS=fire" in sentence
    assert migration.server.dump(migration.database) == before
    assert sorted(migration.source.parent.iterdir()) == backups
    # A rule cannot fire beside the load's own statement.
    migration.setenv(BIZY_TRIGGERS="fire")
    [sentence] = run(migration).sentences
    assert "may change the rows to load: rule ignore of tasks. Nothing was written" in sentence


@pytest.mark.core
@pytest.mark.migrated
def test_disabled_triggers_leave_rows_alone_and_are_enabled_as_before(emptied: Migration) -> None:
    migration = emptied
    migration.query(
        TOUCH + '; ALTER TABLE goals ENABLE ALWAYS TRIGGER "set Updated"; '
        "CREATE TRIGGER off BEFORE INSERT ON goals FOR EACH ROW EXECUTE FUNCTION touch(); "
        "ALTER TABLE goals DISABLE TRIGGER off; "
        "CREATE TRIGGER copy BEFORE INSERT ON goals FOR EACH ROW EXECUTE FUNCTION touch(); "
        "ALTER TABLE goals ENABLE REPLICA TRIGGER copy; "
        "CREATE RULE ignore AS ON INSERT TO goals DO INSTEAD NOTHING"
    )
    before = migration.query(ENABLED)
    migration.setenv(BIZY_TRIGGERS="disable")
    assert run(migration, "dry_run").success
    assert migration.query(ENABLED) == before
    assert run(migration).success
    # Goals that Bizy changed and deleted, with the tasks of the deleted ones.
    migration.query(
        "CREATE TRIGGER touch BEFORE UPDATE ON tasks FOR EACH ROW EXECUTE FUNCTION touch()"
    )
    bizy_files.change(migration.source, "UPDATE goals SET title = 'changed' WHERE id = 4")
    bizy_files.change(migration.source, "DELETE FROM goals WHERE id = 2")
    outcome = run(migration)
    assert outcome.success, outcome.sentences
    assert outcome.metadata("pg_goals")["deleted"] == 1
    assert outcome.checks()["pg_tasks", "content"].passed
    assert (
        migration.query(UPDATED + " UNION ALL SELECT id FROM tasks WHERE updated_at < '2002-01-01'")
        == []
    )
    assert migration.query(ENABLED) == sorted([*before, ("touch", "O")])
    assert migration.run("rollback").success
    assert migration.query("SELECT count(*) FROM goals") == [(0,)]


@pytest.mark.migrated
def test_firing_triggers_that_change_rows_roll_the_load_back_with_the_cells_named(
    emptied: Migration,
) -> None:
    migration = emptied
    migration.query(TOUCH)
    migration.setenv(BIZY_TRIGGERS="fire")
    for job in ("dry_run", "migrate"):
        [sentence] = run(migration, job).sentences
        assert "13 rows have a different updated_at (ids 1, 2, 3, 4" in sentence
        assert "Table goals was not loaded and is unchanged" in sentence
    assert migration.query("SELECT count(*) FROM goals") == [(0,)]
    # A trigger that changes nothing of what was written is no obstacle.
    migration.query(
        "CREATE OR REPLACE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN RETURN NEW; END$$"
    )
    assert run(migration, "dry_run").success
    assert run(migration).success
    bizy_files.change(migration.source, "UPDATE goals SET title = 'changed' WHERE id = 4")
    assert run(migration).success
    migration.query(
        "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NULL; END$$; "
        "CREATE TRIGGER keep BEFORE DELETE ON goals FOR EACH ROW EXECUTE FUNCTION keep(); "
        'DROP TRIGGER "set Updated" ON goals; '
        "CREATE FUNCTION finish() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN UPDATE public.goals SET completed_at = now() "
        "WHERE id = NEW.id AND completed_at IS NULL;"
        "RETURN NULL; END$$; "
        "CREATE CONSTRAINT TRIGGER finish AFTER UPDATE ON goals DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION finish()"
    )
    bizy_files.change(migration.source, "UPDATE goals SET title = 'again' WHERE id = 4")
    bizy_files.change(migration.source, "DELETE FROM goals WHERE id = 17")
    [sentence] = run(migration).sentences
    assert "1 row was not deleted (id 17). 1 row has other values (id 4)." in sentence


@pytest.mark.exhaustive
@pytest.mark.migrated
def test_a_trigger_that_only_fires_afterwards_is_no_obstacle(emptied: Migration) -> None:
    migration = emptied
    migration.query(LOG)
    assert run(migration, "dry_run").success
    outcome = run(migration)
    assert outcome.success, outcome.sentences
    assert migration.query("SELECT count(*) FROM log") == [(13,)]
    assert outcome.metadata("pg_goals")["inserted"] == 13
    # But not one that writes to another of Bizy's tables.
    migration.query(
        "CREATE FUNCTION count_up() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN UPDATE public.goals SET progress_percentage = 7 WHERE id = 4; RETURN NULL; END$$; "
        "CREATE TRIGGER count_up AFTER UPDATE ON tasks FOR EACH STATEMENT "
        "EXECUTE FUNCTION count_up()"
    )
    bizy_files.change(migration.source, "UPDATE tasks SET title = 'changed' WHERE id = 5")
    [sentence] = run(migration).sentences
    assert "Table tasks was not loaded and is unchanged" in sentence
    assert "Rows of goals were written too. Set BIZY_TRIGGERS=disable" in sentence
    assert migration.query("SELECT progress_percentage = 7 FROM goals WHERE id = 4") == [(False,)]


@pytest.mark.migrated
def test_a_generated_column_is_named(emptied: Migration) -> None:
    migration = emptied
    migration.query(
        "ALTER TABLE goals DROP COLUMN description; "
        "ALTER TABLE goals ADD COLUMN description text GENERATED ALWAYS AS ('none') STORED"
    )
    [sentence] = run(migration).sentences
    assert "Column description of the target's table goals is generated" in sentence
    assert "ALTER TABLE goals ALTER description DROP EXPRESSION" in sentence


@pytest.mark.migrated
def test_rows_that_a_trigger_changed_under_an_earlier_release_are_named_and_repaired(
    migration: Migration,
) -> None:
    goals, entry = TARGET_TABLES["goals"], LEDGERS["goals"]
    url = parse_url(os.environ["DATABASE_URL"], variable="DATABASE_URL")
    with connect(url, purpose="test") as connection, connection.begin():
        # As that release left them: the ledger has the rows as the trigger changed them.
        connection.execute(sa.update(goals).values(updated_at="2001-01-01", title="changed"))
        changed = row_hash(BY_TABLE["goals"], goals)
        connection.execute(sa.update(entry).where(entry.c.id == goals.c.id).values(hash=changed))
        connection.execute(sa.update(LOADS).values(fingerprint="earlier release"))
    outcome = migration.run("verify")
    assert "13 rows have a different updated_at" in (
        outcome.checks()["pg_goals", "content"].description
    )
    assert migration.migrate("goals").metadata("pg_goals")["updated"] == 13
    assert migration.query(UPDATED) == []
