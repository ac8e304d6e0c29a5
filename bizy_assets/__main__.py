"""Entry point of ``python -m bizy_assets``."""

import os
import signal
import sys


def _end(number: int, _frame: object) -> None:
    os.write(2, b"The command was interrupted; start it again.\n")
    os._exit(128 + number)


# The imports take a second, in which an exception would become a traceback or a wrong error.
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, _end)

from bizy_assets.cli import main  # noqa: E402

sys.exit(main())
