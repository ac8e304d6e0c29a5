"""PostgreSQL servers: run the embedded one, and prepare an external one for a migration.

The embedded server is for users without PostgreSQL of their own. Provisioning creates the role,
the database and the privileges that ``DATABASE_URL`` requires on a server that someone else runs.
"""

from bizy_assets.core.server import embedded
from bizy_assets.core.server.provisioning import provision

__all__ = ["embedded", "provision"]
