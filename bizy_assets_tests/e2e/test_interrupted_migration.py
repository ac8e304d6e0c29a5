"""Ctrl-C in the middle of the steps of ``bizy-assets migrate``, on a terminal."""

from contextlib import closing

import pytest

from bizy_assets_tests.support import bizy_files, states
from bizy_assets_tests.support.backends import make_every_table
from bizy_assets_tests.support.commands import bizy_assets
from bizy_assets_tests.support.migrations import Migration
from bizy_assets_tests.support.pausing import WAITING, gate
from bizy_assets_tests.support.processes import until
from bizy_assets_tests.support.servers import history_of
from bizy_assets_tests.support.terminals import on_terminal

COPYING = ("public", "tasks"), "NEW.id = 5000"
RECORDING = ("bizy_migration", "loads"), "NEW.table_name = 'tasks'"


@pytest.mark.parametrize("place", [COPYING, pytest.param(RECORDING, marks=pytest.mark.exhaustive)])
def test_it_ends_with_one_sentence_and_the_next_run_completes(
    migration: Migration, place: tuple[tuple[str, str], str]
) -> None:
    history = history_of(migration.server)
    bizy_files.add_tasks(migration.source, 30_000)
    make_every_table(migration)
    with (
        gate(migration, *place) as open_gate,
        on_terminal("bizy-assets", "migrate", DAGSTER_POSTGRES_URL=history) as terminal,
    ):
        terminal.read_until("pg_tasks")
        until(lambda: migration.query(WAITING))
        terminal.press_ctrl_c()
        # The terminal shows it once the process has the signal.
        terminal.read_until("^C")
        open_gate()
        assert terminal.status() == 130
    assert terminal.remaining() == ["✗ The run was interrupted; start it again."]
    assert "Traceback" not in terminal.output
    assert migration.query("SELECT count(*) FROM tasks") == [(0,)]
    with (
        closing(migration.server.connect(history.rpartition("/")[2])) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT pipeline_name, status FROM runs")
        assert cursor.fetchall() == [("migrate", "FAILURE")]
    again = bizy_assets("migrate", DAGSTER_POSTGRES_URL=history)
    assert again.status == 0, again.error
    assert states.of(migration) == states.of_an_undisturbed_run(migration)
