"""The asset ``bizy_file``: the live Bizy file, observed for changes."""

from collections.abc import Iterator

import dagster as dg

from bizy_assets import metadata
from bizy_assets.core.source import file_digest, file_signature
from bizy_assets.resources import BizySource
from bizy_assets.runtime import user_errors

SIGNATURE = "signature"
"""Name of the metadata that identifies a state of the file without reading its content."""

_SPEC = dg.AssetSpec(
    metadata.BIZY_FILE,
    kinds={"sqlite"},
    description="The live Bizy file. Its data version is a digest of its content, which is read "
    "only if the file was written to since the last observation.",
    **metadata.asset_options(
        metadata.glossary.SOURCE, metadata.glossary.FILE, metadata.source_schema()
    ),
)

with metadata.beta_allowed():
    _observable = dg.multi_observable_source_asset(specs=[_SPEC], name="observe_bizy_file")


@_observable  # type: ignore[untyped-decorator]
def bizy_file(context: dg.AssetExecutionContext, source: BizySource) -> Iterator[dg.ObserveResult]:
    """Observes the file and reports its data version."""
    with user_errors(context):
        path = source.settings().path
        signature = file_signature(path)
        version = _observed_version(context.instance, signature) or file_digest(path)
    yield dg.ObserveResult(
        asset_key=metadata.BIZY_FILE,
        data_version=dg.DataVersion(version),
        metadata={
            "path": dg.MetadataValue.path(str(path)),
            "size": path.stat().st_size,
            SIGNATURE: signature,
        },
    )


def _observed_version(instance: dg.DagsterInstance, signature: str) -> str | None:
    """Return the data version of the last observation if it had the same signature."""
    records = instance.fetch_observations(metadata.BIZY_FILE, limit=1).records
    observation = records[0].asset_observation if records else None
    if observation is None or observation.metadata[SIGNATURE].value != signature:
        return None
    return observation.data_version
