"""The start page of the UI: the state of the target, and links that lead to what it names."""

import re
from types import SimpleNamespace

import dagster as dg
import pytest

from bizy_assets.core.settings import bizy_home
from bizy_assets.definitions import defs
from bizy_assets.runtime import START_PATH
from bizy_assets.runtime.start_page import REPORTS_PATH, report_file
from bizy_assets.runtime.webserver import ProtectedWebserver
from bizy_assets_tests.support import bizy_files
from bizy_assets_tests.support.migrations import Migration
from bizy_assets_tests.support.requests import ask

LOCAL = {"host": "127.0.0.1:3000"}


def get(instance: dg.DagsterInstance, path: str = START_PATH, prefix: str = "") -> tuple[int, str]:
    """Asks the protected webserver for a page of its own."""
    context = SimpleNamespace(instance=instance)
    app = ProtectedWebserver(context, app_path_prefix=prefix).create_asgi_app()
    status, text, headers = ask(app, "GET", path, LOCAL)
    if status == 200:
        assert headers["content-security-policy"].startswith("default-src 'none';")
        assert headers["x-frame-options"] == "SAMEORIGIN"
    return status, text


def headline(text: str) -> tuple[str, str]:
    """Returns the colour and the first sentence of the page."""
    [found] = re.findall(r'<div class="state (\w+)">\s*<p class="first">(.*?)</p>', text, re.DOTALL)
    return found


def highlighted(text: str) -> list[str]:
    return re.findall(r'class="next"><strong>(.*?)</strong>', text)


def test_it_says_what_to_do_before_anything_has_run(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SQLITE_DB_PATH", "/nowhere/<b>tasks.db")
    monkeypatch.setenv("DATABASE_URL", "postgresql://clerk:geheim@db.example:5433/bizy")
    status, text = get(instance)
    assert status == 200
    assert headline(text) == ("grey", "Nothing has been migrated yet.")
    assert highlighted(text) == ["Migrate"]
    assert 'class="problem">/nowhere/&lt;b&gt;tasks.db (not found)</td><td>SQLITE_DB_PATH<' in text
    assert "<td>db.example:5433/bizy</td><td>DATABASE_URL</td>" in text
    assert "geheim" not in text
    assert "<script" not in text


def test_its_links_lead_to_jobs_and_assets_that_exist(instance: dg.DagsterInstance) -> None:
    links = re.findall(r'href="([^"]*)"', get(instance)[1])
    jobs = {link.split("/")[1] for link in links if link.startswith("guess/")}
    assert jobs == {"dry_run", "migrate", "verify", "rollback"}
    assert jobs <= {job.name for job in defs.jobs or []}
    assets = {link.split("/")[1] for link in links if link.startswith("assets/")}
    assert assets == {"migration_report"}
    # Relative, so that they also work below the path of a proxy.
    assert not [link for link in links if link.startswith("/") or "//" in link]
    assert get(instance, f"/ui{START_PATH}", "/ui")[0] == 200


def test_an_invalid_setting_stands_where_its_value_would(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BIZY_ON_BAD_ROW", "ignore")
    status, text = get(instance)
    assert status == 200
    assert text.count("BIZY_ON_BAD_ROW is &#39;ignore&#39;; set it to fail or quarantine.") == 1


@pytest.mark.migrated
def test_it_reports_the_rows_and_the_last_run(migration: Migration) -> None:
    instance = migration.instance
    _, text = get(instance)
    target = f"127.0.0.1:{migration.server.port}/{migration.database}"
    # As the banner of its report.
    assert headline(text) == ("amber", f"198 migrated rows are in {target}, with warnings.")
    assert highlighted(text) == ["Verify"]
    assert "The last run, migrate, succeeded on " in text
    [report] = re.findall(r'href="(start/reports/migration_[^"]*)"', text)
    status, page = get(instance, f"/{report}")
    assert (status, target in page) == (200, True)

    migration.query("UPDATE tasks SET title = '<i>by hand' WHERE id = 20")
    assert not migration.run("verify").success
    color, _ = headline(text := get(instance)[1])
    assert color == "red"
    assert "The last run, verify, failed on " in text
    assert "1 row has a different title (id 20)" in text
    assert "<i>" not in text
    assert highlighted(text) == []


def test_it_says_what_to_do_about_a_failed_run_before_its_reason(migration: Migration) -> None:
    for column in ("priority", "estimated_hours", "actual_hours", "parent_goal_id"):
        bizy_files.change(migration.source, f"UPDATE tasks SET {column} = 'x' WHERE id = 20")
    assert not migration.run().success
    _, text = get(migration.instance)
    action, reason = re.findall(r"<p>(<b>What to do:.*?|/.*?)</p>", text, re.DOTALL)
    assert action.startswith("<b>What to do:</b> Fix the values in Bizy, or leave their rows out:")
    assert reason.startswith(f"{migration.source} holds 4 values in 1 row ")
    assert "All are listed in " in reason
    assert text.count("Fix the values in Bizy") == 1


@pytest.mark.migrated
@pytest.mark.parametrize(
    ("verdict", "color"),
    [("complete", "green"), ("rows left out", "red"), ("failed", "red"), (None, "green")],
)
def test_its_color_is_that_of_the_last_report(
    migration: Migration, verdict: str | None, color: str
) -> None:
    # A report of an earlier release has no verdict.
    metadata = {} if verdict is None else {"verdict": verdict}
    migration.instance.report_runless_asset_event(
        dg.AssetMaterialization("migration_report", metadata=metadata)
    )
    assert headline(get(migration.instance)[1])[0] == color


def test_only_reports_are_served(instance: dg.DagsterInstance) -> None:
    folder = bizy_home() / "reports"
    folder.mkdir(parents=True)
    (folder / "a.html").write_text("a report")
    (folder / "a.csv").write_text("secret")
    (folder / "b.html").symlink_to(folder / "a.csv")
    (folder.parent / "c.html").write_text("secret")
    assert get(instance, f"{REPORTS_PATH}/a.html") == (200, "a report")
    for name in ("a.csv", "b.html", "c.html", "..", "none.html"):
        assert get(instance, f"{REPORTS_PATH}/{name}") == (404, "There is no such report."), name
    for name in ("../c.html", "..\\c.html", "", "a.html/", "/etc/passwd"):
        assert report_file(name) is None, name
