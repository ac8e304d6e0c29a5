"""What a benchmark measures, and the table that it prints."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

MIGRATE = "`bizy-assets migrate`"
AGAIN = "the same again, nothing changed"
CHANGED = "the same again, 1 % of the tasks changed"
PLAN = "`bizy-assets plan`, empty target"
VERIFY = "`bizy-assets verify`"
ROLLBACK = "`bizy-assets rollback`"
LOAD = "load of goals and tasks"
LOAD_AGAIN = "load again, nothing changed"
COPY = "COPY phase alone"
FLOOR = "floor: server alone"
EMPTY = "empty Dagster job of the same graph"
PGLOADER = "pgloader"
PGLOADER_INDEXED = "pgloader, then the same keys and indexes"
DUCKDB = "DuckDB, bare copy"
ROW_BY_ROW = "ORM, row by row"

RATIOS = {
    "load / floor": (LOAD, FLOOR),
    "load / pgloader": (LOAD, PGLOADER),
    "COPY phase / DuckDB": (COPY, DUCKDB),
    "migrate / pgloader": (MIGRATE, PGLOADER),
    "migrate / pgloader with the same keys and indexes": (MIGRATE, PGLOADER_INDEXED),
    "second migrate / first": (AGAIN, MIGRATE),
    "migrate with 1 % changed / first": (CHANGED, MIGRATE),
    "dry_run / migrate": (PLAN, MIGRATE),
    "verify / migrate": (VERIFY, MIGRATE),
    "rollback / migrate": (ROLLBACK, MIGRATE),
    "second load / first": (LOAD_AGAIN, LOAD),
    "migrate / empty job": (MIGRATE, EMPTY),
    "verify / empty job": (VERIFY, EMPTY),
}
"""What is compared with what, each in one run on one server."""


@dataclass(frozen=True)
class Figure:
    """One way's measurement.

    Attributes:
        name: What was measured.
        rows: How many rows it is about; None where it is about none.
        seconds: How long it took.
        peak_mb: The most memory that its process had meanwhile; None where nobody looked.
    """

    name: str
    rows: int | None
    seconds: float
    peak_mb: float | None = None


@dataclass(frozen=True)
class Size:
    """All measurements of one size."""

    tasks: int
    sqlite_mb: float
    rounds: int
    processors: int
    server: str
    figures: list[Figure]

    def figure(self, name: str) -> Figure | None:
        """Returns a measurement, if it was made."""
        return next((figure for figure in self.figures if figure.name == name), None)

    @property
    def ratios(self) -> dict[str, float]:
        """Those of ``RATIOS`` that were measured."""
        pairs = {n: (self.figure(one), self.figure(two)) for n, (one, two) in RATIOS.items()}
        return {n: one.seconds / two.seconds for n, (one, two) in pairs.items() if one and two}


def median(figures: Sequence[Figure]) -> Figure:
    """Returns the median of measurements of the same thing, and the highest peak."""
    peaks = [figure.peak_mb for figure in figures if figure.peak_mb is not None]
    return Figure(
        name=figures[0].name,
        rows=figures[0].rows,
        seconds=statistics.median(figure.seconds for figure in figures),
        peak_mb=max(peaks, default=None),
    )


def table(size: Size) -> str:
    """Returns the table of one size, in Markdown."""
    lines = [
        f"{size.tasks:,} tasks, {size.sqlite_mb:,.1f} MB of SQLite, {size.processors} processors, "
        f"PostgreSQL {size.server}, median of {size.rounds}",
        "",
        "| what | rows | seconds | rows/s | peak MB |",
        "|---|--:|--:|--:|--:|",
    ]
    for figure in size.figures:
        rows = "" if figure.rows is None else f"{figure.rows:,}"
        speed = f"{figure.rows / figure.seconds:,.0f}" if figure.rows and figure.seconds else ""
        peak = "" if figure.peak_mb is None else f"{figure.peak_mb:,.0f}"
        lines.append(f"| {figure.name} | {rows} | {figure.seconds:.2f} | {speed} | {peak} |")
    lines += ["", "| ratio | |", "|---|--:|"]
    lines += [f"| {name} | {ratio:.2f} |" for name, ratio in size.ratios.items()]
    return "\n".join(lines) + "\n"
