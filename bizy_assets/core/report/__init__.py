"""The reports of a migration and of a fleet: collect the data, summarise it, render a page.

``collect`` and ``collect_fleet`` read the target's own records. ``render`` writes the page as HTML
or as Markdown from the same sentences and tables, and ``save`` writes it and the index of all
reports. ``terminal_summary``, ``plan_summary`` and ``fleet_headline`` are for the terminal.
"""

from bizy_assets.core.report.collect import collect
from bizy_assets.core.report.findings import differences
from bizy_assets.core.report.fleet import FailedRun
from bizy_assets.core.report.fleet_collect import collect_fleet
from bizy_assets.core.report.fleet_page import headline as fleet_headline
from bizy_assets.core.report.model import Evaluation, History, Report, Verdict, format_cell
from bizy_assets.core.report.plan import TO_ADJUST, plan_summary
from bizy_assets.core.report.render import markdown_table, render, save
from bizy_assets.core.report.sections import COLORS
from bizy_assets.core.report.terminal import (
    PASSWORD,
    REPORT,
    TerminalSummary,
    terminal_summary,
)
from bizy_assets.core.report.values import save_rejected_values
from bizy_assets.core.report.verdict import headline, next_steps
from bizy_assets.core.report.warnings import warning_sentences
from bizy_assets.core.report.zone import zone_doubt

__all__ = [
    "COLORS",
    "PASSWORD",
    "REPORT",
    "TO_ADJUST",
    "Evaluation",
    "FailedRun",
    "History",
    "Report",
    "TerminalSummary",
    "Verdict",
    "collect",
    "collect_fleet",
    "differences",
    "fleet_headline",
    "format_cell",
    "headline",
    "markdown_table",
    "next_steps",
    "plan_summary",
    "render",
    "save",
    "save_rejected_values",
    "terminal_summary",
    "warning_sentences",
    "zone_doubt",
]
