"""The verdict of a report in one sentence, and what to do next.

Terminal and page show the same sentences. What is not in PostgreSQL is always named first.
"""

from collections.abc import Iterator

from bizy_assets.core.common import (
    CheckOutcome,
    is_assumed,
    is_demo,
    own_file_command,
    quantity,
    user_command,
)
from bizy_assets.core.reconcile import CONTENT, COUNT
from bizy_assets.core.report.model import Code, Report, Step, Verdict
from bizy_assets.core.report.warnings import report_warnings
from bizy_assets.core.report.zone import ZoneDoubt, zone_doubt

_FAIL_ON_EDITS = {CONTENT, COUNT}
"""The checks that fail if rows were edited or deleted in PostgreSQL since the last run."""


def headline(report: Report) -> str:
    """Summarise the verdict in one sentence, with the rows that are in PostgreSQL."""
    rows = _rows(report)
    match report.verdict:
        case Verdict.FAILED:
            failed = report.with_outcome(CheckOutcome.FAILED)
            [name] = [f" ({one.check} of {one.asset})" for one in failed[:1]]
            checks_failed = quantity(len(failed), f"check failed{name}", "checks failed")
            return f"{checks_failed}; {rows}."
        case Verdict.LEFT_OUT:
            return f"{_capitalized(rows)}."
        case Verdict.WARNINGS:
            return f"{_capitalized(rows)}, {_caveats(report)}."
        case Verdict.COMPLETE:
            number = len(report.history.evaluations)
            checks_passed = "the only check" if number == 1 else f"all {number:,} checks"
            return f"{_capitalized(rows)}, and {checks_passed} passed."


def next_steps(report: Report) -> list[Step]:
    """Return what to do next, the most important first; only what makes sense after this run."""
    steps = [*_corrections(report)]
    if report.verdict is not Verdict.FAILED:
        steps += _uses(report)
    steps.append(("Undo the migration, except for rows edited since:", _typed("rollback")))
    known = [code for _, code in steps]
    return [step for n, step in enumerate(steps) if step[1] is None or step[1] not in known[:n]]


def assumed_zone(report: Report) -> str | None:
    """Return the time zone of local times if it is not configured."""
    run = report.last.run
    return run.zone if is_assumed(run) else None


def doubt_of(report: Report) -> ZoneDoubt | None:
    """Return the doubt about the time zone of the last load, if there is one."""
    zone, doubt = report.last.run.zone, zone_doubt(report.history.evaluations)
    if doubt is None or doubt.used != zone:
        # The check did not run, or on other settings.
        return ZoneDoubt(used=zone, is_assumed=True) if assumed_zone(report) else None
    return doubt


def _rows(report: Report) -> str:
    """Count the rows that are in PostgreSQL, or else those that are not, and why."""
    rows, absent = report.rows, report.rows - report.rows_in_target
    if not rows:
        return "the Bizy file has no rows"
    if not absent:
        return (
            "the only row is in PostgreSQL" if rows == 1 else f"all {rows:,} rows are in PostgreSQL"
        )
    be, were = ("is", "was") if absent == 1 else ("are", "were")
    some = f"{absent:,} of {quantity(rows, 'row')}"
    deleted = report.sum("preserved_deletions")
    if absent == deleted:
        there = rows - absent
        found = f"{there:,} of {quantity(rows, 'row')} {'is' if there == 1 else 'are'}"
        return f"{found} in PostgreSQL, {absent:,} {were} deleted there"
    if absent == report.missing_rows:
        return f"{some} {be} missing in PostgreSQL"
    if absent == report.rejected_rows:
        return f"{some} {were} rejected and {be} not in PostgreSQL"
    reasons = {
        "rejected": report.rejected_rows,
        "skipped by skip_ids": report.skipped_rows,
        "lost or deleted after the load": report.missing_rows,
        "deleted there": deleted,
    }
    parts = ", ".join(f"{number:,} {reason}" for reason, number in reasons.items() if number)
    return f"{some} {be} not in PostgreSQL: {parts}"


def _caveats(report: Report) -> str:
    warnings = len(report_warnings(report))
    not_run = len(report.with_outcome(CheckOutcome.NOT_RUN))
    parts = [f"with {quantity(warnings, 'warning')}"] if warnings else []
    if not_run:
        parts.append(f"but {quantity(not_run, 'check has not run', 'checks have not run')}")
    return ", ".join(parts)


def _capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]


def _corrections(report: Report) -> Iterator[Step]:
    """Yield the steps after which this report would have a better verdict."""
    failed, doubt = report.with_outcome(CheckOutcome.FAILED), doubt_of(report)
    if {one.check for one in failed} & _FAIL_ON_EDITS:
        yield (
            "If you edited or deleted these rows in PostgreSQL, migrate again: it accepts the "
            "edits and keeps them:",
            _typed("migrate"),
        )
        yield (
            "If not, set the values in PostgreSQL back to those of Bizy, then verify again:",
            _typed("verify"),
        )
    elif failed:
        yield "Correct in PostgreSQL what the failed checks found, then verify:", _typed("verify")
    if report.rejected_rows:
        several = report.rejected_rows > 1
        rows = f"{report.rejected_rows:,} rejected rows" if several else "rejected row"
        file = Code(report.rejected_file) if report.rejected_file else None
        yield f"Fix the {rows} in Bizy, listed in:", file
        again = f"Then migrate again to load the fixed {'rows' if several else 'row'}:"
        yield doubt.step_again() if doubt else (again, _typed("migrate"))
    if report.skipped_rows:
        rows = quantity(report.skipped_rows, "row", "rows")
        yield f"To load the {rows} that skip_ids excludes, remove the ids from the setting.", None
    if doubt:
        # A command that was proposed above is not repeated.
        yield from doubt.steps()
    if report.with_outcome(CheckOutcome.NOT_RUN):
        yield "Compare every value with the snapshot, as not all checks have run:", _typed("verify")


def _uses(report: Report) -> Iterator[Step]:
    """Yield what to do with the migrated data."""
    owner = report.owner
    who = f"{owner.email} (user {owner.user_id})" if owner.email else f"user {owner.user_id}"
    yield "Look at the rows with psql, PostgreSQL's own client:", _typed("psql")
    yield _connecting(report), Code(f"DATABASE_URL={report.connection_url}")
    if owner.password_file:
        yield (
            f"The rows belong to {who}, whose password is in this file:",
            Code(owner.password_file),
        )
    elif not owner.created:
        yield f"The rows belong to {who}; the migration does not know the password.", None
    if owner.created:
        reset = _typed("reset-password")
        yield f"Generate a new password for {who}; the old one stops working:", reset
    yield (
        "Compare every value again with the snapshot, the copy of the Bizy file that was loaded:",
        _typed("verify"),
    )
    yield (
        "Migrate later changes in Bizy; your own edits in PostgreSQL are preserved:",
        _typed("migrate"),
    )
    if is_demo():
        yield (
            "See what the migration of your own file would do; ZONE is the laptop's time zone:",
            Code(own_file_command()),
        )


def _connecting(report: Report) -> str:
    if report.embedded:
        return (
            "Connect Bizy's web backend, if it runs on this machine under your account. The "
            "embedded server accepts no other account; for another backend, migrate to your own "
            "server. The connection URL:"
        )
    return "Connect Bizy's web backend; fill in a role and its password:"


def _typed(name: str, *arguments: str) -> Code:
    return Code(user_command(name, *arguments))
