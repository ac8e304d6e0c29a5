"""The report: one page in metadata, one file to keep, and the last lines on the terminal."""

import csv
import os
import re
import shutil
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import dagster as dg
import psycopg2
import pytest
from playwright.sync_api import Page, expect

from bizy_assets.core.common.check_result import CheckOutcome
from bizy_assets.core.common.row_counts import RowCounts
from bizy_assets.core.common.text import decode, quantity
from bizy_assets.core.common.user_command import user_command
from bizy_assets.core.contracts.tables import CONTRACTS
from bizy_assets.core.postgres.urls import describe_url, parse_url, url_template
from bizy_assets.core.reconcile import remedies
from bizy_assets.core.report.model import (
    Adjustment,
    Evaluation,
    Example,
    History,
    MovedRows,
    Owner,
    RejectedValue,
    Rejection,
    Report,
)
from bizy_assets.core.report.render import render
from bizy_assets.core.source.snapshot import Snapshot
from bizy_assets.core.state.runs import Run, TableLoad
from bizy_assets.core.state.sources import Source
from bizy_assets_tests.support import bizy_files
from bizy_assets_tests.support.browsers import page
from bizy_assets_tests.support.commands import module, run_job
from bizy_assets_tests.support.migrations import Migration
from bizy_assets_tests.support.owners import password_in
from bizy_assets_tests.support.servers import history_of, password_of

# Tests name this fixture as a parameter.
__all__ = ["page"]

HEADER = ["table", "in Bizy", "in PostgreSQL", "inserted", "adjusted values", "seconds"]
NEXT = ["psql", "reset-password", "verify", "migrate", "rollback"]
VOID = {"meta"}


class Tree(HTMLParser):
    """What a page consists of: its tags with their attributes, its tables, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.tables: list[list[list[str]]] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self._open.append(tag)
        if tag == "table":
            self.tables.append([])
        if tag == "tr":
            self.tables[-1].append([])
        if tag in {"td", "th"}:
            self.tables[-1][-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self._open:
            self.texts.append(data)
        if {"td", "th"} & set(self._open):
            self.tables[-1][-1][-1] += data


def reports() -> list[Path]:
    """Returns the files, the oldest first."""
    files = (Path(os.environ["BIZY_HOME"]) / "reports").glob("migration_*.html")
    return sorted(files, key=lambda file: file.stat().st_mtime_ns)


def last_report() -> Tree:
    return Tree(reports()[-1].read_text())


def told(output: str) -> list[str]:
    """Returns what the report says on the terminal, which must be all that comes last."""
    lines = [line[9:] for line in output.splitlines() if re.match(r"\d\d:\d\d:\d\d ", line)]
    assert re.match(r"Run migrate succeeded in .+: 42 checks", lines.pop().strip())
    first = next(n for n, line in enumerate(lines) if line.startswith("migration_report"))
    assert all(line.startswith("migration_report  ") for line in lines[first:])
    sentence, *others = (line.removeprefix("migration_report  ") for line in lines[first:])
    assert all(line.startswith("  ") for line in others)
    return [sentence, *(line[2:] for line in others)]


def markdown_tables(text: str) -> list[list[list[str]]]:
    found: list[list[list[str]]] = [[]]
    for line in text.splitlines():
        if line.startswith("|"):
            cells = re.split(r"(?<!\\)\|", line)[1:-1]
            found[-1].append([re.sub(r"\\(.)", r"\1", cell.strip(" *`")) for cell in cells])
        elif found[-1]:
            found.append([])
    return [[table[0], *table[2:]] for table in found if table]


def plain(page: Tree) -> str:
    """Returns the text of a page with single spaces."""
    return " ".join(" ".join(page.texts).split()).replace(" :", ":")


def row(table: list[list[str]], *first: str) -> dict[str, str]:
    """Returns the row that begins so, by column."""
    [cells] = [cells for cells in table if cells[: len(first)] == list(first)]
    return dict(zip(table[0], cells, strict=True))


@pytest.fixture
def history(migration: Migration, monkeypatch: pytest.MonkeyPatch) -> str:
    address = history_of(migration.server)
    monkeypatch.setenv("DAGSTER_POSTGRES_URL", address)
    return address


def test_a_command_ends_with_the_report_and_keeps_it_in_a_file(
    migration: Migration, history: str
) -> None:
    ran = run_job()
    assert ran.status == 0, ran.error
    lines = told(ran.error)
    [file] = reports()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE((file.parent / "index.html").stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    where = f"127.0.0.1:{migration.server.port}/{migration.database}"
    assert lines[0] == "All 198 rows are in PostgreSQL, with 3 warnings."
    assert lines[1].startswith(f"From {migration.source}, as of ")
    assert lines[1].endswith(f"into {where}.")
    titles = ["table", "in Bizy", "in PostgreSQL", "inserted", "adjusted values", "seconds"]
    assert re.split("  +", lines[2]) == titles
    assert lines[4].split()[:-2] == ["tasks", "149", "149", "149", "14"]
    assert lines[9].split()[:-2] == ["all", "198", "198", "198", "15"]
    assert lines[10] == (
        "42 checks: 40 passed, 2 gave 3 warnings (orphans of sqlite_backup, backend_accepts of "
        "pg_tasks), 0 failed."
    )
    [password_file] = (file.parent.parent / "passwords").iterdir()
    assert lines[11:] == [
        f"password of admin@bizy.local (user 1): {password_file}",
        f"for the backend: DATABASE_URL=postgresql://USER:PASSWORD@{where}",
        f"report: {file}",
        f"verify again: {user_command('verify')}",
        f"undo: {user_command('rollback')}",
    ]
    secrets = [password_in(password_file), migration.server.password, password_of(history)]
    assert not [secret for secret in secrets if secret in file.read_text()]


def test_the_file_needs_nothing_else_and_says_what_the_terminal_says(
    migration: Migration, capsys: pytest.CaptureFixture[str]
) -> None:
    migration.migrate()
    lines = told(capsys.readouterr().err)
    page = last_report()
    text = " ".join(page.texts)
    for line in (*lines[:2], lines[10], "America/Los_Angeles (configured)"):
        assert line in text
    figures, checks = page.tables
    assert figures[0] == HEADER
    assert ["".join(cells).replace(" ", "") for cells in figures[1:]] == [
        line.replace(" ", "") for line in lines[3:10]
    ]
    assert len(checks) == 1 + 42
    assert checks[1][:3] == ["sqlite_backup", "orphans", "WARNING"]
    assert checks[2][:3] == ["pg_tasks", "backend_accepts", "WARNING"]
    assert {cells[2] for cells in checks[3:]} == {"ok"}
    assert "14 tasks refer to a parent goal that does not exist" in checks[1][3]
    [(first, raw)] = migration.query(
        "SELECT row_id, raw FROM bizy_migration.repairs WHERE table_name = 'tasks' "
        "ORDER BY 1 LIMIT 1"
    )
    assert f"id {first}: {raw} → NULL" in plain(page)
    assert "more; all are in bizy_migration.repairs" in plain(page)
    assert "14 values of tasks.parent_goal_id: the row refers to a goal" in text
    assert [name for name in NEXT if user_command(name) in text] == NEXT
    loading = {"script", "link", "img", "iframe", "image"}
    assert {tag for tag, _ in page.tags} & loading == set()
    assert [given for tag, given in page.tags if tag == "a"] == [{"href": "index.html"}]
    policy = {"http-equiv": "Content-Security-Policy",
              "content": "default-src 'none'; style-src 'unsafe-inline'"}  # fmt: skip
    assert ("meta", policy) in page.tags
    attributes = " ".join(value for _, given in page.tags for value in given.values())
    assert not re.search(r"https?:|//|url\(|^on|javascript", attributes)
    assert not re.search(r"url\(|@import", reports()[0].read_text())
    assert len([tag for tag, _ in page.tags if tag == "svg"]) == len(figures) - 2


@pytest.mark.core
def test_the_metadata_say_what_the_file_says(migration: Migration) -> None:
    outcome = migration.migrate()
    metadata = outcome.metadata("migration_report")
    assert markdown_tables(metadata["report"]) == last_report().tables[:1]
    # One screen of the UI.
    assert len(metadata["report"].splitlines()) <= 45
    assert metadata["file"] == str(reports()[0])
    run = outcome.result.run_id[:8]
    assert re.fullmatch(rf"migration_\d{{8}}_\d{{6}}_{run}\.html", reports()[0].name)
    seconds = sum(outcome.metadata(f"pg_{table}")["seconds"] for table in (
        "goals", "tasks", "daily_logs", "research", "metrics", "business_plans"))  # fmt: skip
    assert metadata.pop("seconds") == pytest.approx(seconds)
    assert metadata.pop("rows_per_second") == round(198 / seconds)
    assert {name: value for name, value in metadata.items() if isinstance(value, int)} == {
        "inserted": 198, "updated": 0, "unchanged": 0, "rows_left_out": 0, "checks_warned": 2,
        "checks_failed": 0,
    }  # fmt: skip


def test_bad_rows_are_named_and_their_values_are_no_markup(migration: Migration) -> None:
    migration.setenv(BIZY_ON_BAD_ROW="quarantine")
    for statement in (
        "UPDATE tasks SET priority = '<b>x</b>|`*', notes = CAST(x'ff00fe' AS TEXT) WHERE id = 5",
        "UPDATE tasks SET project_name = printf('%.*c', 300, 'ü') WHERE id = 9",
        "UPDATE goals SET horizon = 'a' || char(0, 10, 8238) || 'b' WHERE id = 3",
    ):
        bizy_files.change(migration.source, statement)
    outcome = migration.migrate()
    page, metadata = last_report(), outcome.metadata("migration_report")
    [bad] = [table for table in page.tables if "reason" in table[0]]
    assert [(*cells[:4], cells[5]) for cells in bad[1:]] == [
        ("goals", "id 3", "horizon", "a\\x00\\n\\u202eb", "nul_character"),
        ("tasks", "id 5", "notes", "0xff00fe", "not_utf8"),
        ("tasks", "id 5", "priority", "<b>x</b>|`*", "wrong_storage_type"),
        ("tasks", "id 9", "project_name", "ü" * 60 + "…", "text_too_long"),
    ]
    text = plain(page)
    assert "Rows left out 3 of 198 rows were rejected and are not in PostgreSQL." in text
    assert "198 rows in Bizy 195 rows in PostgreSQL" in text
    assert "1 value of tasks.notes rejected: text that is not valid UTF-8. not_utf8" in text
    assert "id 5: 0xff00fe" in text
    assert "b" not in {tag for tag, _ in page.tags}
    figures = page.tables[0]
    assert row(figures, "tasks")["rejected rows"] == "2"
    assert row(figures, "tasks")["in PostgreSQL"] == "147"
    assert row(figures, "all")["rejected rows"] == "3"
    assert metadata["rows_left_out"] == 3
    assert metadata["checks_warned"] == 5
    assert "\\<b\\>x\\</b\\>\\|\\`\\*" in metadata["report"]
    assert metadata["report"].startswith("**3 of 198 rows were rejected and are not in Postgre")
    listed = reports()[-1].with_name(f"rejected_{outcome.result.run_id[:8]}.csv")
    assert "1. Fix the 3 rejected rows in Bizy, listed in:" in metadata["report"]
    assert str(listed) in metadata["report"]
    assert stat.S_IMODE(listed.stat().st_mode) == 0o600
    with listed.open(newline="") as stream:
        rejected = list(csv.DictReader(stream))
    assert [(one["table"], one["id"], one["rule"], one["value"]) for one in rejected] == [
        ("goals", "3", "nul_character", "a\0\n\u202eb"),
        ("tasks", "5", "not_utf8", "0xff00fe"),
        ("tasks", "5", "wrong_storage_type", "<b>x</b>|`*"),
        # Of a longer value only the first bytes are listed.
        ("tasks", "9", "text_too_long", "ü" * 160),
    ]
    assert {one["meaning"] for one in rejected} >= {"text that is not valid UTF-8"}


def test_skipped_rows_are_left_out_too(migration: Migration) -> None:
    migration.load("goals")
    skip = {"resources": {"target": {"config": {"skip_ids": {"tasks": [7, 8]}}}}}
    outcome = migration.run(run_config=skip)
    assert outcome.success, outcome.sentences
    metadata = outcome.metadata("migration_report")
    assert metadata["rows_left_out"] == 2
    text = plain(last_report())
    assert "Rows left out 2 of 198 rows are not in PostgreSQL: 2 skipped by skip_ids." in text
    assert "2 rows of tasks excluded by the setting skip_ids. skipped_id id 7: 7 id 8: 8" in text
    assert "To load the 2 rows that skip_ids excludes, remove the ids from the setting." in text


@pytest.mark.migrated
def test_a_second_run_tells_what_was_kept_and_leaves_the_first_report(
    migration: Migration,
) -> None:
    [first] = reports()
    before = first.read_bytes()
    migration.query("UPDATE tasks SET title = 'edited' WHERE id IN (11, 12, 13)")
    migration.query("DELETE FROM tasks WHERE id = 14")
    bizy_files.change(migration.source, "UPDATE tasks SET title = 'new' WHERE id > 139")
    bizy_files.change(migration.source, "DELETE FROM tasks WHERE id IN (13, 20)")
    metadata = migration.migrate().metadata("migration_report")
    assert first.read_bytes() == before
    [second] = set(reports()) - {first}
    page = Tree(second.read_text())
    tasks = row(page.tables[0], "tasks")
    assert tasks["seconds"].endswith(" s")
    assert {name: count for name, count in tasks.items() if name != "seconds"} == {
        "table": "tasks", "in Bizy": "147", "in PostgreSQL": "146", "updated": "10",
        "unchanged": "134", "preserved edits": "2", "preserved deletions": "1",
        "deleted": "1", "retained": "1", "adjusted values": "14",
    }  # fmt: skip
    assert (metadata["updated"], metadata["unchanged"]) == (10, 183)
    text = plain(page)
    headline = "195 of 196 rows are in PostgreSQL, 1 was deleted there, with 7 warnings."
    assert f"Complete with warnings {headline}" in text
    assert "2 rows were edited in PostgreSQL (ids 11, 12); edits are preserved." in text
    assert "id 12, title: 'Multi\\nline title' → 'edited'" in text


@pytest.mark.migrated
def test_alone_it_tells_of_the_last_loads_and_the_last_checks(migration: Migration) -> None:
    [(title,)] = migration.query("SELECT title FROM tasks WHERE id = 77")
    migration.query("UPDATE tasks SET title = 'edited' WHERE id = 77")
    assert not migration.run("verify").success
    migration.materialize("sqlite_backup")
    outcome = migration.materialize("migration_report")
    assert outcome.success, outcome.sentences
    metadata = outcome.metadata("migration_report")
    page = last_report()
    figures, checks = page.tables
    assert row(figures, "tasks")["inserted"] == "149"
    assert checks[1][:3] == ["pg_tasks", "content", "FAILED"]
    assert metadata["checks_failed"] == 1
    text = plain(page)
    assert "Failed 1 check failed (content of pg_tasks); all 198 rows are in PostgreSQL." in text
    sentence = f"1 row has a different title (id 77). {remedies.for_changed_values()}"
    assert f"{sentence} content of pg_tasks" in text
    assert f"id 77, title: {title!r} → 'edited'" in text
    accepting = f"migrate again: it accepts the edits and keeps them: {user_command('migrate')}"
    assert accepting in text
    assert "Connect Bizy's web backend" not in text
    # The source's own checks looked at a newer snapshot, which nothing was loaded from.
    assert "4 not run since the load" in text
    assert metadata["seconds"] > 0


@pytest.mark.migrated
def test_checks_and_times_of_another_target_are_not_told(migration: Migration) -> None:
    here = os.environ["DATABASE_URL"]
    migration.setenv(DATABASE_URL=migration.server.create_database("elsewhere"))
    # From the same snapshot, so that only the target tells them apart.
    tables = [f"pg_{contract.table}" for contract in CONTRACTS]
    for assets in (["admin_user"], tables):
        assert migration.materialize(*assets).success
    migration.setenv(DATABASE_URL=here)
    outcome = migration.materialize("migration_report")
    assert outcome.success, outcome.sentences
    metadata = outcome.metadata("migration_report")
    assert metadata["inserted"] == 198
    assert "seconds" not in metadata
    text = plain(last_report())
    assert "38 not run since the load" in text
    assert "198 rows are in PostgreSQL, with 2 warnings, but 38 checks have not" in text
    assert f"as not all checks have run: {user_command('verify')}" in text


def test_before_any_migration_there_is_nothing_to_report(migration: Migration) -> None:
    outcome = migration.materialize("migration_report")
    assert outcome.sentences == [
        f"Nothing was migrated into 127.0.0.1:{migration.server.port}/{migration.database}, so "
        "there is nothing to report; run the job migrate first."
    ]
    assert not reports()


@pytest.mark.migrated
def test_tables_that_were_loaded_alone_are_told_with_their_own_snapshot(
    migration: Migration,
) -> None:
    bizy_files.change(migration.source, "DELETE FROM metrics WHERE id = 1")
    for asset in ("sqlite_backup", "pg_metrics", "migration_report"):
        assert migration.materialize(asset).success
    text = " ".join(last_report().texts)
    assert "goals, tasks, daily_logs, research, business_plans" in text
    assert len(set(re.findall(r"tasks_backup_\w+\.db", text))) == 2
    assert row(last_report().tables[0], "metrics")["deleted"] == "1"


@pytest.mark.migrated
def test_a_users_own_owner_is_named_and_its_password_is_nobodys_business(
    migration: Migration,
) -> None:
    migration.query("UPDATE users SET full_name = 'Ada', email = 'ada@example.org'")
    migration.setenv(DEFAULT_USER_EMAIL="ada@example.org")
    migration.migrate()
    text = " ".join(last_report().texts)
    assert "ada@example.org (user 1); the migration does not know the password" in text
    assert "reset-password" not in text
    assert "/passwords/" not in text


def test_only_a_migration_reports_and_a_rollback_leaves_reports(migration: Migration) -> None:
    assert migration.run("dry_run").success
    assert not reports()
    migration.migrate()
    kept = [(file, file.read_bytes()) for file in reports()]
    assert migration.run("verify").success
    assert migration.run("rollback").success
    assert [(file, file.read_bytes()) for file in reports()] == kept != []


def test_a_failing_check_keeps_it_from_running(migration: Migration) -> None:
    bizy_files.change(migration.source, "UPDATE tasks SET priority = 'high' WHERE id = 5")
    outcome = migration.run()
    assert not outcome.success
    key = dg.AssetKey("migration_report")
    assert migration.instance.get_latest_materialization_event(key) is None
    assert not reports()


@pytest.mark.migrated
def test_a_home_that_cannot_be_written_is_named(migration: Migration) -> None:
    shutil.rmtree(reports()[0].parent)
    place = Path(os.environ["BIZY_HOME"]) / "reports"
    place.write_text("in the way")
    outcome = migration.materialize("migration_report")
    [sentence] = outcome.sentences
    assert sentence.startswith(f"{place}/migration_")
    assert "set BIZY_HOME to a writable folder" in sentence


def test_the_address_of_an_embedded_server_can_be_used_as_it_is_told(alone: Path) -> None:
    ran = module("migrate")
    assert ran.status == 0, ran.error
    [line] = [line for line in told(ran.error) if "DATABASE_URL=" in line]
    connection = psycopg2.connect(line.partition("DATABASE_URL=")[2])
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM tasks")
        assert cursor.fetchone() == (149,)
    connection.close()
    [file] = (alone / "bizy" / "reports").glob("migration_*.html")
    assert "embedded server accepts no other account" in file.read_text()


@pytest.mark.migrated
def test_rows_with_another_id_are_listed_by_both_ids(migration: Migration) -> None:
    assert "other ids" not in plain(last_report())
    # As if rows of these ids had been made in PostgreSQL before they were made in Bizy.
    migration.query(
        "INSERT INTO bizy_migration.id_ranges "
        "SELECT id, t, 100, 399, 1000 FROM bizy_migration.sources, (VALUES ('tasks')) AS v(t)"
    )
    migration.query("UPDATE bizy_migration.ledger_tasks SET id = id + 1000 WHERE id > 124")
    migration.query("UPDATE bizy_migration.ledger_tasks SET state = 'deleted' WHERE id = 1130")
    outcome = migration.materialize("migration_report")
    [moved] = [table for table in last_report().tables if "id in Bizy" in table[0]]
    assert moved[1:] == [
        *(["tasks", str(id_), str(id_ + 1000)] for id_ in range(125, 146) if id_ != 130),
        ["tasks", "and 4 more", "-"],
    ]
    sentence = "24 rows have other ids in PostgreSQL than in Bizy"
    assert sentence in " ".join(last_report().texts)
    assert sentence in outcome.metadata("migration_report")["report"]


@pytest.fixture
def requests(page: Page) -> Iterator[list[str]]:
    """What the page asks for, beside itself."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    yield asked
    assert asked == [f"file://{reports()[-1]}"]


@pytest.mark.usefixtures("requests", "history")
def test_a_browser_shows_it_in_light_and_in_dark(
    migration: Migration, page: Page, tmp_path: Path
) -> None:
    migration.setenv(BIZY_ON_BAD_ROW="quarantine")
    bizy_files.change(migration.source, "UPDATE tasks SET priority = 'high' WHERE id = 5")
    # In a process of its own: the browser's driver has this one's event loop.
    assert run_job().status == 0
    page.goto(f"file://{reports()[-1]}")
    banner = page.locator(".banner")
    expect(banner).to_contain_text("1 of 198 rows was rejected and is not in PostgreSQL.")
    expect(banner).to_contain_text("Fix the rejected row in Bizy")
    grounds = set()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        grounds.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        page.screenshot(path=tmp_path / f"{scheme}.png", full_page=True)
    assert grounds == {"rgb(255, 255, 255)", "rgb(22, 27, 33)"}
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.screenshot(path=tmp_path / f"{width}.png", full_page=True)
    wide, narrow = (
        page.locator(f"svg rect.{kind}").first.bounding_box()["width"]
        for kind in ("inserted", "rejected")
    )
    # On the scale of all tables, the rejected row is one of 149.
    assert wide == pytest.approx(13 * narrow, rel=0.01)
    rejected = page.get_by_role("row", name="tasks id 5 priority high")
    expect(rejected).to_be_hidden()
    page.get_by_text("1 rejected value", exact=True).click()
    expect(rejected).to_be_visible()


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("chief:secret@server:5433/bizy", "server:5433/bizy"),
        ("chief:secret@server/bizy?sslmode=require&passfile=secret", "server:5432/bizy"),
        ("chief:secret@[::1]/bizy", "[::1]:5432/bizy"),
        ("chief:secret@/bizy", "/bizy?host=/var/run/postgresql"),
        ("chief:secret@/bizy?host=server", "server:5432/bizy"),
        ("chief:secret@/bizy?host=%2Ftmp%2Fa%20b%26&password=secret", "/bizy?host=/tmp/a%20b%26"),
        ("chief:secret@:5433/bizy?host=/tmp", ":5433/bizy?host=/tmp"),
        ("chief:secret@/bizy?host=/tmp&port=5433", ":5433/bizy?host=/tmp"),
        ("chief:secret@a:1,b:2/bizy", "/bizy?host=a,b&port=1,2"),
    ],
)
def test_the_address_for_the_backend_holds_neither_user_nor_password(
    address: str, told: str
) -> None:
    url = parse_url(f"postgresql://{address}", variable="DATABASE_URL")
    template = url_template(url, user="USER", password="PASSWORD")
    assert template == f"postgresql://USER:PASSWORD@{told}"
    again = parse_url(template, variable="DATABASE_URL")
    assert describe_url(again) == describe_url(url)


def made(
    text: str = "x",
    counts: RowCounts | None = None,
    outcome: CheckOutcome = CheckOutcome.WARNED,
) -> Report:
    """Makes a report of one table, with a text wherever a text comes from outside."""
    at = datetime(2026, 1, 2, tzinfo=UTC)
    snapshot = Snapshot(path=Path(text), source=Path(text), sha256="ab", taken_at=at)
    source = Source(key=text, path=Path(text), user_id=1)
    run = Run(run_id=text, source=source, snapshot=snapshot, zone=text, tasks_local_since=at)
    evaluation = Evaluation(asset=text, check=text, outcome=outcome, findings=text, at=at)
    example = Example(label=text, before=text, after=text)
    rejected = RejectedValue(table="tasks", id=1, rowid=2, column=text, rule=text, value=text)
    adjusted = Adjustment(
        table="tasks", column=text, rule=text, values=22, ids=[*range(20)], examples=[example]
    )
    rejection = Rejection(table="tasks", column=text, rule=text, values=1, examples=[example])
    return Report(
        file=Path(text),
        created_at=at,
        target=text,
        connection_url=text,
        embedded=False,
        owner=Owner(user_id=1, email=text, created=True, password_file=Path(text)),
        loads=[TableLoad(table="tasks", run=run, loaded_at=at, counts=counts or RowCounts())],
        history=History(seconds={"tasks": 1}, evaluations=[evaluation]),
        adjustments=[adjusted],
        rejections=[rejection],
        rejected_file=Path(text),
        rejected_values=[rejected],
        rejected_value_count=1,
        moved=[MovedRows(table="tasks", rows=2, ids=[(1, 2)])],
    )


def test_one_row_of_a_million_is_seen_in_a_chart() -> None:
    counts = RowCounts(source_rows=1_000_000, inserted=999_999, rejected=1)
    page = Tree(render(made(counts=counts), "html"))
    widths = {given["class"]: float(given["width"]) for tag, given in page.tags if tag == "rect"}
    assert widths == {"track": 100, "part inserted": 99.6, "part rejected": 0.4}
    assert "tasks, rejected rows: 1" in page.texts


def test_a_chart_of_an_empty_table_has_no_parts() -> None:
    page = Tree(render(made(), "html"))
    assert [given["class"] for tag, given in page.tags if tag == "rect"] == ["track"]


HOSTILE = "<b>x</b>&lt;\"'{{ 1 }}{% x %}|`*_[a](b)~\\\n# c\u202e"


def test_no_value_is_markup_in_html() -> None:
    page, plain = (Tree(render(made(text), "html")) for text in (HOSTILE, "x"))
    assert [tag for tag, _ in page.tags] == [tag for tag, _ in plain.tags]
    assert [list(given) for _, given in page.tags] == [list(given) for _, given in plain.tags]
    shown = HOSTILE.replace("\n", "\\n").replace("\u202e", "\\u202e")
    places = "".join(plain.texts).count("x")
    assert "".join(page.texts).count(shown) >= 15
    assert "".join(page.texts).replace(shown, "x").count("x") == places


def test_no_value_is_markup_in_markdown() -> None:
    page, plain = (render(made(text), "md") for text in (HOSTILE, "x"))
    assert len(page.splitlines()) == len(plain.splitlines())
    shown = HOSTILE.replace("\n", "\\n").replace("\u202e", "\\u202e")
    escaped = re.sub(r"[\\`*_\[\]<>|&~]", r"\\\g<0>", shown)
    code = [line for line in page.splitlines() if line.startswith("      ")]
    assert [line.strip() for line in code].count(shown) == 1
    assert f"DATABASE_URL={shown}" in code[1]
    rest = "\n".join(line for line in page.splitlines() if line not in code).replace("`ab`", "")
    assert rest.count(escaped) >= 15
    assert not re.search(r"(?<!\\)[<>`~\[]", rest)
    assert all(len(line) == len(table[0]) for table in markdown_tables(page) for line in table)


@pytest.mark.parametrize(
    ("number", "expected"), [(0, "0 rows"), (1, "1 row"), (2, "2 rows"), (2000, "2,000 rows")]
)
def test_a_count_agrees_with_its_noun(number: int, expected: str) -> None:
    assert quantity(number, "row") == expected


@pytest.mark.parametrize(
    ("raw", "cut", "expected"),
    [
        (b"a\xc3\xbc", False, "a\u00fc"),
        (b"a\xc3", True, "a"),
        (b"a\xc3", False, "0x61c3"),
        (b"\xff", True, "0xff"),
    ],
)
def test_bytes_are_text_or_else_hexadecimal(raw: bytes, cut: bool, expected: str) -> None:
    assert decode(raw, cut=cut) == expected
