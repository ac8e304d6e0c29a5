"""Servers: run the embedded ones, and prepare an external PostgreSQL for a migration.

The embedded PostgreSQL is for users without one of their own, the embedded broker for a fleet.
Provisioning creates the role, the database and the privileges that ``DATABASE_URL`` requires on a
server that someone else runs.
"""

from bizy_assets.core.server import broker, embedded
from bizy_assets.core.server.account import newest_programs
from bizy_assets.core.server.provisioning import provision

__all__ = ["broker", "embedded", "newest_programs", "provision"]
