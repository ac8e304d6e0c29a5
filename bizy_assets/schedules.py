"""The schedules, which are off until you turn them on in the UI."""

import dagster as dg

from bizy_assets.jobs import forget_old_runs, verify

forget_every_week = dg.ScheduleDefinition(
    name="forget_every_week",
    job=forget_old_runs,
    cron_schedule="0 4 * * 0",
    description="Deletes old runs (job forget_old_runs) on Sundays at 04:00 UTC.",
)

verify_every_night = dg.ScheduleDefinition(
    name="verify_every_night",
    job=verify,
    cron_schedule="0 3 * * *",
    description="Runs all checks (job verify) every night at 03:00 UTC.",
)
