"""Sentences, tables and charts of the page, the same in every format."""

from collections.abc import Iterable, Iterator

from bizy_assets.core.common import CheckOutcome, and_more, quantity, row_counts, shorten
from bizy_assets.core.report.charts import Bar, Chart, bar_parts
from bizy_assets.core.report.model import Cell, Code, Report, Table
from bizy_assets.core.report.summary import (
    ADJUSTED,
    checks_sentence,
    command,
    figures,
    moment,
    moved_sentence,
    sentence,
    shown_counts,
)
from bizy_assets.core.state import Run, TableLoad
from bizy_assets.core.validation import ReasonCode

_MEANINGS = {reason.value: reason.meaning for reason in ReasonCode}

_PLAIN = {"source_rows", "inserted", "updated", "unchanged"}
"""The counts whose titles need no explanation."""

_LONGEST = 80
"""Length at which a rejected value is cut, in characters."""


def sections(report: Report) -> dict[str, object]:
    """Return everything that the templates show, by name."""
    return {
        "title": f"Migration into {report.target}",
        "summary": f"{sentence(report)} {checks_sentence(report)}",
        "origins": list(_origins(report)),
        "figures": figures(report),
        "meanings": meanings(shown_counts(report)),
        "charts": list(_charts(report)),
        "checks": _checks(report),
        "adjusted": _adjusted(report),
        "adjustments": _adjustments(report),
        "rejected": _rejected(report),
        "rejected_values": _rejected_values(report),
        "moved": moved_sentence(report),
        "moved_rows": _moved_rows(report),
        "steps": list(_steps(report)),
    }


def _origins(report: Report) -> Iterator[list[tuple[str, str]]]:
    """Yield where the tables come from: one snapshot, unless some were loaded separately."""
    runs: dict[Run, list[TableLoad]] = {}
    for load in report.loads:
        runs.setdefault(load.run, []).append(load)
    for run, loads in runs.items():
        tables = [("tables", ", ".join(load.table for load in loads))] if len(runs) > 1 else []
        yield [
            *tables,
            ("source", Code(run.snapshot.source)),
            ("snapshot", Code(run.snapshot.path)),
            ("SHA-256", Code(run.snapshot.sha256)),
            ("taken", f"{moment(run.snapshot.taken_at)} UTC"),
            ("loaded", f"{moment(max(load.loaded_at for load in loads))} UTC"),
            ("target", Code(report.target)),
            ("owner account", f"{report.owner.email or 'deleted since'} (user {run.user_id})"),
            ("time zone of local times", report.history.zones.get(loads[0].table, run.zone)),
            ("tasks.created_at local since", f"{moment(run.tasks_local_since)} UTC"),
            ("run", Code(run.run_id)),
        ]


def meanings(names: Iterable[str]) -> str:
    """Explain the columns of the figures whose titles are not enough."""
    explained = [name for name in names if name not in _PLAIN]
    texts = [(row_counts.TITLES[name], row_counts.COUNT_MEANINGS[name]) for name in explained]
    texts.append((ADJUSTED, "values, not rows, that a rule changed"))
    return " ".join(f"{title.capitalize()}: {meaning}." for title, meaning in texts)


def _charts(report: Report) -> Iterator[Chart]:
    yield Chart(
        title="Rows by outcome",
        legend={name: row_counts.TITLES[name] for name in row_counts.ACCOUNTED if report.sum(name)},
        bars=[
            Bar(
                label=load.table,
                note=f"{load.counts.source_rows:,}",
                parts=bar_parts(
                    [
                        (name, f"{load.table}, {row_counts.TITLES[name]}: {value:,}", value)
                        for name in row_counts.ACCOUNTED
                        if (value := getattr(load.counts, name))
                    ],
                    load.counts.accounted,
                ),
            )
            for load in report.loads
        ],
    )
    if seconds := report.history.seconds:
        longest = max(seconds.values())
        yield Chart(
            title="Seconds by table",
            legend={},
            bars=[
                Bar(
                    label=table,
                    note=f"{value:.2f}",
                    parts=bar_parts([("seconds", f"{table}: {value:.2f} s", value)], longest),
                )
                for load in report.loads
                if (value := seconds.get(table := load.table)) is not None
            ],
        )


def _checks(report: Report) -> Table:
    """List the checks, the most urgent first."""
    rows: list[list[Cell]] = [
        [one.asset, one.check, one.outcome, one.findings, moment(one.at) if one.at else None]
        for outcome in CheckOutcome
        for one in report.with_outcome(outcome)
    ]
    return Table(["asset", "check", "outcome", "findings", "at (UTC)"], rows)


def _adjusted(report: Report) -> str:
    if not report.adjustments:
        return "No value was adjusted: each was loaded as the source has it."
    return (
        f"{quantity(report.adjusted_values, 'value was', 'values were')} adjusted by a rule. The "
        "table bizy_migration.repairs lists each with its original and its new value."
    )


def _adjustments(report: Report) -> Table:
    return Table(
        ["table", "column", "rule", "values", "ids"],
        [
            [
                one.table,
                one.column,
                one.rule,
                one.values,
                and_more(one.ids, one.values - len(one.ids)),
            ]
            for one in report.adjustments
        ],
    )


def _rejected(report: Report) -> str:
    if not report.rejected_value_count:
        return "No row was rejected."
    shown = len(report.rejected_values)
    first = (
        f" The table below shows {shown} of them." if shown < report.rejected_value_count else ""
    )
    return (
        f"{quantity(report.rejected_rows, 'row was', 'rows were')} rejected because of "
        f"{quantity(report.rejected_value_count, 'value')}. The table bizy_migration.rejected_rows "
        f"lists every value with its complete row.{first}"
    )


def _rejected_values(report: Report) -> Table:
    return Table(
        ["table", "id", "rowid", "column", "rule", "meaning", "value"],
        [
            [
                one.table,
                None if one.id is None else str(one.id),
                str(one.rowid),
                one.column,
                one.rule,
                _MEANINGS.get(one.rule, ""),
                None if one.value is None else shorten(one.value, _LONGEST),
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


def _steps(report: Report) -> Iterator[tuple[str, Code | None]]:
    """Yield what to do next, each with the text to type or copy, if any."""
    owner = report.owner
    who = f"{owner.email} (user {owner.user_id})" if owner.email else f"user {owner.user_id}"
    if owner.password_file:
        file = Code(owner.password_file)
        yield f"Log in to the backend as {who}. The password is in this file:", file
    if owner.created:
        reset = _typed("reset_admin_password")
        yield f"Generate a new password for {who}; the old one stops working:", reset
    else:
        yield f"The owner account is {who}; the migration does not know its password.", None
    yield _connecting(report), Code(f"DATABASE_URL={report.connection_url}")
    yield "Compare every value with the snapshot again, now or later:", _typed("verify")
    yield (
        "Migrate later changes in Bizy; your own edits in PostgreSQL are preserved:",
        _typed("migrate"),
    )
    yield "Undo the migration, except for rows edited since:", _typed("rollback")


def _connecting(report: Report) -> str:
    if report.embedded:
        return (
            "Give a backend that runs on this machine under your account the connection URL of "
            "the embedded server, which accepts no other account. For any other backend, migrate "
            "to your own server:"
        )
    return "Give the backend the connection URL, with a role and its password filled in:"


def _typed(job: str) -> Code:
    return Code(command(job))
