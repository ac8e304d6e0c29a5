"""Entry point of ``python -m bizy_assets``."""

import sys

from bizy_assets.cli import main

sys.exit(main())
