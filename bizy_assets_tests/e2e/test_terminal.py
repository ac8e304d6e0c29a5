"""What a run shows on a terminal: live progress, then a short summary; and without a terminal."""

import os
import re

import psycopg2
import pytest

from bizy_assets_tests.e2e.test_hostile_text import ESCAPED, HOSTILE
from bizy_assets_tests.support import bizy_files
from bizy_assets_tests.support.commands import bizy_assets
from bizy_assets_tests.support.migrations import Migration
from bizy_assets_tests.support.pausing import GONE, HOLDER, MIGRATE, WAITING
from bizy_assets_tests.support.processes import until
from bizy_assets_tests.support.servers import history_of
from bizy_assets_tests.support.terminals import COLOUR, on_terminal

COMMAND = ("python", "-m", "bizy_assets", "migrate")


def test_a_migration_is_drawn_live_and_then_summarised_in_15_lines(migration: Migration) -> None:
    bizy_files.change(migration.source, f'CREATE TABLE "{HOSTILE}" (id INTEGER)')
    bizy_files.change(migration.source, "UPDATE goals SET status = ? WHERE id = 3", HOSTILE * 3)
    history = history_of(migration.server)
    with on_terminal(
        *MIGRATE, DAGSTER_POSTGRES_URL=history, BIZY_ON_BAD_ROW="quarantine"
    ) as terminal:
        assert terminal.status() == 0, terminal.output
    terminal.keep("terminal_rejected_row")
    shown = terminal.output
    for step in ("sqlite_backup", "pg_tasks", "migration_report"):
        assert re.search(rf"[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏](\x1b\[[0-9;]*m)* +(\x1b\[[0-9;]*m)*{step}", shown), step
    assert "\x1b[2J" not in shown
    assert "\u202e" not in shown
    lines = terminal.remaining()
    assert lines[0].startswith("✗ 1 of 198 rows was rejected and is not in PostgreSQL."), lines
    assert len(lines) <= 15, "\n".join(lines)
    assert [line for line in lines if len(line) > 80 and " /" not in line] == []
    # Without the seconds, for which the titles would take two lines.
    titles = ["table", "in Bizy", "in PostgreSQL", "inserted", "rejected rows", "adjusted values"]
    assert re.split("  +", lines[1]) == titles
    assert any(
        re.match(r"! \d+ goals? \(ids? 10\b.*\) refers? to a parent", line) for line in lines
    )
    assert any(line.endswith("more warnings in the report") for line in lines)
    assert any(line.startswith("report: ") for line in lines)
    assert not any("passed" in line for line in lines)
    assert COLOUR.search(shown)
    assert ESCAPED not in "\n".join(lines)


def test_a_failure_is_told_once_and_without_colours_if_they_are_not_wanted(
    migration: Migration,
) -> None:
    migration.source.unlink()
    variables = {"DAGSTER_POSTGRES_URL": history_of(migration.server), "NO_COLOR": "1"}
    with on_terminal(*COMMAND, **variables) as terminal:
        assert terminal.status() == 1
    terminal.keep("terminal_failure")
    first, *reason = terminal.remaining()
    assert re.fullmatch(r"✗ migrate failed after .+\.", first)
    sentence = " ".join(" ".join(reason).split())
    assert sentence.startswith("There is no file")
    assert sentence.endswith("set SQLITE_DB_PATH to the Bizy database to migrate.")
    assert all(len(line) <= 80 or " " not in line for line in reason)
    assert "Traceback" not in terminal.output
    assert not COLOUR.search(terminal.output)


def test_a_plan_says_what_would_happen_and_that_nothing_was_written(migration: Migration) -> None:
    history = {"DAGSTER_POSTGRES_URL": history_of(migration.server)}
    with on_terminal("bizy-assets", "plan", **history) as terminal:
        assert terminal.status() == 0, terminal.output
    lines = terminal.remaining()
    sentence = "198 rows would be inserted, with 3 warnings. Nothing was written."
    [headline] = [n for n, line in enumerate(lines) if line.startswith(f"! {sentence} Took ")]
    assert lines[headline + 1].split("  ")[0] == "table"
    assert lines[headline + 1].endswith("in Bizy  to insert  values to adjust")
    assert lines[headline + 3].split() == ["tasks", "149", "149", "14"]
    assert len([line for line in lines if line.startswith("! ")]) == 3
    assert lines[-1].startswith("migrate: ")
    plain = bizy_assets("plan", **history)
    assert plain.status == 0
    assert f"{sentence}\n" in plain.error
    assert "pg_tasks: 149 rows: 149 to insert, 0 to update, 0 unchanged" in plain.error
    assert re.search(
        r" migrate: .+ migrate\n.+Run dry_run ended after .+ s\. Nothing was written\.\n$",
        plain.error,
    )
    for shown in (terminal.output, plain.error):
        assert not re.search(r"succeeded|inserted \(|\d inserted|adjusted values", shown), shown
    assert migration.tables() == set()


def test_a_plan_of_a_migration_that_would_fail_says_so(migration: Migration) -> None:
    bizy_files.change(migration.source, "UPDATE tasks SET priority = 'high' WHERE id = 7")
    history = {"DAGSTER_POSTGRES_URL": history_of(migration.server)}
    with on_terminal("bizy-assets", "plan", **history) as terminal:
        assert terminal.status() == 1
    assert "✗ The migration would fail. Nothing was written. Took" in "\n".join(
        terminal.remaining()
    )
    plain = bizy_assets("plan", **history)
    assert plain.status == 1
    assert re.search(
        r"Run dry_run ended after .+ s\. Nothing was written\.$", plain.error, re.MULTILINE
    )


@pytest.mark.migrated
def test_a_failed_check_of_the_content_shows_the_first_differences(migration: Migration) -> None:
    edited, after = "two\nlines (command: erase)", r"'two\nlines (command: erase)' in PostgreSQL"
    migration.query("UPDATE tasks SET title = %s WHERE id BETWEEN 20 AND 26", edited)
    history = {"DAGSTER_POSTGRES_URL": history_of(migration.server)}
    with on_terminal("bizy-assets", "verify", **history) as terminal:
        assert terminal.status() == 1
    plain = bizy_assets("verify", **history)
    assert plain.status == 1
    for shown in ("\n".join(terminal.remaining()), re.sub(r"(?m)^[\d:]+", "", plain.error)):
        # A value cannot pose as a command to paste.
        assert not re.search(r"^ *erase *$", shown, re.MULTILINE)
        text = " ".join(shown.partition("The first differences:\n")[2].split())
        first, *others = re.split(r" ?tasks, id ", text)[1:]
        assert first == """20, title: 'Quote: "ship it"' in Bizy, """ + after
        assert [other.partition(",")[0] for other in others] == ["21", "22", "23", "24"]
        assert (
            others[-1]
            .partition(" in Bizy, ")[2]
            .startswith(f"{after} More are in the UI, with the check content of pg_tasks.")
        )


def test_ctrl_c_ends_a_run_with_one_sentence(migration: Migration) -> None:
    migration.migrate("goals")
    url = os.environ["DATABASE_URL"]
    with psycopg2.connect(url, application_name=HOLDER) as other, other.cursor() as cursor:
        cursor.execute("LOCK TABLE goals")
        environment = {
            "DAGSTER_POSTGRES_URL": history_of(migration.server),
            "BIZY_LOCK_WAIT_SECONDS": "3600",
        }
        with on_terminal(*COMMAND, **environment) as terminal:
            until(lambda: migration.query(WAITING))
            terminal.press_ctrl_c()
            # The other session keeps its lock.
            until(lambda: migration.query(GONE))
            assert terminal.status() == 130
    terminal.keep("terminal_ctrl_c")
    assert terminal.remaining() == ["✗ The run was interrupted; start it again."]
    assert "Traceback" not in terminal.output
    assert terminal.output.rfind("\x1b[?25h") > terminal.output.rfind("\x1b[?25l")
