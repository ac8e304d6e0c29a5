"""Entry point of ``bizy-assets`` and of ``python -m bizy_assets``.

Its import handles signals, so that an interrupt during the imports of a command ends with a
sentence.
"""

import os
import signal
import sys


def _end(number: int, _frame: object) -> None:
    # Over the line that shows that the command starts.
    os.write(2, b"\r\x1b[K" if os.isatty(2) else b"")
    os.write(2, b"The command was interrupted; start it again.\n")
    os._exit(128 + number)


# The next import takes a second, in which an exception would become a traceback or another error.
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, _end)


def main() -> None:
    """Run the command of the arguments, and end this process with its exit status."""
    from bizy_assets.core.errors import BizyError
    from bizy_assets.core.process import prepare_process, uncollected_imports

    try:
        prepare_process()
    except BizyError as error:
        sys.exit(str(error))
    with uncollected_imports():
        from bizy_assets.cli import main as run_command

    run_command()


if __name__ == "__main__":
    main()
