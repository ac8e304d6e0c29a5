"""A graph with partitions for the workers, whose runs hold on while a file exists."""

import os
import time
from pathlib import Path

import dagster as dg

FILES = dg.DynamicPartitionsDefinition(name="bizy_files")


@dg.asset(partitions_def=FILES)
def step(context: dg.AssetExecutionContext) -> None:
    """Record the execution."""
    folder = Path(os.environ["TEST_FOLDER"])
    with (folder / "executed").open("a") as record:
        record.write(f"{context.run.run_id}\n")
    while (folder / f"hold-{context.partition_key}").exists():
        time.sleep(0.05)


defs = dg.Definitions(
    assets=[step],
    jobs=[dg.define_asset_job("fleet_migrate", executor_def=dg.in_process_executor)],
)
