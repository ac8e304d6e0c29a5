"""Tags by which the UI can filter runs: the source, the target and the version of the snapshot.

The list of runs shows them sorted and cut; the metadata have the whole values.
"""

from bizy_assets.core.source import Snapshot
from bizy_assets.runtime.messages import Context, describe_target

_DIGITS = 12
"""Digits of a snapshot's digest in a tag."""


def tag_run(context: Context, target_name: str, snapshot: Snapshot | None) -> None:
    """Tag a run with its target, ``host:port/database``, and with the snapshot that it is about."""
    tags = {"bizy/target": describe_target(target_name)}
    if snapshot is not None:
        tags |= {"bizy/source": snapshot.source.name, "bizy/version": snapshot.sha256[:_DIGITS]}
    context.instance.add_run_tags(context.run.run_id, tags)
