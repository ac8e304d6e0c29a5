"""Old path of ``bizy_assets.runtime.run_launcher``, for ``dagster.yaml`` files of release 0.1."""

from bizy_assets.runtime.run_launcher import ProcessAwareRunLauncher as WatchfulLauncher

__all__ = ["WatchfulLauncher"]
