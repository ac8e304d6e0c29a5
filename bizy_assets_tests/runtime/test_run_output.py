"""The displays of a run, without a run: lines of text, and the live part of a terminal."""

import logging
import re
from io import StringIO

import pytest
from rich.console import Console

from bizy_assets.core.common.check_result import CheckOutcome
from bizy_assets.core.common.progress import PROGRESS_LOGGER, Progress, log_elapsed
from bizy_assets.core.report.warnings import warning_sentences
from bizy_assets.runtime.plain_output import PlainOutput
from bizy_assets.runtime.run_output import CheckLine, RunEnd
from bizy_assets.terminal.clock import duration
from bizy_assets.terminal.screen import LiveScreen
from bizy_assets_tests.e2e.test_hostile_text import HOSTILE, assert_plain


def plain_lines(capsys: pytest.CaptureFixture[str], *outcomes: CheckOutcome) -> list[str]:
    """Returns what is written of a step with such checks, and of the end of its run."""
    output = PlainOutput()
    for number, outcome in enumerate(outcomes, 1):
        text = f"text {number}"
        output.check(
            CheckLine(asset="pg_tasks", check=f"c{number}", outcome=outcome, text=text, at=0.0)
        )
    output.step_ended("pg_tasks", 0.0, failed=False)
    failed = CheckOutcome.FAILED in outcomes
    output.end(RunEnd(job="verify", at=0.0, reasons=["The reason."] if failed else []))
    written = capsys.readouterr().err.splitlines()
    return [re.sub(r"(in|after) [\d.]+ s", r"\1 N s", line[9:].strip()) for line in written]


@pytest.mark.parametrize(("number", "words"), [(1, "1 check passed"), (7, "7 checks passed")])
def test_passed_checks_of_a_table_are_one_line(
    capsys: pytest.CaptureFixture[str], number: int, words: str
) -> None:
    lines = plain_lines(capsys, *[CheckOutcome.PASSED] * number)
    assert lines == [f"pg_tasks          ok       {words}", "Run verify succeeded in N s."]


def test_each_passed_check_is_a_line_if_wanted(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BIZY_VERBOSE", "1")
    lines = plain_lines(capsys, CheckOutcome.PASSED, CheckOutcome.PASSED)
    assert lines[:-1] == [f"pg_tasks          ok       c{n}: text {n}" for n in (1, 2)]


def test_a_warning_is_written_in_full_and_a_failure_once_at_the_end(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = plain_lines(capsys, CheckOutcome.WARNED, CheckOutcome.FAILED, CheckOutcome.PASSED)
    assert lines == [
        "pg_tasks          WARNING  c1: text 1",
        "pg_tasks          FAILED   c2",
        "pg_tasks          ok       1 check passed",
        "Run verify failed after N s.",
        "The reason.",
    ]


def test_a_kind_of_warning_is_one_sentence_with_its_first_ids() -> None:
    text = (
        "12 rows have a value in title that is refused (ids 6, 39, 42, 51, 76); it is to have 1 to "
        "500 characters. The API may fail; correct these values. 1 row is odd (id 5)."
    )
    assert warning_sentences("pg_tasks", text) == [
        "tasks: 12 rows (ids 6, 39, 42, …) have a value in title that is refused; it is to have 1 "
        "to 500 characters",
        "tasks: 1 row (id 5) is odd",
    ]
    assert warning_sentences("sqlite_backup", "3 rows differ (ids 1, 2, 3).") == [
        "3 rows (ids 1, 2, 3) differ"
    ]
    assert warning_sentences("pg_goals", "Odd. Look at it.") == ["goals: Odd"]


def test_both_warnings_about_the_time_zone_are_kept() -> None:
    better = "Asia/Tokyo would fit better than UTC, which the file's own times contradict (2 times)"
    assumed = "No time zone was chosen for local times, so they are interpreted in UTC"
    assert warning_sentences("sqlite_backup", f"{better}. {assumed}.") == [better, assumed]


@pytest.fixture
def records(monkeypatch: pytest.MonkeyPatch) -> list[logging.LogRecord]:
    """The records of progress that are logged, those for a display too."""
    found: list[logging.LogRecord] = []
    handler = logging.Handler()
    monkeypatch.setattr(handler, "emit", found.append)
    monkeypatch.setattr(PROGRESS_LOGGER, "handlers", [handler])
    monkeypatch.setattr(PROGRESS_LOGGER, "level", logging.DEBUG)
    PROGRESS_LOGGER.manager._clear_cache()  # type: ignore[attr-defined]
    return found


def values(record: logging.LogRecord) -> dict[str, object]:
    names = ("step", "done", "total", "unit", "ended")
    return {name: getattr(record, name) for name in names}


def test_progress_is_numbers_besides_text(records: list[logging.LogRecord]) -> None:
    Progress("tasks copied", 200).add(200)
    counted = {"step": "tasks copied", "total": 200, "unit": "rows"}
    assert [values(record) for record in records] == [
        {**counted, "done": 0, "ended": False},
        {**counted, "done": 200, "ended": True},
    ]
    assert records[-1].getMessage().startswith("tasks copied: 200 of 200 rows (100%), 0 left")
    records.clear()
    with log_elapsed("tasks merged"):
        pass
    timed = {"step": "tasks merged", "done": 0, "total": None, "unit": ""}
    assert [values(record) for record in records] == [
        {**timed, "ended": False},
        {**timed, "ended": True},
    ]


def drawn(screen: LiveScreen, width: int) -> list[str]:
    console = Console(file=StringIO(), width=width, color_system=None)
    with console.capture() as capture:
        console.print(screen)
    return capture.get().splitlines()


@pytest.mark.parametrize("width", [40, 80, 110])
def test_the_live_part_has_a_line_for_each_step_and_no_text_of_others(
    records: list[logging.LogRecord], width: int
) -> None:
    screen = LiveScreen()
    screen.begin("pg_goals")
    screen.describe("pg_goals", HOSTILE)
    screen.finish("pg_goals")
    screen.begin("pg_tasks")
    Progress("tasks copied", 1_000_000).add(999)
    screen.advance(records[-1])
    lines = drawn(screen, width)
    assert len(lines) == 2
    assert max(map(len, lines)) < width
    assert_plain("\n".join(lines))
    if width >= 80:
        assert re.search(r"pg_tasks +copied +━* +0% of 1,000,000", lines[1]), lines[1]


def test_durations_are_readable() -> None:
    assert [duration(seconds) for seconds in (3.21, 245.2)] == ["3.2 s", "4 min 5 s"]
