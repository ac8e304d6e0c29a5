"""The command ``bizy-assets``: run the jobs in this process, and open the UI and the report."""

from bizy_assets.cli.commands import main
from bizy_assets.cli.surroundings import SAMPLE as SAMPLE
from bizy_assets.cli.surroundings import SAMPLE_ZONE as SAMPLE_ZONE

__all__ = ["main"]
