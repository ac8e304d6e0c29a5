"""Entry point of ``python -m bizy_assets.fleet``: start and stop the services of this machine."""

import argparse
import os
import sys
from pathlib import Path

import dotenv

from bizy_assets.core.common import HIDE_WARNING
from bizy_assets.core.errors import BizyError, printable
from bizy_assets.core.fleet import FleetSettings, read_manifest
from bizy_assets.core.process import prepare_process
from bizy_assets.core.settings import bizy_home
from bizy_assets.fleet.services import Fleet

_DEFINITIONS = "bizy_assets.fleet.definitions"
_CHECKOUT = Path(__file__).parents[2]


def main() -> int:
    """Run the command named by the first argument, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bizy_assets.fleet", description=__doc__)
    parser.add_argument("command", choices=("start", "stop"))
    parser.add_argument("--port", type=int, default=3000, help="port of the UI on 127.0.0.1")
    parser.add_argument("--module-name", default=_DEFINITIONS, help="module of the asset graph")
    parser.add_argument("--sample", type=Path, help="manifest to use if BIZY_FLEET is not set")
    arguments = parser.parse_args()
    dotenv.load_dotenv(_CHECKOUT / ".env")
    try:
        prepare_process()
        fleet = Fleet(bizy_home(), arguments.module_name)
        if arguments.command == "start":
            _choose_manifest(arguments.sample)
            lines = _start(fleet, arguments.port)
        else:
            lines = _stop(fleet)
    except BizyError as error:
        lines = [str(error)]
        return 1
    finally:
        sys.stderr.write("".join(f"{printable(line)}\n" for line in lines))
    return 0


def _choose_manifest(sample: Path | None) -> None:
    """Set the manifest for all services, which is the sample if the user has none, and check it."""
    settings = FleetSettings.read()
    if sample is not None and "manifest" not in settings.model_fields_set:
        settings = FleetSettings.read({"manifest": sample})
    read_manifest(settings.manifest)
    os.environ["BIZY_FLEET"] = str(settings.manifest)


def _start(fleet: Fleet, port: int) -> list[str]:
    started = fleet.start(port)
    dagster = Path(sys.executable).with_name("dagster")
    code = f"--module-name {fleet.definitions}"
    return [
        f"Started {', '.join(started)}." if started else "The fleet runs already.",
        f"UI: {fleet.url()}",
        f"Logs: {fleet.folder / 'logs'}",
        "Migrate: run the job fleet_prepare in the UI, then turn on the sensor fleet_files; or:",
        f"  export DAGSTER_HOME={fleet.folder / 'dagster'} BIZY_HOME={fleet.home} "
        f"BIZY_FLEET={os.environ['BIZY_FLEET']} {HIDE_WARNING}",
        f"  {dagster} job execute {code} --job fleet_prepare",
        f"  {dagster} sensor start fleet_files {code}",
        "Stop: make fleet-stop",
    ]


def _stop(fleet: Fleet) -> list[str]:
    ended = fleet.stop()
    return [f"{name}: {how}" for name, how in ended.items()] or ["The fleet does not run."]


sys.exit(main())
