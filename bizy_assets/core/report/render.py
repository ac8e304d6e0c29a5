"""Render a report from this package's templates, as HTML or as Markdown.

Every value that a template shows is escaped: by jinja2 for HTML, by ``_escaped`` for Markdown.
"""

import functools
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from bizy_assets.core.common import CheckOutcome, files
from bizy_assets.core.errors import printable
from bizy_assets.core.report import index
from bizy_assets.core.report.fleet import FleetReport
from bizy_assets.core.report.fleet_page import fleet_sections
from bizy_assets.core.report.model import Cell, Code, Report, Table, format_cell
from bizy_assets.core.report.sections import COLORS, sections
from bizy_assets.core.report.summary import moment

if TYPE_CHECKING:
    from jinja2 import Environment

Format = Literal["html", "md"]

_MARKUP = re.compile(r"[\\`*\[\]<>|&~]|(?<![^\W_])_|_(?![^\W_])")
"""Characters with a meaning in Markdown; an underscore within a word has none."""


class _Markdown(str):
    """Text that is Markdown already."""

    __slots__ = ()


def render(report: Report | FleetReport, form: Format) -> str:
    """Return the page of a report; HTML needs no other file, Markdown has no charts.

    The HTML page of a fleet lists all sources, the Markdown page only the first.
    """
    if isinstance(report, FleetReport):
        return _environment(form).get_template(f"fleet.{form}.j2").render(fleet_sections(report))
    return _environment(form).get_template(f"report.{form}.j2").render(sections(report))


def save(report: Report) -> None:
    """Write the page as its file, and the index of all reports in its folder.

    Both can be read by this account only.

    Raises:
        ConfigurationError: The folder is not writable or full.
    """
    with files.write_private(report.file) as stream:
        stream.write(render(report, "html").encode())
    folder = report.file.parent
    template = _environment("html").get_template("index.html.j2")
    page = template.render(
        title="Reports of migrations", entries=index.entries(folder), colors=COLORS
    )
    with files.write_private(folder / index.NAME) as stream:
        stream.write(page.encode())


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    """Return a Markdown table whose columns of numbers are aligned right."""
    numeric = Table(header, rows).numeric
    rule = ["---:" if n in numeric else "---" for n in range(len(header))]
    lines = [map(_escaped, header), rule, *(map(_escaped, row) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


@functools.cache
def _environment(form: Format) -> "Environment":
    # Importing jinja2 takes 0.1 s, and most commands render no page.
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        autoescape=form == "html",  # noqa: S701 - which would also escape Markdown for HTML
        finalize=_visible if form == "html" else _escaped,
        undefined=StrictUndefined,
        loader=PackageLoader("bizy_assets.core.report"),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "cell": format_cell,
        "moment": moment,
        "table": _table,
        "verbatim": _verbatim,
    }
    environment.tests |= {
        "code": lambda value: isinstance(value, Code),
        "outcome": lambda value: isinstance(value, CheckOutcome),
    }
    return environment


def _visible(value: object) -> object:
    """Return a value for jinja2 to escape; the output of its macros is escaped already."""
    return value if hasattr(value, "__html__") else printable(str(value))


def _escaped(cell: Cell) -> str:
    """Return a cell in Markdown, on one line and without any markup of its own."""
    match cell:
        case _Markdown():
            return cell
        case Code() if not set("`|") & set(cell):  # a bar would end a table's cell even in code
            return f"`{printable(cell)}`"
        case CheckOutcome.FAILED | CheckOutcome.WARNED:
            return f"**{cell}**"
        case _:
            return _MARKUP.sub(r"\\\g<0>", format_cell(cell))


def _table(table: Table) -> _Markdown:
    return _Markdown(markdown_table(table.header, table.rows))


def _verbatim(code: Code) -> _Markdown:
    """Return code for an indented block, in which nothing is markup."""
    return _Markdown(printable(code))
