"""The report of a fleet: a verdict for each file, never too good, on a page for any number."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page

from bizy_assets.core.common.check_result import CheckResult
from bizy_assets.core.contracts.tables import BY_TABLE
from bizy_assets.core.errors import SchemaError
from bizy_assets.core.report.fleet import FailedRun, FleetReport, FleetSource, Verdict
from bizy_assets.core.report.fleet_collect import collect_fleet
from bizy_assets.core.report.fleet_page import SOURCES_SHOWN
from bizy_assets.core.report.render import render
from bizy_assets.core.state.check_results import LoadResults, record_results
from bizy_assets_tests.core.report.test_report import HOSTILE, markdown_tables
from bizy_assets_tests.support import fleets
from bizy_assets_tests.support.browsers import page
from bizy_assets_tests.support.servers import Server

# Tests name this fixture as a parameter.
__all__ = ["page"]

FAILED = "UPDATE bizy_migration.check_results SET status = 'FAILED', summary = 'Wrong.' WHERE "
WARNED = "UPDATE bizy_migration.check_results SET status = 'WARNING', summary = 'Odd.' WHERE "
LATER_RUN = (
    "INSERT INTO bizy_migration.runs SELECT id + 1000, source_id, 'later', snapshot_path, {sha}, "
    "snapshot_taken_at, zone, zone_origin, tasks_local_since, started_at + interval '1 day', "
    "{ended}, {outcome} FROM bizy_migration.runs WHERE source_id = :id"
)
LOADED_LATER = LATER_RUN.format(sha="snapshot_sha256", ended="'2026-02-01'", outcome="'completed'")
LOADS_OF_IT = (
    "INSERT INTO bizy_migration.loads (run_id, table_name, source_id, loaded_at, skipped_ids, "
    "fingerprint, next_id, source_rows, inserted, updated, unchanged, preserved_edits, "
    "preserved_deletions, rejected, deleted, retained, adopted) SELECT run_id + 1000, table_name, "
    "source_id, '2026-01-03', '{}', '', 1, 10, 0, 1, 6, 2, 1, 0, 0, 1, 0 "
    "FROM bizy_migration.loads WHERE source_id = :id"
)
CHECKED_LATER = (
    "UPDATE bizy_migration.check_results SET dagster_run_id = 'verify', checked_at = '2026-01-04' "
    "WHERE source_id = :id"
)

CASES: list[tuple[Verdict, str, list[str]]] = [
    (
        Verdict.FAILED,
        "check39 of pg_research: Wrong.",
        [f"{FAILED} source_id = :id AND check_name IN ('check39', 'check40')",
         f"{WARNED} source_id = :id AND check_name = 'check1'"],
    ),
    (
        Verdict.FAILED,
        "check2 of sqlite_backup: Wrong.",
        # A newer snapshot, from which nothing was loaded.
        [f"{FAILED} source_id = :id AND check_name = 'check2'",
         "UPDATE bizy_migration.check_results SET dagster_run_id = 'newer', "
         "checked_at = '2026-03-01' WHERE source_id = :id AND table_name = 'sqlite_backup'"],
    ),
    (
        Verdict.FAILED,
        "The last run failed; 0 of 6 tables are from its snapshot.",
        [LATER_RUN.format(sha="'newer'", ended="'2026-02-01'", outcome="'failed'")],
    ),
    (
        Verdict.FAILED,
        "The last run was interrupted; 4 of 6 tables are from its snapshot.",
        [LATER_RUN.format(sha="'newer'", ended="NULL", outcome="'interrupted'"),
         f"{LOADS_OF_IT} AND table_name NOT IN ('goals', 'tasks')", CHECKED_LATER],
    ),
    (
        Verdict.INCOMPLETE,
        "The last run has not ended; 0 of 6 tables are from its snapshot.",
        [LATER_RUN.format(sha="'newer'", ended="NULL", outcome="NULL")],
    ),
    (
        Verdict.INCOMPLETE,
        "Only 5 of 6 tables are from the newest snapshot.",
        ["DELETE FROM bizy_migration.loads WHERE source_id = :id AND table_name = 'metrics'"],
    ),
    (
        Verdict.INCOMPLETE,
        "3 rows were rejected or skipped.",
        ["UPDATE bizy_migration.loads SET inserted = 7, rejected = 3 "
         "WHERE source_id = :id AND table_name = 'tasks'"],
    ),
    (
        Verdict.INCOMPLETE,
        "60 rows are in the snapshot, but 59 are accounted for in PostgreSQL.",
        ["UPDATE bizy_migration.loads SET inserted = 9 "
         "WHERE source_id = :id AND table_name = 'tasks'"],
    ),
    (
        Verdict.INCOMPLETE,
        "1 check has not run since the load.",
        ["DELETE FROM bizy_migration.check_results "
         "WHERE source_id = :id AND check_name = 'check9'"],
    ),
    (
        Verdict.INCOMPLETE,
        "38 checks have not run since the load.",
        [LOADED_LATER, LOADS_OF_IT],
    ),
    (
        Verdict.WARNED,
        "check7 of pg_tasks: Odd.",
        [f"{WARNED} source_id = :id AND check_name IN ('check5', 'check7')"],
    ),
    (
        Verdict.COMPLETE,
        "",
        # A failure of one check, which passed when it was repeated.
        ["UPDATE bizy_migration.runs SET outcome = 'failed' WHERE source_id = :id"],
    ),
    (Verdict.COMPLETE, "", [LOADED_LATER, LOADS_OF_IT, CHECKED_LATER]),
]  # fmt: skip
"""What may become of a file after its complete migration: verdict, problem, statements."""


@pytest.fixture(scope="module")
def url(server: Server) -> Iterator[str]:
    """A database in which every test fills the tables anew, without a commit."""
    yield server.create_database("fleet")
    server.drop_database("fleet")


def run(connection: sa.Connection, *statements: str, **values: Any) -> None:
    for statement in statements:
        connection.execute(sa.text(statement), values)


def collected(
    connection: sa.Connection, listed: list[fleets.Entry], **failures: FailedRun
) -> FleetReport:
    return collect_fleet(connection, listed, checks=fleets.CHECKS, failures=failures)


def failed_run(error: str) -> FailedRun:
    start, end = (datetime(2026, 4, 5, 6, 7, second, tzinfo=UTC) for second in (8, 10))
    return FailedRun(error=error, run_id="failed-run", started_at=start, ended_at=end)


@contextmanager
def counted(connection: sa.Connection) -> Iterator[list[str]]:
    """Collects the statements that are run meanwhile."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    sa.event.listen(connection, "before_cursor_execute", note)
    yield statements
    sa.event.remove(connection, "before_cursor_execute", note)


class Tags(HTMLParser):
    """The tags of a page with their attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, list[tuple[str, str | None]]]] = []
        self._texts: list[str] = []
        self.feed(text)
        self.close()
        self.text = "".join(self._texts)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, attrs))

    def handle_data(self, data: str) -> None:
        self._texts.append(data)

    def count(self, tag: str) -> int:
        return [name for name, _ in self.tags].count(tag)


def test_every_file_gets_the_verdict_that_the_records_prove(url: str) -> None:
    listed = fleets.entries(len(CASES))
    with fleets.fleet(url, len(CASES)) as connection:
        for number, (_, _, statements) in enumerate(CASES, 1):
            run(connection, *statements, id=number)
        report = collected(connection, listed)
    found = {source.key: (source.verdict, source.problem) for source in report.sources}
    assert found == {
        entry.key: (verdict, problem)
        for entry, (verdict, problem, _) in zip(listed, CASES, strict=True)
    }
    order = [list(Verdict).index(source.verdict) for source in report.sources]
    assert order == sorted(order)
    assert report.sources[0].failed == 2


def test_counts_are_those_of_the_last_load(url: str) -> None:
    with fleets.fleet(url, 2) as connection:
        run(connection, LOADED_LATER, LOADS_OF_IT, CHECKED_LATER, id=1)
        first, second = collected(connection, fleets.entries(2)).sources
        totals = collected(connection, fleets.entries(2)).totals
    assert (first.source_rows, first.loaded, first.preserved, first.retained) == (60, 42, 18, 6)
    assert (first.adjusted, first.rejected, first.left_out, first.tables) == (1, 0, 0, 6)
    assert (first.run_id, first.started_at) == ("later", datetime(2026, 1, 3, 3, 1, 1))
    assert (second.loaded, second.preserved, second.passed, second.seconds) == (60, 0, 41, 4.5)
    assert (second.email, second.user_id, second.id_policy) == ("u2@example.org", 2, "move")
    assert second.path == "/srv/fleet/office 2/u00002/tasks.db"
    assert second.moved_ranges == 6
    assert [total.table for total in totals] == list(BY_TABLE)
    assert [total.adjusted for total in totals] == [0, 2, 0, 0, 0, 0]
    assert {(each.sources, each.counts.inserted, each.counts.unchanged) for each in totals} == {
        (2, 10, 6)
    }


def test_files_that_only_one_side_knows_are_listed(url: str) -> None:
    listed = [*fleets.entries(2), fleets.Entry("new", Path("/new.db"), "new@example.org"),
              fleets.Entry("torn", Path("/torn.db"), "torn@example.org")]  # fmt: skip
    with fleets.fleet(url, 4) as connection:
        # Its rows were taken back.
        run(connection, "DELETE FROM bizy_migration.loads WHERE source_id = 4")
        report = collected(
            connection, listed, torn=failed_run("The file is not a SQLite database.")
        )
    found = [(source.key, source.verdict, source.problem, source.email)
             for source in report.sources]  # fmt: skip
    assert found == [
        ("torn", "failed", "The file is not a SQLite database.", "torn@example.org"),
        ("new", "incomplete", "No run has loaded this file yet.", "new@example.org"),
        ("u00001", "complete", "", "u1@example.org"),
        ("u00002", "complete", "", "u2@example.org"),
        ("u00003", "not in the manifest", "", "u3@example.org"),
    ]
    for form in ("html", "md"):
        text = render(report, form)  # type: ignore[arg-type]
        assert (
            "2 of 4 files complete, 1 failed, 1 incomplete, 1 other loaded file is not in the "
            "manifest."
        ) in text
        assert "The file is not a SQLite database." in text
        assert "-j fleet_migrate --tags" in text


def test_a_failure_is_reported_with_its_run_and_not_with_the_last_load(url: str) -> None:
    failures = {"u00001": failed_run("No such file."), "u00002": failed_run("No such file.")}
    failures["u00002"] = replace(failures["u00002"], started_at=None, ended_at=None)
    with fleets.fleet(url, 3) as connection:
        report = collected(connection, fleets.entries(3), **failures)
    first, _, loaded = report.sources
    assert (first.run_id, first.seconds, first.loaded) == ("failed-run", 2, 60)
    assert (loaded.error, loaded.seconds) == ("", 4.5)
    text = render(report, "html")
    assert "run <code>failed-run</code> of 2026-04-05 06:07:08 UTC</p>" in text
    assert "run <code>failed-run</code></p>" in text
    assert "<td>2026-04-05 06:07:08<p>2.0 s failed-r<td>60<td>60" in text
    assert "<td>-<p>failed-r<td>60<td>60" in text


def test_ten_files_take_as_many_statements_as_one(url: str) -> None:
    taken = []
    for count in (1, 10):
        with fleets.fleet(url, count) as connection, counted(connection) as statements:
            collected(connection, fleets.entries(count))
        taken.append(len(statements))
    assert taken[0] == taken[1] <= 8


def test_without_any_record_no_file_is_complete(url: str) -> None:
    with fleets.fleet(url, 0) as connection:
        run(connection, "DROP SCHEMA bizy_migration CASCADE", "DROP TABLE public.users")
        report = collected(connection, fleets.entries(2))
        empty = collected(connection, [])
    assert [source.verdict for source in report.sources] == [Verdict.INCOMPLETE] * 2
    assert "0 of 2 files complete, 2 incomplete." in render(report, "md")
    for form in ("html", "md"):
        assert "The manifest lists no file." in render(empty, form)  # type: ignore[arg-type]


def test_records_of_another_release_are_no_empty_fleet(url: str) -> None:
    with fleets.fleet(url, 1) as connection:
        run(connection, "UPDATE bizy_migration.version SET number = 2")
        with pytest.raises(SchemaError, match="earlier release"):
            collected(connection, fleets.entries(1))


def test_a_check_has_one_result_which_the_last_run_wrote(url: str) -> None:
    wrong = CheckResult(check="count", summary="fine", errors=["1 row is\nmissing."])
    odd = CheckResult(check="content", summary="fine", warnings=["Odd."], figures={"rows": 2})
    with fleets.fleet(url, 1) as connection:
        run(connection, "DELETE FROM bizy_migration.check_results WHERE table_name = 'goals'")
        with counted(connection) as statements:
            both = LoadResults(results=[wrong, odd], run=1)
            record_results(connection, 1, {"goals": both}, "one")
            record_results(connection, 1, {"goals": LoadResults(results=[], run=1)}, "one")
        assert len(statements) == 1
        [source] = collected(connection, fleets.entries(1)).sources
        assert (source.failed, source.warned) == (1, 1)
        assert source.problem == "count of pg_goals: 1 row is\\nmissing."
        fine = CheckResult(check="count", summary="fine")
        record_results(connection, 1, {"goals": LoadResults(results=[fine], run=1)}, "two")
        rows = connection.execute(
            sa.text(
                "SELECT check_name, dagster_run_id, status, summary, figures "
                "FROM bizy_migration.check_results WHERE table_name = 'goals' ORDER BY 1"
            )
        ).all()
    assert rows == [
        ("content", "one", "WARNING", "Odd.", {"rows": 2}),
        ("count", "two", "ok", "fine", {}),
    ]


def made(text: str) -> FleetReport:
    """Makes a report of one file for each verdict, with a text wherever one comes from outside."""
    at = datetime(2026, 1, 2, tzinfo=UTC)
    one = {"path": text, "email": text, "run_id": text, "started_at": at, "user_id": 1}
    whole = {"outcome": "completed", "current_tables": 6, "tables": 6, "source_rows": 2}
    sources = [
        FleetSource(key=f"a{text}", error=text, **one),
        FleetSource(key=f"b{text}", failed=1, finding=text, **one),
        FleetSource(key=f"c{text}", outcome="interrupted", **one),
        FleetSource(key=f"d{text}", rejected=2, **one, **whole),
        FleetSource(key=f"e{text}", warned=1, finding=text, loaded=2, **one, **whole),
        FleetSource(key=f"f{text}", loaded=2, id_policy="keep", moved_ranges=1, **one, **whole),
        FleetSource(key=f"g{text}", loaded=2, listed=False, **one, **whole),
    ]
    return FleetReport(target=text, collected_at=at, sources=sources)


def test_no_value_is_markup_in_html() -> None:
    hostile, plain = (Tags(render(made(text), "html")) for text in (HOSTILE, "x"))
    assert hostile.tags == plain.tags
    shown = HOSTILE.replace("\n", "\\n").replace("\u202e", "\\u202e")
    assert hostile.text.count(shown) >= 35
    # The list of all files has the first eight characters of a run's id.
    assert hostile.text.replace(shown, "x").replace(shown[:8], "x") == plain.text


def test_no_value_is_markup_in_markdown() -> None:
    hostile, plain = (render(made(text), "md") for text in (HOSTILE, "x"))
    assert len(hostile.splitlines()) == len(plain.splitlines())
    shown = HOSTILE.replace("\n", "\\n").replace("\u202e", "\\u202e")
    [sources, _] = markdown_tables(hostile)
    assert [cells[0] for cells in sources[1:]] == [f"{letter}{shown}" for letter in "abcdefg"]
    assert sources[1][-1] == shown
    assert all(len(cells) == len(sources[0]) for cells in sources)


def test_a_page_of_a_thousand_files_fits_any_window(url: str, page: Page, tmp_path: Path) -> None:
    with fleets.fleet(url, 1000) as connection:
        run(connection, f"{FAILED} source_id = 7 AND check_name = 'check40'",
            f"{WARNED} source_id % 4 = 0 AND check_name = 'check3'")  # fmt: skip
        report = collected(connection, fleets.entries(1000))
    markdown = render(report, "md")
    assert len(markdown_tables(markdown)[0]) == 1 + SOURCES_SHOWN
    assert "950 more files are not listed here" in markdown
    file = tmp_path / "fleet.html"
    file.write_text(render(report, "html"))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"file://{file}")
    assert page.locator(".headline").inner_text() == (
        "999 of 1,000 files complete (250 with warnings), 1 failed."
    )
    assert page.locator(".problems li").inner_text().startswith("u00007 failed: check40 of pg_")
    assert [one.get_attribute("open") for one in page.locator("details").all()] == ["", None, None]
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 800})
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        # Each row of a phone is a paragraph, which nothing cuts.
        assert page.evaluate("""[...document.querySelectorAll('.files')].every(
            box => box.scrollWidth <= box.clientWidth)""")
        page.screenshot(path=tmp_path / f"{width}.png")
    page.set_viewport_size({"width": 1280, "height": 800})
    top = """box => { box.scrollTop = 5000;
        return box.querySelector('th').getBoundingClientRect().top
            - box.getBoundingClientRect().top; }"""
    assert 0 <= page.locator(".files").last.evaluate(top) <= 1
    assert asked == [f"file://{file}"]


@pytest.mark.exhaustive
def test_ten_thousand_files_fit_on_a_page(url: str) -> None:
    listed = fleets.entries(10_000)
    with fleets.fleet(url, 10_000) as connection:
        run(connection, "UPDATE bizy_migration.check_results SET status = 'WARNING', "
            "summary = repeat('A long sentence. ', 40) WHERE check_name = 'check3'")  # fmt: skip
        with counted(connection) as statements:
            report = collected(connection, listed)
    assert len(statements) <= 8
    assert {source.verdict for source in report.sources} == {Verdict.WARNED}
    text = render(report, "html")
    assert len(text.encode()) < 4_000_000
    tags = Tags(text)
    assert tags.count("details") == 10
    assert tags.count("tr") == 10_000 + 10 + 1 + 6 + 1
    assert {entry.key for entry in listed} <= set(re.findall(r"u\d{5}", tags.text))
    assert len(render(report, "md")) < 50_000
