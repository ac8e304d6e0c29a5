"""A report in short: the figures of every table, and the few lines that a terminal shows.

The page has the same figures, from here, so that they never say different numbers.
"""

from collections.abc import Iterator
from datetime import datetime

from bizy_assets.core.pages import Cell, shown
from bizy_assets.core.report import FAILED, NOT_RUN, OK, WARNED, Report

ACCOUNTED = {
    name: name.replace("_", " ")
    for name in ("inserted", "updated", "unchanged", "kept", "left_deleted", "quarantined")
}
"""What becomes of a row of the snapshot, as ``Counts`` names it; their sum is the rows read."""

_COLUMNS = {
    "source_rows": "read",
    **ACCOUNTED,
    "deleted": "deleted",
    "outlived": "outlived",
    "adopted": "adopted",
}
_RARE = {"left_deleted", "outlived", "adopted"}
"""Told only where there are some."""


def lines(told: Report) -> Iterator[str]:
    """Yields the report for a terminal, in about a dozen lines."""
    yield sentence(told)
    header, rows = figures(told)
    cells = [list(header), *([shown(cell) for cell in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for first, *others in cells:
        numbers = (f"{cell:>{width}}" for cell, width in zip(others, widths[1:], strict=True))
        yield "  ".join([f"{first:<{widths[0]}}", *numbers])
    yield checks_sentence(told)
    owner = told.owner
    if owner.password_file:
        yield f"password of {owner.email} (user {owner.user_id}): {owner.password_file}"
    else:
        yield f"the rows belong to user {owner.user_id}, {owner.email or 'who is gone'}"
    yield f"for the backend: DATABASE_URL={told.address}"
    yield f"to prove it again: {command('verify')}"
    yield f"to take it out again: {command('rollback')}"
    yield f"report: {told.file}"


def figures(told: Report) -> tuple[list[str], list[list[Cell]]]:
    """Returns what became of the rows: a header, a line for every table, and the sums."""
    names = columns(told)
    repairs = {load.table: 0 for load in told.loads}
    for found in told.repaired:
        repairs[found.table] += found.values
    rows: list[list[Cell]] = [
        [
            load.table,
            *(getattr(load.counts, name) for name in names),
            repairs[load.table],
            told.history.seconds.get(load.table),
        ]
        for load in told.loads
    ]
    sums = map(told.sum, names)
    return (
        ["table", *names.values(), "repaired", "seconds"],
        [*rows, ["all", *sums, told.repairs, told.seconds]],
    )


def columns(told: Report) -> dict[str, str]:
    """Returns which counts are told, with their titles."""
    return {name: title for name, title in _COLUMNS.items() if name not in _RARE or told.sum(name)}


def command(job: str) -> str:
    """Returns what to type to run a job."""
    return f"dagster job execute -m bizy_assets.definitions -j {job}"


def sentence(told: Report) -> str:
    """Says what was migrated from where to where."""
    snapshot = told.last.snapshot
    took = f" in {told.seconds:.1f} s" if told.seconds is not None else ""
    return (
        f"{told.rows:,} rows of {snapshot.source}, as of {moment(snapshot.taken_at)} UTC, "
        f"migrated into {told.where}{took}."
    )


def checks_sentence(told: Report) -> str:
    """Says how many checks there were, and names those that did not pass."""
    said = [f"{len(told.judged(OK)):,} passed"]
    for word, name in ((WARNED, "warned"), (FAILED, "failed")):
        found = told.judged(word)
        which = ", ".join(f"{one.check} of {one.asset}" for one in found[:3])
        more = f" and {len(found) - 3} more" if len(found) > 3 else ""
        said.append(f"{len(found):,} {name}" + (f" ({which}{more})" if found else ""))
    if missing := told.judged(NOT_RUN):
        said.append(f"{len(missing):,} not run since the load")
    return f"{len(told.history.evaluations):,} checks: {', '.join(said)}."


def moment(instant: datetime) -> str:
    """Returns an instant as it is shown, to the second."""
    return f"{instant:%Y-%m-%d %H:%M:%S}"
