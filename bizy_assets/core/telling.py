"""Tells a report as a page, section by section."""

from collections.abc import Iterator

from bizy_assets.core.pages import (
    Bar,
    Block,
    Cell,
    Chart,
    Code,
    Facts,
    Heading,
    Paragraph,
    Steps,
    Table,
    Word,
    shortened,
)
from bizy_assets.core.report import FAILED, NOT_RUN, OK, WARNED, Repaired, Report
from bizy_assets.core.state import Run, TableLoad
from bizy_assets.core.summary import (
    ACCOUNTED,
    checks_sentence,
    columns,
    command,
    figures,
    moment,
    sentence,
)
from bizy_assets.core.validation import ReasonCode

_MEANINGS = {
    "kept": "Kept rows were edited in PostgreSQL since, and stay so.",
    "left_deleted": "Left deleted rows were deleted in PostgreSQL since, and stay so.",
    "quarantined": "Quarantined rows are bad, or were to be left out.",
    "deleted": "Deleted rows were gone from Bizy, and so from PostgreSQL.",
    "outlived": "Outlived rows were gone from Bizy too, but edited in PostgreSQL, and stay.",
    "adopted": "Adopted rows were in PostgreSQL before, and count in another column too.",
}


def page(told: Report) -> list[Block]:
    """Returns the whole report."""
    return [
        Heading(f"Migration into {told.where}", level=1),
        Paragraph(f"{sentence(told)} {checks_sentence(told)}"),
        *_origins(told),
        Heading("Tables"),
        Table(*figures(told), summed=True),
        Paragraph(_meanings(told)),
        *_charts(told),
        Heading("Checks"),
        _checks(told),
        *_repairs(told),
        *_bad_rows(told),
        Heading("What to do next"),
        Steps(list(_steps(told))),
    ]


def _meanings(told: Report) -> str:
    """Explains the columns of the figures that do not explain themselves."""
    told_of = (_MEANINGS[name] for name in columns(told) if name in _MEANINGS)
    return " ".join([*told_of, "Repaired counts values, not rows."])


def _origins(told: Report) -> Iterator[Block]:
    """Tells where the tables come from: of one snapshot, unless some were loaded alone."""
    runs: dict[Run, list[TableLoad]] = {}
    for load in told.loads:
        runs.setdefault(load.run, []).append(load)
    for run, loads in runs.items():
        zone = told.history.zones.get(loads[0].table, run.zone)
        pairs: list[tuple[str, Cell]] = [
            ("source", Code(run.snapshot.source)),
            ("snapshot", Code(run.snapshot.path)),
            ("SHA-256", Code(run.snapshot.sha256)),
            ("taken", f"{moment(run.snapshot.taken_at)} UTC"),
            ("loaded", f"{moment(max(load.loaded_at for load in loads))} UTC"),
            ("target", Code(told.where)),
            ("owner", f"{told.owner.email or 'gone since'} (user {run.user_id})"),
            ("local times read in", zone),
            ("tasks.created_at local since", f"{moment(run.tasks_local_since)} UTC"),
            ("run", Code(run.run_id)),
        ]
        if len(runs) > 1:
            pairs.insert(0, ("tables", ", ".join(load.table for load in loads)))
        yield Facts(pairs)


def _charts(told: Report) -> Iterator[Chart]:
    yield Chart(
        title="What became of the rows",
        shares=True,
        bars=[
            Bar(
                load.table,
                [(kind, getattr(load.counts, name)) for name, kind in ACCOUNTED.items()],
                f"{load.counts.source_rows:,}",
            )
            for load in told.loads
        ],
        legend=[kind for name, kind in ACCOUNTED.items() if told.sum(name)],
    )
    if told.history.seconds:
        yield Chart(
            title="Seconds for each table",
            shares=False,
            bars=[
                Bar(load.table, [("seconds", seconds)], f"{seconds:.2f}")
                for load in told.loads
                if (seconds := told.history.seconds.get(load.table)) is not None
            ],
        )


def _checks(told: Report) -> Table:
    """Lists the checks, first those that somebody should read."""
    words = (FAILED, WARNED, NOT_RUN, OK)
    return Table(
        ["asset", "check", "verdict", "findings", "at (UTC)"],
        [
            [
                one.asset,
                one.check,
                Word(one.word),
                one.text,
                moment(one.at) if one.at else None,
            ]
            for word in words
            for one in told.judged(word)
        ],
    )


def _repairs(told: Report) -> Iterator[Block]:
    yield Heading("Repairs")
    if not told.repaired:
        yield Paragraph("Every value was copied or read as written; none was changed.")
        return
    yield Paragraph(
        f"{told.repairs:,} values were changed rather than copied. bizy_migration.repairs has all "
        "of them, with what they were and what they are."
    )
    yield Table(
        ["table", "column", "rule", "values", "ids"],
        [[one.table, one.column, one.rule, one.values, _ids(one)] for one in told.repaired],
    )


def _ids(found: Repaired) -> str:
    more = found.values - len(found.ids)
    listed = ", ".join(map(str, found.ids))
    return f"{listed} and {more:,} more" if more > 0 else listed


def _bad_rows(told: Report) -> Iterator[Block]:
    yield Heading("Bad rows")
    if not told.bad_values_in_all:
        yield Paragraph("PostgreSQL could take every row.")
        return
    first = f" The first {len(told.bad_values)} follow." if _cut(told) else ""
    yield Paragraph(
        f"{told.bad_values_in_all:,} values kept {told.bad_rows:,} rows out. "
        f"bizy_migration.rejected_rows has all of them, with the whole rows.{first}"
    )
    yield Table(
        ["table", "id", "rowid", "column", "rule", "meaning", "value"],
        [
            [
                one.table,
                None if one.id is None else str(one.id),
                str(one.position),
                one.column,
                one.rule,
                ReasonCode(one.rule).meaning,
                None if one.value is None else shortened(one.value),
            ]
            for one in told.bad_values
        ],
    )


def _cut(told: Report) -> bool:
    return len(told.bad_values) < told.bad_values_in_all


def _steps(told: Report) -> Iterator[tuple[str, Code | None]]:
    owner = told.owner
    who = f"{owner.email} (user {owner.user_id})" if owner.email else f"user {owner.user_id}"
    if owner.password_file:
        file = Code(owner.password_file)
        yield f"Log in to the backend as {who}. The password is in this file:", file
    if owner.ours:
        reset = "a new random password, in a file of the same name; the old one is void"
        yield f"Give {who} {reset}:", _typed("reset_admin_password")
    else:
        yield f"The rows belong to {who}, whose password the migration does not know.", None
    yield _address(told), Code(f"DATABASE_URL={told.address}")
    yield "Compare every cell with the snapshot again, now or later:", _typed("verify")
    yield "Migrate what has changed in Bizy; what you edited here stays:", _typed("migrate")
    yield "Take the migration out again, but for rows that were edited since:", _typed("rollback")


def _address(told: Report) -> str:
    if told.embedded:
        return (
            "Give a backend that runs as this account on this machine the address of the embedded "
            "server, which nobody else can reach; for any other, migrate to a server of yours:"
        )
    return "Give the backend the address, with a role and its password filled in:"


def _typed(job: str) -> Code:
    return Code(command(job))
