"""Allocation of ids in the target for the rows of a source that have none yet.

All tables are examined when a run starts, before the first of them is loaded. Rows of a source that
moves its ids get ranges behind every id that is used or allocated, with room for rows to come. Rows
of a source that keeps its ids keep them, unless a row that was made in PostgreSQL since the first
load has the id. The sequences are moved behind what is allocated, so that no other session gets
these ids meanwhile.
"""

_LEAST_ROOM = 256
"""Smallest number of ids of a range that is moved."""
