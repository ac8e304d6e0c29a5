"""The tests: real SQLite files, real PostgreSQL, real processes, a real browser.

The folders are those of the code. Besides, ``model`` compares random histories with a model of the
migration, ``e2e`` runs whole processes, ``docs`` reads the documents, ``support`` holds helpers.
"""

import gc

# Collections of garbage after every 700 new objects, as is usual, take an eighth of the time.
gc.set_threshold(100_000, 20, 20)
