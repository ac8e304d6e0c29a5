"""Warnings of checks as short sentences, which the headline counts and a terminal lists."""

import itertools
import re
from collections.abc import Iterable

from bizy_assets.core.common import CheckOutcome, is_about_zone
from bizy_assets.core.reconcile import VALIDATION
from bizy_assets.core.report.model import Evaluation, Report

_IDS_SHOWN = 3

_IDS_AT_END = re.compile(r"^([\d,]+ \w+) ([^()]*) \((ids? [^()]*)\)")
"""What begins with the number of rows and names their ids only where the line may be cut."""

_LONG_IDS = re.compile(rf"\b(ids (?:[\d,]+, ){{{_IDS_SHOWN}}})[\d,]+[^;)]*")

_SENTENCE_END = re.compile(r"(?<=[^.])\. (?=[A-Z0-9])")


def warning_sentences(asset: str, findings: str) -> list[str]:
    """Return one sentence for each kind of warning of a check, with the first ids near its start.

    Sentences that follow, such as advice, are left to the report.
    """
    sentences = _SENTENCE_END.split(findings.removesuffix("."))
    kinds = [each for each in sentences if each[:1].isdigit() or is_about_zone(each)]
    shortened = (
        _LONG_IDS.sub(r"\1…", _IDS_AT_END.sub(r"\1 (\3) \2", each))
        for each in kinds or sentences[:1]
    )
    # Those of the snapshot name a table.
    table = asset.partition("pg_")[2]
    return [f"{table}: {each}" if table else each for each in shortened]


def warning_list(evaluations: Iterable[Evaluation], rejected_rows: int) -> list[str]:
    """Return the warnings of checks, each once, except for that of rejected rows.

    The headline and the next steps are about these rows.
    """
    sentences = (
        warning_sentences(found.asset, found.findings)
        for found in evaluations
        if found.outcome is CheckOutcome.WARNED
        and not (found.check == VALIDATION and rejected_rows)
    )
    return list(dict.fromkeys(itertools.chain.from_iterable(sentences)))


def report_warnings(report: Report) -> list[str]:
    """Return the warnings of a report, as ``warning_list`` does."""
    return warning_list(report.history.evaluations, report.rejected_rows)
