"""Random histories of two Bizy files and a target, in the model and for real at once.

Only what Bizy and others do stands here; the few ids there are make them meet often.
"""

import inspect
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from hypothesis import strategies as st

from bizy_assets_tests.model import model
from bizy_assets_tests.model.model import ADMIN, OTHER, TABLES, UPDATED, Bizy, Model, Row
from bizy_assets_tests.model.worlds import HIGHEST, World

BACKEND = "backend"
"""A database with the tables that the backend made, to begin with."""

LENGTH = 50
"""Steps of a history."""

CREATED = datetime(2025, 3, 1, 10, 0)
LATER = datetime(2025, 6, 1, 12, 0)

IDS = st.integers(1, 8)
FILES = st.sampled_from("AAAAAB")
RARELY = st.sampled_from([False, False, False, True])
_TABLES = st.sampled_from(TABLES)
_TITLES = st.sampled_from("abc")
_PARENTS = st.none() | IDS
_OWNERS = st.sampled_from([ADMIN, OTHER])
_MOMENTS = st.sampled_from([CREATED, UPDATED, LATER])
_BIZY = st.builds(
    Bizy,
    title=_TITLES,
    parent=_PARENTS,
    created=st.sampled_from([CREATED, CREATED, CREATED, None]),
    bad=st.sampled_from([False] * 7 + [True]),
)
_SEVERAL = st.dictionaries(IDS, _BIZY, min_size=2)
_CHANGES = st.one_of(
    st.fixed_dictionaries({name: values})
    for name, values in {
        "title": _TITLES,
        "parent": _PARENTS,
        "updated": _MOMENTS,
        "created": _MOMENTS,
        "completed": st.none() | _MOMENTS,
        "owner": _OWNERS,
    }.items()
)


@dataclass(frozen=True)
class Start:
    """Where a history begins.

    Attributes:
        goals, tasks: What the first Bizy file holds.
        template: The database that the target is made from.
        script: Whether another script brought these rows into the target already.
    """

    goals: dict[int, Bizy]
    tasks: dict[int, Bizy]
    template: str
    script: bool


STARTS = st.builds(
    Start,
    goals=_SEVERAL,
    tasks=_SEVERAL,
    template=st.sampled_from(["template1", BACKEND, BACKEND]),
    script=st.booleans(),
)

Step = tuple[str, dict[str, Any]]
Method = TypeVar("Method", bound=Callable[..., None])


def step(weight: int, **values: st.SearchStrategy[Any]) -> Callable[[Method], Method]:
    """Makes a method a step that a history may take, so many times as often as others."""

    def marked(method: Method) -> Method:
        method.step = weight, st.fixed_dictionaries(values)  # type: ignore[attr-defined]
        return method

    return marked


class Edits:
    """What happens between migrations.

    Attributes:
        pristine: The target before it was migrated, while others have left it alone since.
    """

    def __init__(self, world: World, start: "Start") -> None:
        self.world = world
        self.model = Model(files={name: {table: {} for table in TABLES} for name in world.files})
        self.pristine: list[str] | None = None
        for table, rows in (("goals", start.goals), ("tasks", start.tasks)):
            self.bizy_writes("A", table, rows)
            if start.script:
                world.sign_up(ADMIN)
                for number in rows:
                    self.others_write_what_bizy_says("A", table, number, LATER)

    @classmethod
    def steps(cls) -> st.SearchStrategy[Step]:
        """Draws a step."""
        found = {n: m.step for n, m in inspect.getmembers(cls) if hasattr(m, "step")}
        names = [name for name, (weight, _) in found.items() for _ in range(weight)]
        # Not one_of, which knows no weights; nor rules, some of which hypothesis leaves out.
        return st.sampled_from(names).flatmap(lambda n: st.tuples(st.just(n), found[n][1]))

    def live(self, steps: Iterable[Step]) -> None:
        for number, (name, values) in enumerate(steps):
            try:
                getattr(self, name)(**values)
            except BaseException as error:
                error.add_note(f"in step {number}: {name}({values})")
                raise

    @step(3, file=FILES, table=_TABLES, rows=_SEVERAL | st.dictionaries(IDS, _BIZY, max_size=1))
    def bizy_writes(self, file: str, table: str, rows: dict[int, Bizy]) -> None:
        for number, row in rows.items():
            self.model.files[file][table][number] = row
            self.world.put(file, table, number, row)

    @step(2, file=FILES, table=_TABLES, number=IDS)
    def bizy_deletes(self, file: str, table: str, number: int) -> None:
        if rows := self.model.files[file][table]:
            number = nearest(number, rows)
            del rows[number]
            self.world.drop(file, table, number)

    @step(1, really=RARELY)
    def the_file_is_moved(self, really: bool) -> None:
        for table in TABLES if really else ():
            for number in list(self.model.files["B"][table]):
                self.bizy_deletes("B", table, number)
            self.bizy_writes("B", table, self.model.files["A"][table])
            for number in list(self.model.files["A"][table]):
                self.bizy_deletes("A", table, number)

    def there_are_tables(self) -> bool:
        """Tells whether others have anything to write to."""
        return self.world.there_is("tasks") and self.world.there_is("users")

    def others_write(self, table: str, number: int, row: Row) -> None:
        if not self.there_are_tables():
            return
        self.pristine = None
        if row.parent not in self.model.rows["goals"]:
            row = row._replace(parent=None)
        if self.world.user(row.owner) is not None:
            self.model.rows[table][number] = row
            self.world.write(table, number, row)

    @step(
        2, table=_TABLES, number=IDS, owner=_OWNERS, title=_TITLES, parent=_PARENTS, time=_MOMENTS
    )
    def others_insert(
        self, table: str, number: int, owner: str, title: str, parent: int | None, time: datetime
    ) -> None:
        if number not in self.model.rows[table]:
            self.others_write(table, number, Row(owner, title, parent, CREATED, time, None))

    @step(2, file=FILES, table=_TABLES, row=_BIZY, owner=_OWNERS)
    def both_make_a_row(self, file: str, table: str, row: Bizy, owner: str) -> None:
        """Bizy and others take the same id, the one after Bizy's highest."""
        number = max(self.model.files[file][table], default=0) + 1
        if number <= HIGHEST:
            self.bizy_writes(file, table, {number: row})
            self.others_insert(table, number, owner, "a", None, LATER)

    @step(4, table=_TABLES, number=IDS, change=_CHANGES)
    def others_edit(self, table: str, number: int, change: dict) -> None:
        if there := self.model.rows[table]:
            number = nearest(number, there)
            self.others_write(table, number, there[number]._replace(**change))

    @step(1, table=_TABLES, number=IDS)
    def others_put_back_what_was_written(self, table: str, number: int) -> None:
        rows, known = self.model.rows[table], self.model.ledger[table]
        if changed := [n for n, entry in known.items() if rows.get(n) != entry.written]:
            number = nearest(number, changed)
            self.others_write(table, number, known[number].written)

    @step(1, file=FILES, table=_TABLES, number=IDS, time=_MOMENTS)
    def others_write_what_bizy_says(
        self, file: str, table: str, number: int, time: datetime
    ) -> None:
        if said := self.model.files[file][table]:
            number = nearest(number, said)
            row = Row(ADMIN, "", None, CREATED, time, None)
            self.others_write(table, number, model.updated(row, table, said[number], time))

    @step(2, table=_TABLES, number=IDS)
    def others_delete(self, table: str, number: int) -> None:
        if there := self.model.rows[table]:
            self.pristine = None
            number = nearest(number, there)
            self.model.delete(table, number)
            self.world.delete(table, number)

    @step(1, table=_TABLES, really=RARELY)
    def others_use_the_sequence(self, table: str, really: bool) -> None:
        if really and self.there_are_tables():
            self.pristine = None
            self.world.query("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", table)

    @step(1, really=RARELY)
    def the_admin_logs_in(self, really: bool) -> None:
        admin = self.world.user(ADMIN)
        if really and admin is not None:
            self.pristine = None
            self.model.logged_in = True
            self.world.query("UPDATE users SET last_login_at = now() WHERE id = %s", admin)


def nearest(number: int, known: Collection[int]) -> int:
    """Returns the number itself, or one that is there."""
    return min(known, key=lambda n: (abs(n - number), n))
