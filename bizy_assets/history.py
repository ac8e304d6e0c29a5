"""Old path of ``bizy_assets.runtime.run_storage``, for ``dagster.yaml`` files of release 0.1."""

from bizy_assets.runtime.run_storage import EmbeddedRunStorage as HistoryStorage

__all__ = ["HistoryStorage"]
