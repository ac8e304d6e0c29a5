"""An observation of the Bizy file."""

import dagster as dg

from bizy_assets.assets.source_file import bizy_file
from bizy_assets.metadata.asset_keys import BIZY_FILE
from bizy_assets.resources import BizySource
from bizy_assets_tests.support.migrations import Migration


def observed(migration: Migration) -> str:
    """Observes the file, and returns its data version."""
    job = dg.define_asset_job("observe", selection=[BIZY_FILE])
    only = dg.Definitions(assets=[bizy_file], jobs=[job], resources={"source": BizySource()})
    assert only.resolve_job_def("observe").execute_in_process(instance=migration.instance).success
    [record] = migration.instance.fetch_observations(BIZY_FILE, limit=1).records
    return str(record.asset_observation.data_version)
