"""Sentences and tables of the report of a fleet, the same in every format."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from bizy_assets.core.common import HIDE_WARNING, quantity, row_counts, shorten
from bizy_assets.core.report.charts import Bar, Chart, bar_parts
from bizy_assets.core.report.fleet import FleetReport, FleetSource, Verdict
from bizy_assets.core.report.model import Cell, Code, Table, format_cell
from bizy_assets.core.report.sections import meanings
from bizy_assets.core.report.summary import ADJUSTED, moment, shown_counts

SOURCES_SHOWN = 50
"""Number of sources that Markdown and the list of problems show."""

_LONGEST = 120
"""Length at which a problem is cut in the list of all sources, in characters."""

_GROUP = 1000
"""Number of rows that a browser lays out in less than a second."""

_REMEDY = (
    "Fix the problem of a file, then migrate it again by its key; other files are not affected:"
)

_COLUMNS = (
    "Loaded: rows that are in PostgreSQL as in Bizy. Adjusted: values, not rows, that a rule "
    "changed. Preserved: rows that were edited or deleted in PostgreSQL and stay so. Files with "
    "the most urgent problems are first."
)

_COLORS = {
    Verdict.FAILED.name.lower(): "red",
    Verdict.INCOMPLETE.name.lower(): "amber",
    Verdict.WARNED.name.lower(): "blue",
    Verdict.COMPLETE.name.lower(): "green",
    Verdict.UNLISTED.name.lower(): "grey",
}
"""The color of each verdict, by its name in the style sheet."""

_RANGES = (
    "SELECT table_name, first_id, last_id, shift FROM bizy_migration.id_ranges "
    "JOIN bizy_migration.sources ON id = source_id WHERE key = 'KEY' ORDER BY 1, 2"
)


@dataclass(frozen=True, kw_only=True)
class Group:
    """Some of the sources of one verdict, whose name in the style sheet is ``verdict``."""

    verdict: str
    title: str
    is_open: bool
    rows: Sequence[Sequence[str]]


def fleet_sections(report: FleetReport) -> dict[str, object]:
    """Return everything that the templates show, by name."""
    problems = [*report.by_verdict[Verdict.FAILED], *report.by_verdict[Verdict.INCOMPLETE]]
    return {
        "title": f"Migration of {quantity(report.listed, 'file')} into {report.target}",
        "headline": headline(report),
        "summary": _summary(report),
        "chart": _chart(report),
        "problems": problems[:SOURCES_SHOWN],
        "colors": _COLORS,
        "more_problems": max(0, len(problems) - SOURCES_SHOWN),
        "sources": _sources(report.sources[:SOURCES_SHOWN]),
        "more_sources": max(0, len(report.sources) - SOURCES_SHOWN),
        "totals": _totals(report),
        "meanings": meanings(shown_counts(report)),
        "columns": _columns(report),
        "groups": list(_groups(report)),
        "remedy": (_REMEDY, _typed("fleet_migrate")),
        "steps": list(_steps(report)),
    }


def headline(report: FleetReport) -> str:
    """Summarise the verdicts in one sentence."""
    counts = {verdict: len(sources) for verdict, sources in report.by_verdict.items()}
    complete = counts[Verdict.COMPLETE] + counts[Verdict.WARNED]
    warned, unlisted = counts[Verdict.WARNED], counts[Verdict.UNLISTED]
    parts = [f"{complete:,} of {quantity(report.listed, 'file')} complete"]
    if not report.listed:
        parts = ["The manifest lists no file"]
    parts[0] += f" ({warned:,} with warnings)" if warned else ""
    worst = (Verdict.FAILED, Verdict.INCOMPLETE)
    parts += [f"{counts[verdict]:,} {verdict}" for verdict in worst if counts[verdict]]
    if unlisted:
        others = quantity(unlisted, "other loaded file is", "other loaded files are")
        parts.append(f"{others} not in the manifest")
    return f"{', '.join(parts)}."


def _summary(report: FleetReport) -> str:
    rows, loaded = (
        sum(getattr(source, name) for source in report.sources)
        for name in ("source_rows", "loaded")
    )
    return (
        f"As of {moment(report.collected_at)} UTC, {loaded:,} of {quantity(rows, 'row')} are in "
        "PostgreSQL as in Bizy."
    )


def _chart(report: FleetReport) -> Chart:
    counts = {verdict: len(sources) for verdict, sources in report.by_verdict.items() if sources}
    parts = [(verdict.name.lower(), f"{verdict}: {n:,}", n) for verdict, n in counts.items()]
    whole = len(report.sources)
    return Chart(
        title="Files by verdict",
        legend={verdict.name.lower(): f"{n:,} {verdict}" for verdict, n in counts.items()},
        bars=[Bar(label="files", note=f"{whole:,}", parts=bar_parts(parts, whole))],
    )


def _sources(sources: Sequence[FleetSource]) -> Table:
    return Table(
        ["key", "verdict", "source rows", "in PostgreSQL", "rejected rows", "checks", "problem"],
        [
            [
                source.key,
                source.verdict,
                source.source_rows,
                source.loaded,
                source.rejected,
                _checks(source),
                source.problem or None,
            ]
            for source in sources
        ],
    )


def _totals(report: FleetReport) -> Table:
    names = shown_counts(report)
    rows: list[list[Cell]] = [
        [
            total.table,
            total.sources,
            *(getattr(total.counts, name) for name in names),
            total.adjusted,
        ]
        for total in report.totals
    ]
    adjusted = sum(total.adjusted for total in report.totals)
    sums: list[Cell] = ["all", None, *map(report.sum, names), adjusted]
    titles = (row_counts.TITLES[name] for name in names)
    return Table(["table", "files", *titles, ADJUSTED], [*rows, sums])


def _columns(report: FleetReport) -> str:
    folder = _common_folder(report)
    return f"{_COLUMNS} Their paths are relative to {folder}" if folder else _COLUMNS


def _groups(report: FleetReport) -> Iterator[Group]:
    folder = _common_folder(report)
    for verdict, sources in report.by_verdict.items():
        for start in range(0, len(sources), _GROUP):
            part = sources[start : start + _GROUP]
            title = f"{len(sources):,} {verdict}"
            if len(part) < len(sources):
                title += (
                    f": {start + 1:,} to {start + len(part):,}, {part[0].key} to {part[-1].key}"
                )
            yield Group(
                verdict=verdict.name.lower(),
                title=title,
                is_open=not start and verdict in {Verdict.FAILED, Verdict.INCOMPLETE},
                rows=[_row(source, folder) for source in part],
            )


def _common_folder(report: FleetReport) -> str:
    """Return the folder that all files are in, with a slash; empty if it is the root or none."""
    paths = [source.path for source in report.sources]
    if not paths or not all(map(os.path.isabs, paths)):
        return ""
    folder = os.path.commonpath({str(PurePath(path).parent) for path in paths})
    return "" if folder == "/" else f"{folder}/"


def _row(source: FleetSource, folder: str) -> list[str]:
    """Return the cells of a source; every second text of the first cells is a note."""
    user = "" if source.user_id is None else f"user {source.user_id}"
    if source.id_policy == "keep":
        user += f", ids kept, {source.moved_ranges} ranges moved" if source.moved_ranges else ""
    return [
        source.key,
        source.path.removeprefix(folder),
        source.email or "-",
        user,
        moment(source.started_at) if source.started_at else "-",
        " ".join(filter(None, [_duration(source), (source.run_id or "")[:8]])),
        f"{source.source_rows:,}",
        f"{source.loaded:,}",
        f"{source.rejected:,}",
        f"{source.adjusted:,}",
        f"{source.preserved + source.retained:,}",
        _checks(source),
        shorten(source.problem, _LONGEST),
    ]


def _duration(source: FleetSource) -> str:
    return "" if source.seconds is None else format_cell(source.seconds)


def _checks(source: FleetSource) -> str:
    """Count the checks by outcome, the most urgent first."""
    counts = {
        "failed": source.failed,
        "warned": source.warned,
        "not run": source.not_run,
        "passed": source.passed,
    }
    return ", ".join(f"{number:,} {name}" for name, number in counts.items() if number)


def _steps(report: FleetReport) -> Iterator[tuple[str, Code]]:
    """Yield what to do next, each with the text to type."""
    if report.sum("rejected"):
        yield (
            "List the rejected rows and the reasons, correct them in Bizy, and migrate again:",
            Code(
                "SELECT key, r.* FROM bizy_migration.rejected_rows r JOIN bizy_migration.sources "
                "ON id = source_id"
            ),
        )
    yield "Compare every value of a file with its snapshot again:", _typed("fleet_verify")
    yield (
        "Find a row of a file: its id in PostgreSQL is its id in Bizy plus the shift of the range:",
        Code(_RANGES),
    )
    yield "Undo the migration of a file, except for rows edited since:", _typed("fleet_rollback")


def _typed(job: str) -> Code:
    tags = """'{"dagster/partition": "KEY"}'"""
    command = f"{HIDE_WARNING} dagster job execute -m bizy_assets.fleet.definitions"
    return Code(f"{command} -j {job} --tags {tags}")
