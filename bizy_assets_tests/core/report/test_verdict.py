"""The verdict of a report: what is in PostgreSQL first, and next steps that fit it."""

from dataclasses import replace
from pathlib import Path

import pytest

from bizy_assets.core.common import user_command
from bizy_assets.core.common.check_result import CheckOutcome
from bizy_assets.core.common.row_counts import RowCounts
from bizy_assets.core.contracts.tables import CONTRACTS
from bizy_assets.core.reconcile.cell_diff import CONTENT
from bizy_assets.core.report.model import COMPARED, Evaluation, History, Report, Verdict
from bizy_assets.core.report.render import render, save
from bizy_assets.core.report.rules import ADJUSTMENTS
from bizy_assets.core.report.terminal import terminal_summary
from bizy_assets.core.report.verdict import headline, next_steps
from bizy_assets.core.transform import convert, id_lists, timestamps
from bizy_assets.core.validation.time_zone import BETTER, IS_CHOSEN, TIME_ZONE, USED, ZONES
from bizy_assets_tests.core.report.test_report import Tree, made, plain

PASSED, WARNED = CheckOutcome.PASSED, CheckOutcome.WARNED
FAILED, NOT_RUN = CheckOutcome.FAILED, CheckOutcome.NOT_RUN


def judged(*outcomes: CheckOutcome, missing: int = 0, skipped: int = 0, **counts: int) -> Report:
    """Makes a report of one table with these checks of its content."""
    figures = {"missing in PostgreSQL": missing}
    evaluations = [
        Evaluation(
            asset="pg_tasks", table="tasks", check=CONTENT, outcome=outcome, findings="Odd.",
            figures=figures,
        )
        for outcome in outcomes
    ]  # fmt: skip
    report = made(counts=RowCounts(source_rows=sum(counts.values()), **counts))
    history = History(seconds={}, evaluations=evaluations)
    return replace(report, history=history, rejections=(), skipped_rows=skipped)


CASES = [
    (judged(PASSED, PASSED, inserted=9), Verdict.COMPLETE,
     "All 9 rows are in PostgreSQL, and all 2 checks passed."),
    (judged(PASSED, updated=1), Verdict.COMPLETE,
     "The only row is in PostgreSQL, and the only check passed."),
    (judged(PASSED), Verdict.COMPLETE, "The Bizy file has no rows, and the only check passed."),
    (judged(WARNED, unchanged=5, preserved_edits=4), Verdict.WARNINGS,
     "All 9 rows are in PostgreSQL, with 1 warning."),
    (judged(PASSED, NOT_RUN, inserted=9), Verdict.WARNINGS,
     "All 9 rows are in PostgreSQL, but 1 check has not run."),
    (judged(WARNED, inserted=8, preserved_deletions=1), Verdict.WARNINGS,
     "8 of 9 rows are in PostgreSQL, 1 was deleted there, with 1 warning."),
    (judged(WARNED, inserted=8, rejected=1), Verdict.LEFT_OUT,
     "1 of 9 rows was rejected and is not in PostgreSQL."),
    (judged(WARNED, inserted=4, rejected=4, preserved_deletions=1, skipped=3), Verdict.LEFT_OUT,
     "5 of 9 rows are not in PostgreSQL: 1 rejected, 3 skipped by skip_ids, 1 deleted there."),
    (judged(FAILED, inserted=9), Verdict.FAILED,
     "1 check failed (content of pg_tasks); all 9 rows are in PostgreSQL."),
    (judged(FAILED, FAILED, inserted=9, missing=2), Verdict.FAILED,
     "2 checks failed; 2 of 9 rows are missing in PostgreSQL."),
]  # fmt: skip


@pytest.mark.parametrize(("report", "verdict", "sentence"), CASES)
def test_the_headline_counts_what_is_in_postgresql(
    report: Report, verdict: Verdict, sentence: str
) -> None:
    assert (report.verdict, headline(report)) == (verdict, sentence)
    for form in ("html", "md"):
        assert sentence in render(report, form)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("outcomes", "failures"),
    [((PASSED, WARNED), "no check failed"), ((PASSED, FAILED), "1 of 2 checks failed")],
)
def test_the_figures_say_whether_a_check_failed(
    outcomes: tuple[CheckOutcome, ...], failures: str
) -> None:
    report = judged(*outcomes, inserted=9)
    compared = [replace(one, figures={COMPARED: 90}) for one in report.history.evaluations]
    report = replace(report, history=replace(report.history, evaluations=compared))
    assert f"180 values compared, {failures}" in plain(Tree(render(report, "html")))


def test_a_verdict_has_its_color_and_its_own_next_steps() -> None:
    pages = {report.verdict: Tree(render(report, "html")) for report, *_ in CASES}
    banners = {
        verdict: [given["class"] for tag, given in page.tags if tag == "header"]
        for verdict, page in pages.items()
    }
    assert banners == {
        Verdict.FAILED: ["banner red"],
        Verdict.LEFT_OUT: ["banner red"],
        Verdict.WARNINGS: ["banner amber"],
        Verdict.COMPLETE: ["banner green"],
    }
    first = {report.verdict: next_steps(report)[0] for report, *_ in CASES}
    assert "migrate again: it accepts the edits" in first[Verdict.FAILED][0]
    assert first[Verdict.LEFT_OUT][0].startswith("Fix the rejected row in Bizy, listed in:")
    assert first[Verdict.LEFT_OUT][1] == "x"
    assert str(first[Verdict.COMPLETE][1]).endswith("bizy-assets psql")
    for report, *_ in CASES:
        commands = [command for _, command in next_steps(report) if command]
        assert len(commands) == len(set(commands))
        assert commands[-1].endswith("rollback")


@pytest.mark.parametrize(
    ("origin", "is_assumed"),
    [(None, False), ("configured", False), ("this machine's zone, as nobody set one", True)],
)
def test_a_zone_that_nobody_chose_is_in_the_banner(origin: str | None, is_assumed: bool) -> None:
    report = judged(PASSED, inserted=9)
    [load] = report.loads
    run = replace(load.run, zone="Europe/Berlin", zone_origin=origin)
    report = replace(report, loads=[replace(load, run=run)])
    sentence = "Nobody chose a time zone: local times were read in Europe/Berlin"
    assert (sentence in plain(Tree(render(report, "html")))) is is_assumed
    assert (sentence in render(report, "md")) is is_assumed
    confirming = [code for _, code in next_steps(report) if code and "--timezone" in code]
    assert bool(confirming) is is_assumed


@pytest.mark.parametrize("origin", ["configured", "this machine's zone, as nobody set one"])
@pytest.mark.parametrize(
    "report",
    [
        judged(PASSED, inserted=9),
        judged(WARNED, inserted=8, rejected=1),
        judged(WARNED, inserted=8, rejected=1, skipped=1),
        judged(FAILED, inserted=9),
    ],
)
def test_a_zone_that_fits_better_is_proposed_on_the_page_and_on_a_terminal(
    report: Report, origin: str
) -> None:
    [load] = report.loads
    run = replace(load.run, zone="Europe/Berlin", zone_origin=origin)
    row = {USED: "Europe/Berlin", IS_CHOSEN: "yes" if origin == "configured" else "no",
           BETTER: "Asia/Tokyo"}  # fmt: skip
    found = Evaluation(
        asset="sqlite_backup", check=TIME_ZONE, outcome=WARNED, tables={ZONES: [row]}
    )
    evaluations = [*report.history.evaluations, found]
    history = replace(report.history, evaluations=evaluations)
    report = replace(report, history=history, loads=[replace(load, run=run)])
    proposed = user_command("migrate", "--timezone", "Asia/Tokyo")
    for steps in (next_steps(report), terminal_summary(report).steps):
        texts = [text for text, command in steps if command == proposed]
        assert len(texts) == 1, steps
        assert "if" in texts[0].lower()
        assert "Asia/Tokyo" in texts[0]
    confirming = user_command("migrate", "--timezone", "Europe/Berlin")
    confirmed = [text for text, command in next_steps(report) if command == confirming]
    assert bool(confirmed) is (origin != "configured")
    assert confirming not in [command for _, command in terminal_summary(report).steps]


@pytest.mark.parametrize(
    ("values", "zones", "sentence"),
    [
        (0, ["Asia/Tokyo"], "Local times were read in Asia/Tokyo and stored as UTC; no value was "
         "adjusted."),
        (1, ["Asia/Tokyo", "Asia/Tokyo"], "in Asia/Tokyo and stored as UTC; 1 value was adjusted, "
         "as shown below."),
        (1200, ["UTC", "Asia/Tokyo"], "in Asia/Tokyo and UTC and stored as UTC; 1,200 values were "
         "adjusted, as shown below."),
    ],
)  # fmt: skip
def test_the_first_screen_names_the_zone_and_counts_adjusted_values(
    values: int, zones: list[str], sentence: str
) -> None:
    report = judged(PASSED, inserted=9)
    [load], [adjusted] = report.loads, report.adjustments
    report = replace(
        report,
        loads=[
            replace(load, table=table, run=replace(load.run, zone=zone))
            for table, zone in zip(("tasks", "goals"), zones, strict=False)
        ],
        adjustments=[replace(adjusted, values=values)] if values else [],
    )
    # Before the first heading, below the figures.
    assert sentence in render(report, "html").partition("<h2>")[0]
    assert sentence in render(report, "md").partition("|")[0]


def test_every_rule_that_adjusts_values_is_explained() -> None:
    modules = (convert, id_lists, timestamps)
    texts = {
        value
        for module in modules
        for name, value in vars(module).items()
        if name.isupper() and isinstance(value, str) and value.replace("_", "").isalpha()
    }
    assert set(ADJUSTMENTS) == texts


def test_columns_that_are_all_zero_are_left_out() -> None:
    report = judged(PASSED, inserted=9)
    [figures] = [table for table in Tree(render(report, "html")).tables if "in Bizy" in table[0]]
    assert figures[0] == ["table", "in Bizy", "in PostgreSQL", "inserted", "adjusted values"]


def test_bars_compare_tables_on_one_scale() -> None:
    report = judged(PASSED, inserted=100)
    [load] = report.loads
    small = replace(load, table=CONTRACTS[0].table, counts=RowCounts(source_rows=25, inserted=25))
    page = Tree(render(replace(report, loads=[small, load]), "html"))
    parts = [float(given["width"]) for tag, given in page.tags
             if tag == "rect" and given["class"] == "part inserted"]  # fmt: skip
    assert parts == [25, 100]


def test_the_index_lists_reports_newest_first_and_those_of_earlier_releases(
    tmp_path: Path,
) -> None:
    (tmp_path / "migration_20240102_030405_abcdef01.html").write_text("<p>old</p>")
    hostile = "<b>x</b>\"'&amp;"
    for day, report in ((3, CASES[0][0]), (4, CASES[6][0])):
        name = f"migration_2026010{day}_000000_0000000{day}.html"
        at = report.created_at.replace(day=day)
        save(replace(report, file=tmp_path / name, created_at=at, target=hostile))
    index = Tree((tmp_path / "index.html").read_text())
    links = [given["href"] for tag, given in index.tags if tag == "a"]
    assert links == [
        "migration_20260104_000000_00000004.html",
        "migration_20260103_000000_00000003.html",
        "migration_20240102_030405_abcdef01.html",
    ]
    classes = [given["class"] for tag, given in index.tags if tag == "li"]
    assert classes == ["left_out", "complete", "unknown"]
    text = plain(index)
    assert "Rows left out. 1 of 9 rows was rejected and is not in PostgreSQL." in text
    assert f"8 of 9 rows, x → {hostile}" in text
    assert "2024-01-02 03:04:05 migration_20240102_030405_abcdef01.html" in text
    assert "b" not in {tag for tag, _ in index.tags}
