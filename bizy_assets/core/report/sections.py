"""Sentences, tables and charts of the page, the same in every format."""

from collections.abc import Iterable, Iterator, Mapping

from bizy_assets.core.common import CheckOutcome, quantity, row_counts, shorten
from bizy_assets.core.report import findings
from bizy_assets.core.report.charts import Bar, Chart, bar_parts
from bizy_assets.core.report.model import LONGEST_VALUE, Cell, Code, Report, Table, Verdict
from bizy_assets.core.report.rules import REJECTIONS
from bizy_assets.core.report.summary import (
    ADJUSTED,
    IN_SOURCE,
    IN_TARGET,
    checks_sentence,
    figures,
    moment,
    origin,
    shown_counts,
)
from bizy_assets.core.report.verdict import assumed_zone, headline, next_steps
from bizy_assets.core.state import Run, TableLoad

COLORS = {
    Verdict.FAILED: "red",
    Verdict.LEFT_OUT: "red",
    Verdict.WARNINGS: "amber",
    Verdict.COMPLETE: "green",
}
"""The color of the banner with each verdict, a class of the style sheet."""

_PLAIN = {"source_rows", "inserted", "updated", "unchanged"}
"""The counts whose titles need no explanation."""


def sections(report: Report) -> dict[str, object]:
    """Return everything that the templates show, by name."""
    return {
        "title": f"{report.verdict.capitalize()}: migration into {report.target}",
        "meta": page_metadata(report),
        "verdict": report.verdict,
        "color": COLORS[report.verdict],
        "headline": headline(report),
        "origin": origin(report),
        "zone": _zone(report),
        "tiles": list(_tiles(report)),
        "conversion": _conversion(report),
        "groups": findings.groups(report),
        "steps": next_steps(report),
        "figures": figures(report),
        "meanings": meanings(shown_counts(report), is_adjusted=bool(report.adjusted_values)),
        "chart": _chart(report),
        "checks_sentence": checks_sentence(report.history.evaluations),
        "checks": _checks(report),
        "rejected": _rejected(report),
        "rejected_values": _rejected_values(report),
        "moved_rows": _moved_rows(report),
        "origins": list(_origins(report)),
        "rejected_count": quantity(report.rejected_value_count, "rejected value"),
        "file": Code(report.file),
    }


def page_metadata(report: Report) -> dict[str, str]:
    """Return what the index of all reports reads of a page, by the name of its ``meta`` element."""
    snapshot = report.last.snapshot
    return {
        "bizy-verdict": report.verdict.name.lower(),
        "bizy-headline": headline(report),
        "bizy-time": moment(report.created_at),
        "bizy-source": str(snapshot.source),
        "bizy-target": report.target,
        "bizy-rows": f"{report.rows_in_target:,} of {report.rows:,}",
    }


def meanings(names: Iterable[str], *, is_adjusted: bool = True) -> str:
    """Explain the columns of the figures whose titles are not enough."""
    explained = [name for name in names if name not in _PLAIN]
    texts = [(row_counts.TITLES[name], row_counts.COUNT_MEANINGS[name]) for name in explained]
    if is_adjusted:
        texts.append((ADJUSTED, "values, not rows, that a rule changed"))
    return " ".join(f"{title.capitalize()}: {meaning}." for title, meaning in texts)


def _zone(report: Report) -> str:
    """Return a sentence about an assumed time zone, or an empty text."""
    if (zone := assumed_zone(report)) is None:
        return ""
    return f"Nobody chose a time zone: local times were read in {zone}, that of this machine."


def _tiles(report: Report) -> Iterator[tuple[str, str, str]]:
    """Yield three figures, each with its title and a color if it is not as it should be."""
    is_whole = report.rows_in_target == report.rows
    yield f"{report.rows:,}", _noun(report.rows, f"row {IN_SOURCE}", f"rows {IN_SOURCE}"), ""
    there = report.rows_in_target
    noun = _noun(there, f"row {IN_TARGET}", f"rows {IN_TARGET}")
    yield f"{there:,}", noun, "" if is_whole else COLORS[report.verdict]
    passed, failed = (
        len(report.with_outcome(outcome)) for outcome in (CheckOutcome.PASSED, CheckOutcome.FAILED)
    )
    checks = quantity(len(report.history.evaluations), "check")
    if compared := report.values_compared:
        noun = _noun(compared, "value", "values")
        failures = f"{failed:,} of {checks}" if failed else "no check"
        yield f"{compared:,}", f"{noun} compared, {failures} failed", ""
    else:
        yield f"{passed:,}", f"of {checks} passed", ""


def _conversion(report: Report) -> str:
    """Name the time zones of local times, and count the values that rules adjusted."""
    zones = " and ".join(sorted({load.run.zone for load in report.loads}))
    adjusted = "no value was adjusted"
    if number := report.adjusted_values:
        adjusted = f"{quantity(number, 'value was', 'values were')} adjusted, as shown below"
    return f"Local times were read in {zones} and stored as UTC; {adjusted}."


def _noun(number: int, singular: str, plural: str) -> str:
    return singular if number == 1 else plural


def _chart(report: Report) -> Chart:
    """Draw the rows of all tables on one scale."""
    longest = max((load.counts.accounted for load in report.loads), default=0)
    return Chart(
        title="Rows by outcome",
        legend={name: row_counts.TITLES[name] for name in row_counts.ACCOUNTED if report.sum(name)},
        bars=[
            Bar(
                label=load.table,
                note=f"{load.counts.source_rows:,}",
                parts=bar_parts(_parts(load), longest),
            )
            for load in report.loads
        ],
    )


def _parts(load: TableLoad) -> list[tuple[str, str, float]]:
    counts: Mapping[str, int] = vars(load.counts)
    return [
        (name, f"{load.table}, {row_counts.TITLES[name]}: {counts[name]:,}", counts[name])
        for name in row_counts.ACCOUNTED
        if counts[name]
    ]


def _checks(report: Report) -> Table:
    """List the checks, the most urgent first."""
    rows: list[list[Cell]] = [
        [one.asset, one.check, one.outcome, one.findings, moment(one.at) if one.at else None]
        for outcome in CheckOutcome
        for one in report.with_outcome(outcome)
    ]
    return Table(["asset", "check", "outcome", "findings", "at (UTC)"], rows)


def _rejected(report: Report) -> str:
    if not report.rejected_value_count:
        return ""
    first, number = len(report.rejected_values), report.rejected_value_count
    shown = f"; these are the first {first:,}" if first < number else ""
    return (
        f"{quantity(report.rows_left_out, 'row')} left out because of {quantity(number, 'value')}"
        f"{shown}. {report.rejected_file} lists every value, and the table "
        "bizy_migration.rejected_rows has each with its complete row."
    )


def _rejected_values(report: Report) -> Table:
    return Table(
        ["table", "row", "column", "value", "reason", "rule"],
        [
            [
                one.table,
                f"rowid {one.rowid}" if one.id is None else f"id {one.id}",
                one.column,
                None if one.value is None else shorten(one.value, LONGEST_VALUE),
                REJECTIONS.get(one.rule, ""),
                Code(one.rule),
            ]
            for one in report.rejected_values
        ],
    )


def _moved_rows(report: Report) -> Table:
    rows: list[list[Cell]] = []
    for one in report.moved:
        rows += [[one.table, str(before), str(after)] for before, after in one.ids]
        if one.rows > len(one.ids):
            rows.append([one.table, f"and {one.rows - len(one.ids):,} more", None])
    return Table(["table", "id in Bizy", "id in PostgreSQL"], rows)


def _origins(report: Report) -> Iterator[list[tuple[str, str]]]:
    """Yield where the tables come from: one snapshot, unless some were loaded separately."""
    runs: dict[Run, list[TableLoad]] = {}
    for load in report.loads:
        runs.setdefault(load.run, []).append(load)
    for run, loads in runs.items():
        tables = [("tables", ", ".join(load.table for load in loads))] if len(runs) > 1 else []
        zone = f"{run.zone} ({run.zone_origin})" if run.zone_origin else run.zone
        yield [
            *tables,
            ("source", Code(run.snapshot.source)),
            ("snapshot", Code(run.snapshot.path)),
            ("SHA-256", Code(run.snapshot.sha256)),
            ("taken", f"{moment(run.snapshot.taken_at)} UTC"),
            ("loaded", f"{moment(max(load.loaded_at for load in loads))} UTC"),
            ("target", Code(report.target)),
            ("owner account", f"{report.owner.email or 'deleted since'} (user {run.user_id})"),
            ("time zone of local times", zone),
            ("tasks.created_at in local time since", f"{moment(run.tasks_local_since)} UTC"),
            ("run", Code(run.run_id)),
        ]
