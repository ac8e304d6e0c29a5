"""A graph of the same shape without any work: what Dagster alone takes for it.

The shape comes from a file, so that nothing of the project is loaded here.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg

_SHAPE: dict[str, dict[str, Any]] = json.loads(Path(os.environ["EMPTY_GRAPH"]).read_text())


def _asset(name: str, deps: list[str]) -> dg.AssetsDefinition:
    @dg.asset(name=name, deps=deps)
    def nothing() -> None:
        """Does nothing."""

    return nothing


def _checks(name: str, checks: list[str]) -> dg.AssetChecksDefinition:
    specs = [dg.AssetCheckSpec(check, asset=name, blocking=True) for check in checks]

    @dg.multi_asset_check(name=f"checks_of_{name}", specs=specs)
    def nothing() -> Iterator[dg.AssetCheckResult]:
        """Finds nothing."""
        for check in checks:
            yield dg.AssetCheckResult(asset_key=name, check_name=check, passed=True)

    return nothing


defs = dg.Definitions(
    assets=[_asset(name, shape["deps"]) for name, shape in _SHAPE.items()],
    asset_checks=[_checks(name, s["checks"]) for name, s in _SHAPE.items() if s["checks"]],
    jobs=[dg.define_asset_job("migrate", executor_def=dg.in_process_executor)],
    executor=dg.in_process_executor,
)
