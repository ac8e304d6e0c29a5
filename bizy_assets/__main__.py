"""Runs ``python -m bizy_assets``."""

import sys

from bizy_assets.commands import main

sys.exit(main())
