"""Long random histories: whatever Bizy and others do, jobs do just what the model says.

Every migration, dry run and rollback is compared with ``model``: contents, figures, ledger, the
rows that were touched on disk, and what is reported.
"""

import copy
import csv
import os
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bizy_assets.core.common.idset import IdSet, format_ids
from bizy_assets.core.common.row_counts import COUNTS
from bizy_assets.core.errors import ConflictError
from bizy_assets.core.load.table_load import LoadResult
from bizy_assets.core.postgres.urls import parse_url
from bizy_assets.core.reconcile.checks import COUNT, audit_errors
from bizy_assets.core.target.tables import PUBLIC_METADATA
from bizy_assets_tests.model import model_reports
from bizy_assets_tests.model.histories import (
    BACKEND,
    FILES,
    IDS,
    LATER,
    LENGTH,
    RARELY,
    STARTS,
    Edits,
    Start,
    Step,
    step,
)
from bizy_assets_tests.model.model import ADMIN, TABLES, Known, Model
from bizy_assets_tests.model.model_reports import Fate
from bizy_assets_tests.model.worlds import World
from bizy_assets_tests.support.servers import Server

WANTED = os.environ.get("TEST_MODEL_STEPS")
"""How many new random steps to take; else a few, the same every time."""

USUAL = [100, pytest.param(2500, marks=pytest.mark.exhaustive)]
SKIP = st.fixed_dictionaries({table: st.sets(IDS, max_size=1) for table in TABLES})
WAYS = st.sampled_from(
    [
        "as it is",
        "as it is",
        "without conflicts",
        "without conflicts",
        "without some",
        "goals alone",
    ]
)
NOTHING: dict[str, set[int]] = {table: set() for table in TABLES}
COLUMNS = {
    "title": "title",
    "parent_goal_id": "parent",
    "created_at": "created",
    "updated_at": "updated",
    "completed_at": "completed",
}


class Histories(Edits):
    """The jobs, each compared with the model."""

    @step(4, file=FILES, adopt=st.booleans(), check=RARELY, ways=WAYS, skip=SKIP)
    def migrate(
        self, file: str, adopt: bool, check: bool, ways: str, skip: dict[str, set[int]]
    ) -> None:
        """Migrates: as it is, leaving out what conflicts or anything else, or goals alone."""
        tables = TABLES[:1] if ways == "goals alone" else TABLES
        if ways == "without conflicts":
            skip = self.in_the_way(file, adopt=adopt)
        elif ways != "without some":
            skip = NOTHING
        world, before = self.world, self.model
        if not world.there_is("bizy_migration.runs"):
            self.pristine = self.dump()
        self.model = copy.deepcopy(before)
        self.model.admin_made |= world.user(ADMIN) is None
        places = world.places()
        done: list[LoadResult] = []
        conflict = None
        try:
            # What was loaded before a failure is in the list all the same.
            done.extend(world.migrate(world.order(file, adopt=adopt, skip=skip), tables))
        except ConflictError as error:
            conflict = error
        self.model, loads, expected = self.modelled(
            file, tables, done, adopt=adopt, skip=skip, for_real=True
        )
        told(done, loads, conflict, expected)
        self.as_the_model()
        self.only_changed_rows_touched(before, places)
        for loaded, load in zip(done, loads, strict=True):
            if check and conflict is None:
                self.compared(loaded, load)

    @step(1, file=FILES, adopt=st.booleans())
    def dry_run(self, file: str, adopt: bool) -> None:
        world = self.world
        before = world.everything()
        plan = world.rehearse(world.order(file, adopt=adopt, skip=NOTHING))
        assert world.everything() == before
        _, loads, expected = self.modelled(file, TABLES, plan.loads, adopt=adopt, skip=NOTHING)
        modelled = [one for one in plan.loads if one.load.table in TABLES]
        told(modelled, loads, plan.failure, expected)

    @step(1, keep_edited=RARELY)
    def roll_back(self, keep_edited: bool) -> None:
        migrated = self.world.there_is("bizy_migration.runs")
        done = self.world.roll_back(keep_edited=keep_edited)
        if not migrated:
            assert done.tables == []
            return
        wanted = self.model.roll_back(keep_edited=keep_edited)
        for table in done.tables:
            name = table.table
            assert (
                table.deleted,
                table.restored,
                table.already_deleted,
                numbers(table.edited),
            ) == (
                wanted.deleted[name],
                wanted.restored[name],
                wanted.gone[name],
                # The model has no other tables, and the histories no rows in them.
                wanted.edited.get(name, set()),
            )
        assert {name: numbers(lost) for name, lost in done.orphaned.items()} == wanted.orphaned
        assert (done.objects is not None) == wanted.complete
        self.as_the_model()
        if wanted.complete:
            self.nothing_is_left()

    def modelled(
        self,
        file: str,
        tables: tuple[str, ...],
        done: list[LoadResult],
        *,
        adopt: bool,
        skip: dict[str, set[int]],
        for_real: bool = False,
    ) -> tuple[Model, list[model_reports.Load], model_reports.ConflictError | None]:
        """Migrates in a copy of the model, completely or not at all.

        The time of a load is taken from what it says itself. Which ids were free, and which one
        follows, is taken from PostgreSQL if it was done there for real.
        """
        given = self.world.ids(file) if for_real else {table: {} for table in TABLES}
        times = {one.load.table: one.load.loaded_at.replace(tzinfo=None) for one in done}
        after = copy.deepcopy(self.model)
        try:
            after.give_ids(tables, file, given, adopt=adopt, skip=skip)
        except model_reports.ConflictError as conflict:
            return self.model, [], conflict
        loads = []
        for table in tables:
            now, next_id = times.get(table, LATER), self.world.next_id(table) if for_real else 0
            loads.append(after.load(table, file, now, next_id, adopt=adopt, skip=skip))
            assert not for_real or next_id > max(after.known[file].ids[table].values(), default=0)
        return after, loads, None

    def in_the_way(self, file: str, *, adopt: bool) -> dict[str, set[int]]:
        """Returns the ids that have to be left out; rows of others are named first."""
        skip = copy.deepcopy(NOTHING)
        while True:
            conflict = self.modelled(file, TABLES, [], adopt=adopt, skip=skip)[2]
            if conflict is None:
                return skip
            skip[conflict.table] |= conflict.ids.keys()

    def as_the_model(self) -> None:
        """Compares all rows, the whole ledger, and all ids that rows have or will have."""
        world, wanted = self.world, self.model
        assert world.rows() == wanted.rows
        assert world.known() == {
            table: {
                number: (entry.source, wanted.rows[table].get(number) == entry.written)
                for number, entry in wanted.ledger[table].items()
            }
            for table in TABLES
        }
        for file in world.files:
            assert world.ids(file) == wanted.known.get(file, Known()).ids
        assert world.taken_over() == {table: set(wanted.before[table]) for table in TABLES}

    def only_changed_rows_touched(self, before: Model, places: dict) -> None:
        """Makes sure that a row which stays as it is was not even written anew."""
        after = self.world.places()
        for table in TABLES:
            for number, row in before.rows[table].items():
                same = row == self.model.rows[table].get(number)
                assert (places[table][number] == after[table].get(number)) == same, (table, number)

    def compared(self, loaded: LoadResult, load: model_reports.Load) -> None:
        """Compares what the check ``content`` finds."""
        found = self.world.compare(loaded)
        assert found.wrong.count == 0, found.wrong.first
        drift = {name: numbers(ids) for name, ids in found.edited.ids.items()}
        assert drift.pop("id", set()) == load.of(Fate.LEAVE_DELETED)
        assert set().union(*drift.values()) <= load.of(Fate.KEEP)
        table, file = loaded.load.table, loaded.load.snapshot.source.stem
        for number, there in self.model.known[file].ids[table].items():
            if there in load.of(Fate.KEEP):
                said = self.model.files[file][table][number].title
                other = said != self.model.rows[table][there].title
                assert (there in drift.get("title", ())) == other

    def dump(self) -> list[str]:
        """Returns all of the target; rows that were changed and put back lie in another order."""
        return sorted(self.world.server.dump(self.world.database).splitlines())

    def nothing_is_left(self) -> None:
        """Makes sure that the migration's own is gone, and an untouched target as it was."""
        rows = [row for table in TABLES for row in self.model.rows[table].values()]
        stays = self.model.logged_in or any(row.owner == ADMIN for row in rows)
        if self.model.admin_made:
            assert (self.world.user(ADMIN) is not None) == stays
            self.model.logged_in &= stays
        assert not self.world.there_is("bizy_migration.runs")
        if self.pristine is not None:
            assert self.dump() == self.pristine
        self.model.admin_made = False
        self.pristine = None


def told(
    done: list[LoadResult],
    loads: list[model_reports.Load],
    failure: Exception | None,
    conflict: model_reports.ConflictError | None,
) -> None:
    """Compares what a migration, or its rehearsal, says."""
    assert isinstance(failure, ConflictError) == (conflict is not None), failure
    if conflict is None:
        assert failure is None
    else:
        ids = format_ids(IdSet.of(conflict.ids.values()))
        assert f"Table {conflict.table} in" in str(failure)
        assert f": {ids}. Nothing was changed." in str(failure)
    for loaded, load in zip(done, loads, strict=True):
        counts = loaded.load.counts
        said = {name: number for name in COUNTS if (number := getattr(counts, name))}
        assert said == load.counts(), loaded.load.table
        assert audit_errors(loaded.results) == []
        assert reported(loaded) == {
            problem: found
            for problem, fate in (
                ("edited in PostgreSQL, and left so", Fate.KEEP),
                ("deleted in PostgreSQL, and left so", Fate.LEAVE_DELETED),
                ("gone from Bizy, but edited in PostgreSQL, and left there", Fate.OUTLIVE),
            )
            if (found := load.of(fate))
        } | kept_out(loaded, load)
        shown = listed(loaded.adopted.file) if loaded.adopted else set()
        assert shown == load.taken_over
        renumbered = loaded.renumbered.partition("; in Bizy ")[2]
        assert set(map(int, renumbered.split(", ") if renumbered else ())) == load.renumbered


def kept_out(loaded: LoadResult, load: model_reports.Load) -> dict[str, set[int]]:
    """Returns the rows of Bizy that an audit of counts, if there is one, names as left out."""
    rows = {"left out": load.bad, "excluded by skip_ids": load.excluded}
    return {problem: ids for problem, ids in rows.items() if ids and loaded.results}


def reported(loaded: LoadResult) -> dict[str, set[int]]:
    """Returns the rows that a load's audit of counts warns of; one that wrote nothing has none."""
    had = loaded.load.counts
    idle = had.unchanged + had.rejected == had.source_rows
    counts = [verdict for verdict in loaded.results if verdict.check == COUNT]
    assert len(counts) == 1 or (idle and not loaded.results)
    return {problem: numbers(ids) for count in counts for problem, ids in count.ids.items()}


def listed(file: Path) -> set[tuple[int, str]]:
    """Returns the values that taking rows over changed."""
    with file.open() as stream:
        return {(int(row["id"]), COLUMNS[row["column"]]) for row in csv.DictReader(stream)}


def numbers(found: IdSet) -> set[int]:
    return set(found.array().tolist())


@pytest.fixture
def worlds(server: Server, tmp_path: Path) -> Iterator[Callable[[str], World]]:
    """Makes worlds, of which some begin with the backend's tables."""
    url = parse_url(server.create_database(BACKEND), variable="DATABASE_URL")
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    PUBLIC_METADATA.create_all(engine)
    with engine.begin() as connection:
        for table in TABLES:
            connection.exec_driver_sql(
                f"ALTER TABLE {table} DROP project_name, DROP repository_path"
            )
    yield lambda template: World(server, tmp_path, template)
    server.drop_database(BACKEND)


@pytest.mark.parametrize("steps", [int(WANTED)] if WANTED else USUAL)
def test_every_history_goes_as_the_model_says(worlds: Callable[[str], World], steps: int) -> None:

    @settings(
        max_examples=steps // LENGTH,
        # A commit's own tests find the same every time; a hunt finds something new.
        derandomize=WANTED is None,
        database=None,
        deadline=None,
        # Making a failure smaller takes minutes, which only a hunt has.
        phases=[Phase.generate, *([Phase.shrink] if WANTED else [])],
        suppress_health_check=list(HealthCheck),
    )
    @given(start=STARTS, steps=st.lists(Histories.steps(), min_size=LENGTH, max_size=LENGTH))
    def goes(start: Start, steps: list[Step]) -> None:
        with closing(worlds(start.template)) as world:
            Histories(world, start).live(steps)

    goes()
