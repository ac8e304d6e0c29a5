"""Migration of a Bizy SQLite database to PostgreSQL as Dagster assets, verified by checks."""
