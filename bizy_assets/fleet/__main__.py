"""Entry point of ``python -m bizy_assets.fleet``: start and stop the services of this machine."""

import argparse
import sys
from pathlib import Path

import dotenv

from bizy_assets.core.errors import BizyError, printable
from bizy_assets.core.process import prepare_process
from bizy_assets.fleet.services import Fleet

_CHECKOUT = Path(__file__).parents[2]


def main() -> int:
    """Run the command named by the first argument, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bizy_assets.fleet", description=__doc__)
    parser.add_argument("command", choices=("start", "stop"))
    parser.add_argument("--port", type=int, default=3000, help="port of the UI on 127.0.0.1")
    arguments = parser.parse_args()
    dotenv.load_dotenv(_CHECKOUT / ".env")
    try:
        prepare_process()
        fleet = Fleet.of_environment()
        lines = _start(fleet, arguments.port) if arguments.command == "start" else _stop(fleet)
    except BizyError as error:
        lines = [str(error)]
        return 1
    finally:
        sys.stderr.write("".join(f"{printable(line)}\n" for line in lines))
    return 0


def _start(fleet: Fleet, port: int) -> list[str]:
    started = fleet.start(port)
    return [
        f"Started {', '.join(started)}." if started else "The fleet runs already.",
        f"UI: {fleet.url()}",
        f"Logs: {fleet.folder / 'logs'}",
        "Migrate: in the UI, Jobs, fleet_migrate, Launchpad, Materialize all partitions; or",
        f"  DAGSTER_HOME={fleet.folder / 'dagster'} dagster job backfill "
        f"--module-name {fleet.definitions} --job fleet_migrate --all --noprompt",
        "Stop: make fleet-stop",
    ]


def _stop(fleet: Fleet) -> list[str]:
    ended = fleet.stop()
    return [f"{name}: {how}" for name, how in ended.items()] or ["The fleet does not run."]


sys.exit(main())
