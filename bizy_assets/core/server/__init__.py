"""PostgreSQL servers: run the embedded one, and prepare an external one for a migration.

The embedded server is for users without PostgreSQL of their own. Provisioning creates the role,
the database and the privileges that ``DATABASE_URL`` requires on a server that someone else runs.
"""

from bizy_assets.core.server.embedded import (
    HISTORY_DATABASE,
    TARGET_DATABASE,
    embedded_cluster_folder,
    embedded_database_url,
    stop_embedded_server,
)
from bizy_assets.core.server.provisioning import provision

__all__ = [
    "HISTORY_DATABASE",
    "TARGET_DATABASE",
    "embedded_cluster_folder",
    "embedded_database_url",
    "provision",
    "stop_embedded_server",
]
